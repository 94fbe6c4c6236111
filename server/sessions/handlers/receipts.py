"""Answer what is asked about receipts: seen, confirmed, and who has not. What each
takes is in server/domain/messages/receipts.py."""

import msgspec

from protocol.codec import encode_from_server
from protocol.limits import MAX_TALLIES
from protocol.messages import (
    Attending,
    Confirm,
    Confirmed,
    GetRoster,
    GetTallies,
    OwnAnswers,
    OwnReceipt,
    Remind,
    Reminded,
    RoomMessage,
    Roster,
    RosterEntry,
    Seen,
    SeenSpan,
    TalliesOf,
    Tally,
)
from protocol.refusals import Refusal
from server.background.receipt_tracker import tallies_of
from server.domain import permissions
from server.domain.audit import AuditAction
from server.domain.errors import RequestRefused
from server.domain.messages import receipts
from server.domain.store import Store
from server.domain.user import Action
from server.sessions.session import Session


async def seen(session: Session, message: Seen) -> None:
    """Note what this person has seen. It has no answer."""
    assert session.user is not None, "the table of handlers asks for a right"
    for span in message.spans or (SeenSpan(1, message.through_id),):
        session.context.receipt_tracker.mark_seen(session.user.id, span.from_id, span.to_id)


async def attending(session: Session, message: Attending) -> None:
    """Note whether this person could see what is shown, if the room is to know it. It has
    no answer."""
    if session.context.settings.asks_attention:
        session.context.room.set_attention(session, message.attention)


async def tallies(session: Session, message: GetTallies) -> None:
    """Tell how far some messages have come."""

    def count(store: Store) -> list[Tally]:
        if message.to_id < message.from_id:
            return []
        # No message is newer than the newest, whatever number is asked for.
        before_id = min(message.to_id, store.history.head().id) + 1
        page, _ = store.history.before(before_id, MAX_TALLIES, 1 << 30)
        wanted = [one for one in page if one.id >= message.from_id]
        return tallies_of(store, wanted[::-1])

    counted = await session.read(count, Action.POST)
    session.send(TalliesOf(message.request, tuple(counted)))


async def confirm(session: Session, message: Confirm) -> None:
    """Take a person's answer, and tell the person's other devices."""
    context = session.context
    actor, now_ms = session.actor(), context.clock.now_ms()

    def store_it(store: Store) -> tuple[OwnReceipt, bool]:
        person = permissions.require_account(store, actor, Action.READ)
        asked = store.history.by_id(message.message_id)
        return receipts.confirm(store.receipts, person, asked, message.choice, now_ms)

    own_receipt, is_new = await session.write(store_it)
    session.send(Confirmed(message.request, own_receipt))
    if is_new and actor.id is not None:
        context.receipt_tracker.counts_changed()
        context.room.tell_people(
            encode_from_server(OwnAnswers((own_receipt,))), {actor.id}, but=session
        )


async def roster(session: Session, message: GetRoster) -> None:
    """Tell a page of who has confirmed a message and who has not."""
    room = session.context.room

    def page(store: Store) -> list[RosterEntry]:
        asked = store.history.by_id(message.message_id)
        if asked is None:
            raise RequestRefused(Refusal.NOT_FOUND, "there is no such message")
        return store.receipts.roster(asked, message.after_person_id, message.limit + 1)

    entries = await session.read(page, Action.POST)
    told = tuple(
        msgspec.structs.replace(one, online=True, attention=room.attention_of(one.person_id))
        if room.is_here(one.person_id)
        else one
        for one in entries[: message.limit]
    )
    more = len(entries) > message.limit
    session.send(Roster(message.request, message.message_id, told, more))


async def remind(session: Session, message: Remind) -> None:
    """Ask those once more who have not confirmed a message."""
    context = session.context
    actor, now_ms = session.actor(), context.clock.now_ms()

    def store_it(store: Store) -> tuple[RoomMessage, list[int]]:
        permissions.require(store, actor, Action.POST)
        asked = store.history.by_id(message.message_id)
        found = receipts.remind(store.receipts, asked, now_ms)
        store.audit.append(actor, AuditAction.REMINDED, now_ms, subject=f"#{message.message_id}")
        return found

    asked, people = await session.write(store_it)
    away = sum(not context.room.is_here(user_id) for user_id in people)
    session.send(Reminded(message.request, len(people), now_ms, away))
    own_receipt = OwnReceipt(asked.id, reminded_at_ms=now_ms)
    context.room.tell_people(encode_from_server(OwnAnswers((own_receipt,))), set(people))
