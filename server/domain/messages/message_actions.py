"""A message's life after it was posted: edited, pinned, withdrawn, expired.

Each function is one whole deed within one transaction of the store, as those of
server/domain/administration.py are: it looks whether the actor may do it now (P6),
does it, and writes down what cannot be seen in the room itself. It returns the
message under its new revision, or None where nothing had to be done. All raise
`RequestRefused`.
"""

import msgspec

from protocol.limits import MAX_PINS
from protocol.messages import RoomMessage
from protocol.refusals import Refusal
from server.domain.administration import NotFound
from server.domain.audit import Actor, AuditAction
from server.domain.errors import RequestRefused
from server.domain.messages.history import check_expiry, check_text
from server.domain.permissions import require_account
from server.domain.store import Store
from server.domain.user import Action


def edit(
    store: Store, actor: Actor, message_id: int, text: str, max_chars: int, now_ms: int
) -> RoomMessage | None:
    """Give a message another text; the earlier one is kept for administrators."""
    author = require_account(store, actor, Action.POST)
    message = find(store, message_id)
    text = check_text(text, max_chars)
    if text == message.text:
        return None
    store.history.keep_text(message, now_ms, author.display_name)
    _note(store, actor, AuditAction.MESSAGE_EDITED, message, now_ms)
    return store.history.change(msgspec.structs.replace(message, text=text, edited_at_ms=now_ms))


def withdraw(store: Store, actor: Actor, message_id: int, now_ms: int) -> RoomMessage | None:
    """Take a message back: its place stays, its texts are gone."""
    by = require_account(store, actor, Action.POST).display_name
    message = store.history.by_id(message_id)
    if message is not None and message.withdrawn_at_ms:
        return None
    _note(store, actor, AuditAction.MESSAGE_WITHDRAWN, find(store, message_id), now_ms)
    return _withdrawn(store, find(store, message_id), by, now_ms)


def expire(store: Store, now_ms: int, limit: int) -> list[RoomMessage]:
    """Withdraw the messages whose time has come, as many as the limit allows."""
    return [
        withdraw_by_itself(store, message, now_ms)
        for message in store.history.expired(now_ms, limit)
    ]


def withdraw_by_itself(store: Store, message: RoomMessage, now_ms: int) -> RoomMessage:
    """Withdraw a message that stands: nobody has done it."""
    return _withdrawn(store, message, "", now_ms)


def set_pinned(
    store: Store, actor: Actor, message_id: int, pinned: bool, now_ms: int
) -> RoomMessage | None:
    """Keep a message in everyone's sight, or no longer."""
    require_account(store, actor, Action.POST)
    message = find(store, message_id)
    if bool(message.pinned_at_ms) == pinned:
        return None
    if pinned and len(store.history.pinned()) >= MAX_PINS:
        raise RequestRefused(Refusal.TOO_MANY_PINS, f"at most {MAX_PINS} messages are pinned")
    return store.history.change(
        msgspec.structs.replace(message, pinned_at_ms=now_ms if pinned else 0)
    )


def set_expiry(
    store: Store, actor: Actor, message_id: int, expires_at_ms: int, now_ms: int
) -> RoomMessage | None:
    """Let a message withdraw itself at this time; 0: not."""
    require_account(store, actor, Action.POST)
    message = find(store, message_id)
    if message.expires_at_ms == expires_at_ms:
        return None
    check_expiry(expires_at_ms, now_ms)
    return store.history.change(msgspec.structs.replace(message, expires_at_ms=expires_at_ms))


def _withdrawn(store: Store, message: RoomMessage, by: str, now_ms: int) -> RoomMessage:
    store.history.forget_texts(message.id)
    return store.history.change(
        msgspec.structs.replace(
            message,
            text="",
            answers=(),
            attachments=(),
            withdrawn_at_ms=now_ms,
            withdrawn_by=by,
            pinned_at_ms=0,
            expires_at_ms=0,
        )
    )


def find(store: Store, message_id: int) -> RoomMessage:
    """Return the message, if it is there and stands. Raises NotFound, and RequestRefused."""
    message = store.history.by_id(message_id)
    if message is None:
        raise NotFound("message")
    if message.withdrawn_at_ms:
        raise RequestRefused(Refusal.WITHDRAWN, "this message was withdrawn")
    return message


def _note(
    store: Store, actor: Actor, action: AuditAction, message: RoomMessage, now_ms: int
) -> None:
    store.audit.append(actor, action, now_ms, subject=f"#{message.id}")
