"""Letting go of messages for their age, where the operator has set one.

The room's messages are looked through from the oldest on, once: each that is past its
time withdraws itself, as one does whose expiry has come. What is pinned, and what somebody
is yet to answer, is kept until that is so no more; it is looked at again now and then.
The record of confirmations stays: it knows of a text no more than its digest.

Each function is one step within a transaction.
"""

from typing import NamedTuple

from protocol.messages import RoomMessage
from server.domain.messages.message_actions import withdraw_by_itself
from server.domain.store import Store

DAY_MS = 24 * 60 * 60 * 1000

MAX_LOOKED_AT = 500
"""Messages that one step looks at."""


MAX_ASKS_LOOKED_AT = 5
"""Of those, such that ask: for each, everybody's answers may have to be looked through."""


class Step(NamedTuple):
    """What a step has done. `is_last`: there is nothing to do for a while. Else the next
    goes on from `after_id`, where it goes by ids."""

    gone: list[RoomMessage]
    is_last: bool
    after_id: int = 0


def let_go(store: Store, keep_days: int, now_ms: int, limit: int) -> Step:
    """Let go of so many at most that have come past their time since the last step."""
    before_ms = now_ms - keep_days * DAY_MS
    messages = store.retention.older_than(before_ms, MAX_LOOKED_AT)
    gone: list[RoomMessage] = []
    through_id = asks = 0
    for message in messages:
        asks += bool(message.answers)
        if len(gone) == limit or asks > MAX_ASKS_LOOKED_AT:
            break
        if _is_exempt(store, message):
            store.retention.keep_longer(message.id, True)
        elif not message.withdrawn_at_ms:
            gone.append(withdraw_by_itself(store, message, now_ms))
        through_id = message.id
    if through_id:
        store.retention.keep_from(through_id + 1)
    is_last = len(messages) < MAX_LOOKED_AT and (not messages or through_id == messages[-1].id)
    return Step(gone, is_last)


def let_go_of_kept(store: Store, after_id: int, now_ms: int) -> Step:
    """Let go of some that were kept longer, above this id, and need not be any more."""
    limit = MAX_ASKS_LOOKED_AT
    messages = store.retention.kept_longer(after_id, limit)
    gone: list[RoomMessage] = []
    for message in messages:
        if _is_exempt(store, message):
            continue
        store.retention.keep_longer(message.id, False)
        if not message.withdrawn_at_ms:
            gone.append(withdraw_by_itself(store, message, now_ms))
    is_last = len(messages) < limit
    return Step(gone, is_last, 0 if is_last else messages[-1].id)


def _is_exempt(store: Store, message: RoomMessage) -> bool:
    if message.withdrawn_at_ms:
        return False
    return bool(message.pinned_at_ms) or (
        bool(message.answers) and store.retention.waits_for_answers(message)
    )
