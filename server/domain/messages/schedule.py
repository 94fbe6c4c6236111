"""Messages that are posted later: the deeds.

Each deed is whole within one transaction, as those of message_actions.py are. All
raise `RequestRefused`, but for `post_due`, which nobody asks for.

Times are the server's. Who changes a scheduled message becomes its author: nobody is
made to say what somebody else wrote. One whose time came while no server ran is posted
late, and says so; later than MAX_POSTED_LATE_MS it is held until an administrator
decides, as is one whose author may not post any more.
"""

from datetime import UTC, datetime

import msgspec

from protocol.limits import MAX_POSTED_LATE_MS, MAX_SCHEDULE_AHEAD_MS, MAX_SCHEDULED
from protocol.messages import Hold, RoomMessage, ScheduledMessage
from protocol.refusals import Refusal
from server.domain.administration import NotFound
from server.domain.audit import Actor, AuditAction
from server.domain.errors import RequestRefused
from server.domain.messages.attachments import check_draft_and_files
from server.domain.messages.history import Draft
from server.domain.messages.schedule_store import Plan
from server.domain.permissions import require_account
from server.domain.store import Store
from server.domain.user import Action, User

LATE_FROM_MS = 60_000
"""From here on it is said that a message was posted late: sooner, nobody would notice."""


def schedule(
    store: Store, actor: Actor, post_id: bytes, plan: Plan, max_chars: int, now_ms: int
) -> None:
    """Have a message posted at a time."""
    author = require_account(store, actor, Action.POST)
    if store.schedule.has_been_given(author.id, post_id):
        return
    plan = _check(store, plan, max_chars, now_ms)
    if store.schedule.upcoming().count >= MAX_SCHEDULED:
        raise RequestRefused(
            Refusal.TOO_MANY_SCHEDULED, f"at most {MAX_SCHEDULED} messages are scheduled"
        )
    store.schedule.add(author, post_id, plan)
    store.audit.append(actor, AuditAction.MESSAGE_SCHEDULED, now_ms, detail=_moment(plan.at_ms))


def change(
    store: Store,
    actor: Actor,
    scheduled_id: int,
    version: int,
    plan: Plan,
    max_chars: int,
    now_ms: int,
) -> None:
    """Have another message posted in its place, or at another time."""
    author = require_account(store, actor, Action.POST)
    _find(store, scheduled_id, version)
    plan = _check(store, plan, max_chars, now_ms)
    store.schedule.change(scheduled_id, author, plan)
    store.audit.append(actor, AuditAction.SCHEDULE_CHANGED, now_ms, detail=_moment(plan.at_ms))


def cancel(store: Store, actor: Actor, scheduled_id: int, version: int, now_ms: int) -> None:
    """Have it not posted."""
    require_account(store, actor, Action.POST)
    scheduled = _find(store, scheduled_id, version)
    store.schedule.remove(scheduled_id)
    store.audit.append(
        actor, AuditAction.SCHEDULE_CANCELLED, now_ms, detail=_moment(scheduled.at_ms)
    )


def send_now(
    store: Store, actor: Actor, scheduled_id: int, version: int, now_ms: int
) -> RoomMessage:
    """Post it now: in its author's name, or in the actor's where its author may not post any
    more."""
    sender = require_account(store, actor, Action.POST)
    scheduled = _find(store, scheduled_id, version)
    posted = _post(store, scheduled, _author(store, scheduled) or sender, now_ms)
    store.audit.append(
        actor,
        AuditAction.SCHEDULE_SENT,
        now_ms,
        subject=f"#{posted.id}",
        detail=_moment(scheduled.at_ms),
    )
    return posted


def post_due(store: Store, now_ms: int, limit: int) -> list[RoomMessage]:
    """Post those whose time has come, as many as the limit allows, and hold back those
    for which somebody has to decide."""
    posted = []
    for scheduled in store.schedule.due(now_ms, limit):
        author = _author(store, scheduled)
        if now_ms - scheduled.at_ms > MAX_POSTED_LATE_MS:
            store.schedule.hold(scheduled.id, Hold.LATE)
        elif author is None:
            store.schedule.hold(scheduled.id, Hold.AUTHOR)
        else:
            posted.append(_post(store, scheduled, author, now_ms))
    return posted


def _post(store: Store, scheduled: ScheduledMessage, author: User, now_ms: int) -> RoomMessage:
    lifetime_ms = scheduled.lifetime_ms
    draft = Draft(
        scheduled.text,
        scheduled.priority,
        scheduled.answers,
        expires_at_ms=now_ms + lifetime_ms if lifetime_ms else 0,
        due_at_ms=scheduled.at_ms if now_ms - scheduled.at_ms >= LATE_FROM_MS else 0,
        attachments=scheduled.attachments,
    )
    post_id = store.schedule.remove(scheduled.id)
    return store.history.append(author, post_id, draft, now_ms)[0]


def _author(store: Store, scheduled: ScheduledMessage) -> User | None:
    """Return its author; None where that one may not post any more."""
    author = store.users.by_id(scheduled.author_id)
    return author if author is not None and author.may(Action.POST) else None


def _find(store: Store, scheduled_id: int, version: int) -> ScheduledMessage:
    scheduled = store.schedule.by_id(scheduled_id)
    if scheduled is None:
        raise NotFound("scheduled message")
    if scheduled.version != version:
        raise RequestRefused(Refusal.CHANGED_MEANWHILE, "it has another version now")
    return scheduled


def _check(store: Store, plan: Plan, max_chars: int, now_ms: int) -> Plan:
    """Return the plan as it is stored."""
    draft = check_draft_and_files(store, plan.draft, max_chars, now_ms)
    if not now_ms < plan.at_ms <= now_ms + MAX_SCHEDULE_AHEAD_MS:
        raise RequestRefused(
            Refusal.SCHEDULE_TIME_INVALID, "it must lie ahead, and not more than two years"
        )
    return plan._replace(draft=msgspec.structs.replace(draft, expires_at_ms=0))


def _moment(at_ms: int) -> str:
    """Return what is on record of a time, in UTC: readers have zones of their own."""
    return f"for {datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
