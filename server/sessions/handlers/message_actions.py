"""Answer edit, withdraw, pin and expire. What each takes is in
server/domain/messages/message_actions.py."""

from collections.abc import Callable

from protocol.limits import MAX_CHANGES_BYTES, MAX_VERSIONS
from protocol.messages import (
    Done,
    Edit,
    GetVersions,
    Pin,
    RoomMessage,
    SetExpiry,
    Version,
    Versions,
    Withdraw,
)
from server.domain.audit import Actor
from server.domain.messages import message_actions
from server.domain.store import Store
from server.domain.user import Action
from server.sessions.session import Session


async def edit(session: Session, message: Edit) -> None:
    """Give a message another text."""
    max_chars = session.context.settings.text_max_chars
    await _change(
        session,
        message.request,
        lambda store, actor, now_ms: message_actions.edit(
            store, actor, message.message_id, message.text, max_chars, now_ms
        ),
    )


async def withdraw(session: Session, message: Withdraw) -> None:
    """Take a message back."""
    await _change(
        session,
        message.request,
        lambda store, actor, now_ms: message_actions.withdraw(
            store, actor, message.message_id, now_ms
        ),
    )


async def pin(session: Session, message: Pin) -> None:
    """Keep a message in everyone's sight, or no longer."""
    await _change(
        session,
        message.request,
        lambda store, actor, now_ms: message_actions.set_pinned(
            store, actor, message.message_id, message.pinned, now_ms
        ),
    )


async def set_expiry(session: Session, message: SetExpiry) -> None:
    """Let a message withdraw itself at a time."""
    await _change(
        session,
        message.request,
        lambda store, actor, now_ms: message_actions.set_expiry(
            store, actor, message.message_id, message.expires_at_ms, now_ms
        ),
    )


async def versions(session: Session, message: GetVersions) -> None:
    """Tell a page of a message's earlier texts."""

    def page(store: Store) -> tuple[list[Version], bool]:
        message_actions.find(store, message.message_id)
        return store.history.earlier_texts(
            message.message_id, message.offset, MAX_VERSIONS, MAX_CHANGES_BYTES
        )

    earlier, more = await session.read(page, Action.POST)
    session.send(Versions(message.request, tuple(earlier), more))


async def _change(
    session: Session, request: int, change: Callable[[Store, Actor, int], RoomMessage | None]
) -> None:
    """Change it in the store, answer, and let everyone see it."""
    context = session.context
    changed, pinned = await session.change(
        lambda store, actor, now_ms: (change(store, actor, now_ms), store.history.pinned())
    )
    session.send(Done(request))
    if changed is not None:
        context.room.publish(changed)
        context.room.set_pinned(pinned)
