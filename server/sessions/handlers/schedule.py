"""Answer what is asked about messages that are posted later. What each takes is in
server/domain/messages/schedule.py."""

from collections.abc import Callable
from typing import TypeVar

from protocol.limits import MAX_CHANGES_BYTES
from protocol.messages import (
    CancelScheduled,
    ChangeScheduled,
    Done,
    GetScheduled,
    Schedule,
    Scheduled,
    SendScheduled,
    Upcoming,
)
from server.domain.audit import Actor
from server.domain.messages import schedule
from server.domain.messages.history import Draft
from server.domain.messages.schedule_store import Plan
from server.domain.store import Store
from server.domain.user import Action
from server.sessions.session import Session

Result = TypeVar("Result")


async def add(session: Session, message: Schedule) -> None:
    """Have a message posted at a time."""
    max_chars = session.context.settings.text_max_chars
    await _change(
        session,
        message.request,
        lambda store, actor, now_ms: schedule.schedule(
            store, actor, message.post_id, _plan(message), max_chars, now_ms
        ),
    )


async def change(session: Session, message: ChangeScheduled) -> None:
    """Have another message posted in its place."""
    max_chars = session.context.settings.text_max_chars
    await _change(
        session,
        message.request,
        lambda store, actor, now_ms: schedule.change(
            store,
            actor,
            message.scheduled_id,
            message.version,
            _plan(message),
            max_chars,
            now_ms,
        ),
    )


async def cancel(session: Session, message: CancelScheduled) -> None:
    """Have it not posted."""
    await _change(
        session,
        message.request,
        lambda store, actor, now_ms: schedule.cancel(
            store, actor, message.scheduled_id, message.version, now_ms
        ),
    )


async def send_now(session: Session, message: SendScheduled) -> None:
    """Post it now."""
    posted = await _change(
        session,
        message.request,
        lambda store, actor, now_ms: schedule.send_now(
            store, actor, message.scheduled_id, message.version, now_ms
        ),
    )
    session.context.room.publish(posted)
    session.context.receipt_tracker.counts_changed()


async def page(session: Session, message: GetScheduled) -> None:
    """Tell what is to be posted."""
    found, more = await session.read(
        lambda store: store.schedule.page(message.offset, message.limit, MAX_CHANGES_BYTES),
        Action.POST,
    )
    session.send(Scheduled(message.request, tuple(found), more))


def _plan(message: Schedule | ChangeScheduled) -> Plan:
    draft = Draft(message.text, message.priority, message.answers, attachments=message.attachments)
    return Plan(message.at_ms, draft, message.lifetime_ms)


async def _change(
    session: Session, request: int, change: Callable[[Store, Actor, int], Result]
) -> Result:
    """Change it in the store, answer, and tell all administrators that something has
    changed."""

    def change_it(store: Store, actor: Actor, now_ms: int) -> tuple[Result, Upcoming]:
        return change(store, actor, now_ms), store.schedule.upcoming()

    result, upcoming = await session.change(change_it)
    session.send(Done(request))
    session.context.room.set_upcoming(upcoming)
    return result
