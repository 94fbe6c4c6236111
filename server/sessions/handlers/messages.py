"""Answer sync, history and posting."""

from protocol.limits import MAX_CHANGES_BYTES
from protocol.messages import Changes, GetHistory, History, Post, Posted, RoomMessage, Sync
from server.domain import permissions
from server.domain.errors import RequestRefused
from server.domain.messages.attachments import check_draft_and_files
from server.domain.messages.history import Draft
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
    page = await session.context.catch_ups.read(session.actor(), after)
    session.send(Changes(message.request, *page))


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
    draft = Draft(
        message.text,
        message.priority,
        message.answers,
        expires_at_ms,
        attachments=message.attachments,
    )

    def store_it(store: Store) -> tuple[RoomMessage, bool]:
        # Under the name that the author has at this moment.
        author = permissions.require_account(store, actor, Action.POST)
        try:
            max_chars = context.settings.text_max_chars
            checked = check_draft_and_files(store, draft, max_chars, now_ms)
        except RequestRefused:
            # What is stored was judged when it came: its expiry may have passed, and
            # the room may take less by now (P2).
            known = store.history.posted(author, message.post_id)
            if known is None:
                raise
            return known, False
        return store.history.append(author, message.post_id, checked, now_ms)

    stored, is_new = await session.write(store_it)
    session.send(Posted(message.request, stored.id, stored.revision, stored.posted_at_ms))
    if is_new:
        context.room.publish(stored)
        context.receipt_tracker.counts_changed()
