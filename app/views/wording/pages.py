"""What the pages say of moments, refusals and operations, in the person's
language."""

import re
from datetime import datetime
from typing import Literal

from app.i18n import Translator, local_time
from app.models.connection.account import Account
from app.models.connection.status import Phase, Status
from app.models.listing import Reason
from app.models.operation import Operation, OperationStatus
from app.views.wording.states import reason_words, with_time
from protocol.messages import AuditEntry, Limits, Member, Role

OPERATOR = "(operator)"
"""How the server names who works at its own machine."""

_ROLE = "(?P<role>admin|member)"
_DETAILS = {
    _ROLE: "detail.role",
    f"{_ROLE}, uses: (?P<uses>[0-9]+)": "detail.invite",
    f"{_ROLE}, invite (?P<invite>#[0-9]+)": "detail.invited",
    "awaits approval": "detail.awaits_approval",
    "made by (?P<name>.+)": "detail.made_by",
    r"for (?P<when>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)": "detail.scheduled",
}
"""What the server writes down beside an action, and the words for it."""

Tone = Literal["plain", "good", "bad"]

SIGNED_IN = (Phase.CATCHING_UP, Phase.LIVE)
"""Where the server can be asked."""


def is_reachable(status: Status) -> bool:
    """Tell whether the server can be asked for something now."""
    return status.now.phase in SIGNED_IN


def may_administer(account: Account) -> bool:
    """Tell whether the administrators' pages are shown. A courtesy: the server decides
    again at every request (P6)."""
    return account.person is not None and account.person.role is Role.ADMIN


def moment(i18n: Translator, at_ms: int, now: datetime, is_within: bool = False) -> str:
    """Return a day and time in as few words as do; empty for a moment that no calendar
    reaches. `is_within`: in the middle of a sentence."""
    at = local_time(at_ms)
    if at is None:
        return ""
    time = i18n.time(at_ms)
    away = (now.date() - at.date()).days
    if away == 0:
        return i18n.t("when.within_today" if is_within else "when.today", time=time)
    if away == 1:
        return i18n.t("when.within_yesterday" if is_within else "when.yesterday", time=time)
    if away == -1:
        return i18n.t("when.within_tomorrow" if is_within else "when.tomorrow", time=time)
    key = "when.this_year" if at.year == now.year else "when.other_year"
    month = i18n.t(f"month_short.{at.month}")
    return i18n.t(key, day=at.day, month=month, year=at.year, time=time)


def last_seen(i18n: Translator, member: Member, now: datetime) -> str:
    """Return when this person was in the room last."""
    if member.online:
        return i18n.t("people.online")
    if not member.last_seen_ms:
        return i18n.t("people.never")
    return moment(i18n, member.last_seen_ms, now)


def action(i18n: Translator, entry: AuditEntry) -> str:
    """Return what was done; as it is written where there is no word for it."""
    key = f"action.{entry.action}"
    return i18n.t(key) if i18n.has(key) else entry.action


def detail(i18n: Translator, entry: AuditEntry, now: datetime) -> str:
    """Return what else belongs to it, in words where the server has a form for it; a
    device or what is unknown as it is written."""
    for pattern, words in _DETAILS.items():
        found = re.fullmatch(pattern, entry.detail)
        if found is not None:
            params = found.groupdict()
            if "role" in params:
                params["role"] = i18n.t(f"role.{params['role']}")
            if "when" in params:
                at_ms = round(datetime.fromisoformat(params["when"]).timestamp() * 1000)
                params["when"] = moment(i18n, at_ms, now, is_within=True)
            return i18n.t(words, **params)
    return entry.detail


def actor(i18n: Translator, entry: AuditEntry) -> str:
    """Return who did it; the operator at the server's machine in words."""
    return i18n.t("audit.operator") if entry.actor == OPERATOR else entry.actor


def refusal(i18n: Translator, reason: Reason, limits: Limits, now: datetime) -> str:
    """Return why the server did not do it."""
    words = reason_words(i18n, reason.code, limits, reason.params)
    return with_time(i18n, words, reason.again_at_ms, now)


def _done(operation: Operation) -> str:
    """Return which words say that it is done: of a reminder, whom it has reached yet."""
    if operation.deed != "remind" or not operation.params.get("away"):
        return operation.deed
    return "remind_and_later" if operation.params.get("n") else "remind_later"


def operation_words(
    i18n: Translator, operation: Operation, limits: Limits, now: datetime
) -> tuple[Tone, str]:
    """Tell how an operation stands; empty where there is nothing to tell."""
    params = operation.params
    if "at_ms" in params:
        params = params | {"when": moment(i18n, int(params["at_ms"]), now, is_within=True)}
    match operation.status:
        case OperationStatus.UNDER_WAY:
            return "plain", i18n.t(f"doing.{operation.deed}", **params)
        case OperationStatus.DONE:
            return "good", i18n.t(f"done.{_done(operation)}", **params)
        case OperationStatus.REFUSED if operation.reason is not None:
            reason = refusal(i18n, operation.reason, limits, now)
            return "bad", i18n.t("page.refused", reason=reason)
        case OperationStatus.LOST:
            return "bad", i18n.t("page.lost")
        case OperationStatus.UNANSWERED:
            return "bad", i18n.t("page.unanswered")
    return "plain", ""
