"""Answer sync, history and posting."""

from protocol.limits import MAX_CHANGES_BYTES, MAX_CHANGES_MESSAGES
from protocol.messages import Changes, GetHistory, History, Post, Posted, RoomMessage, Sync
from protocol.refusals import Refusal
from server.domain import permissions
from server.domain.errors import RequestRefused
from server.domain.history import Draft, check_draft
from server.domain.store import Store
from server.domain.user import Action
from server.sessions.session import Session


async def sync(session: Session, message: Sync) -> None:
    """Tell what changed after a revision, as much as fits one answer (P4)."""
    after = message.after_revision
    head = session.context.room.head
    if after == head.revision:
        # What most ask who come back: nothing has changed, and nothing need be read.
        session.send(Changes(message.request, (), after, after))
        return

    def changes(store: Store) -> Changes:
        # The head is read first: what is posted between the two reads can only
        # make the answer reach further than the head it names.
        head = store.history.head()
        if after > head.revision:
            raise RequestRefused(
                Refusal.AHEAD_OF_ROOM, f"the room is at revision {head.revision}, not {after}"
            )
        messages = store.history.changes_after(after, MAX_CHANGES_MESSAGES, MAX_CHANGES_BYTES)
        through = messages[-1].revision if messages else after
        return Changes(message.request, tuple(messages), through, max(head.revision, through))

    session.send(await session.read(changes))


async def history(session: Session, message: GetHistory) -> None:
    """Tell a page of messages, newest first."""
    messages, more = await session.read(
        lambda store: store.history.before(message.before_id, message.limit, MAX_CHANGES_BYTES)
    )
    session.send(History(message.request, tuple(messages), more))


async def post(session: Session, message: Post) -> None:
    """Store a message, then confirm it to its author, then tell everyone (P1).
    The same post again is confirmed again and told to no one (P2)."""
    context = session.context
    actor, now_ms = session.actor(), context.clock.now_ms()
    # "For an hour" begins when everybody can read it, however long it was on its way.
    lifetime_ms = message.lifetime_ms
    expires_at_ms = now_ms + lifetime_ms if lifetime_ms else message.expires_at_ms
    draft = Draft(message.text, message.priority, message.answers, expires_at_ms)

    def store_it(store: Store) -> tuple[RoomMessage, bool]:
        # Under the name that the author has at this moment.
        author = permissions.require_account(store, actor, Action.POST)
        # What is stored was judged when it came: its expiry may have passed, and
        # the room may take less by now (P2).
        known = store.history.posted(author, message.post_id)
        if known is not None:
            return known, False
        checked = check_draft(draft, context.settings.text_max_chars, now_ms)
        return store.history.append(author, message.post_id, checked, now_ms)

    stored, is_new = await session.write(store_it)
    session.send(Posted(message.request, stored.id, stored.revision, stored.posted_at_ms))
    if is_new:
        context.room.publish(stored)
        context.receipt_tracker.counts_changed()
