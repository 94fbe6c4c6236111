"""What states and refusals are called, in the person's language."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.i18n import Translator, local_time
from app.models.connection.account import FormError
from app.models.connection.status import Phase, Snapshot
from app.views.wording.sizes import file_size
from protocol.messages import Limits

Tone = Literal["good", "busy", "bad"]

NEAR = timedelta(minutes=2)


@dataclass(frozen=True)
class StateWords:
    """A state of the connection as a person reads it."""

    tone: Tone
    text: str
    hurry: str = ""
    """What the button is called that makes an attempt at once, where one can."""
    is_counting: bool = False
    """Whether the text changes with the clock."""
    detail: str = ""
    """What else there is to know, for whoever asks."""


def reason_words(i18n: Translator, code: str, limits: Limits, params: dict[str, int | str]) -> str:
    """Return the sentence for a refusal's or a farewell's code. `params` win over the
    limits that the server announced."""
    key = f"reason.{code}"
    if not i18n.has(key):
        return i18n.t("reason.unknown", code=code)
    return i18n.t(key, **({"code": code} | _bounds(code, limits) | params))


def with_time(i18n: Translator, words: str, again_at_ms: int, now: datetime) -> str:
    """Return these words and, where that is known, when it can be done again; to the
    second where that is near."""
    again_at = local_time(again_at_ms) if again_at_ms else None
    if again_at is None:
        return words
    away = again_at - now
    if away > NEAR:
        # No earlier than that: the minute that has begun then is not over.
        again_at += timedelta(seconds=59)
    time = f"{again_at:%H:%M:%S}" if away <= NEAR else f"{again_at:%H:%M}"
    return i18n.t("app.again_at", reason=words, time=time)


def form_error(i18n: Translator, error: FormError, limits: Limits, now: datetime) -> str:
    """Return the sentence to stand beside the refused field."""
    words = reason_words(i18n, error.code, limits, error.params)
    return with_time(i18n, words, error.again_at_ms, now)


def room_state(i18n: Translator, now: Snapshot, clock: float, limits: Limits) -> StateWords:
    """Return the state as the room's header tells it; `clock` is what
    `Clock.monotonic_s` says."""
    match now.phase:
        case Phase.LIVE:
            parts = [i18n.t("state.connected")]
            if now.online:
                parts.append(i18n.t("state.online", n=now.online))
            if now.complete_through:
                parts.append(i18n.t("state.complete", id=now.complete_through))
            return StateWords("good", " · ".join(parts), detail=detail(i18n, now))
        case Phase.CATCHING_UP if now.missing:
            words = i18n.t("state.missing", n=now.missing)
            return StateWords("bad", words, detail=detail(i18n, now))
        case Phase.CATCHING_UP:
            return StateWords("busy", i18n.t("state.catching_up"))
        case Phase.WAITING:
            seconds = seconds_left(now, clock)
            if seconds is None:
                return StateWords("busy", i18n.t("state.connecting"))
            text = i18n.t("state.reconnecting", seconds=seconds)
            return StateWords("bad", text, i18n.t("state.now"), is_counting=True)
        case Phase.ENDED | Phase.UNTRUSTED:
            words = reason_words(i18n, _reason(now), limits, {})
            return StateWords("bad", i18n.t("state.ended", reason=words), i18n.t("state.again"))
        case _:
            return StateWords("busy", i18n.t("state.connecting"))


def detail(i18n: Translator, now: Snapshot) -> str:
    """Tell where one learns whether anything is missing; empty: nobody knows."""
    return i18n.t("completeness.open") if now.complete_through or now.missing else ""


def server_state(i18n: Translator, now: Snapshot, clock: float, limits: Limits) -> StateWords:
    """Return the state as the sign-in form tells it: which server, and whether it is
    there. Empty where no server is known."""
    match now.phase:
        case Phase.NO_SERVER:
            return StateWords("busy", "")
        case Phase.WAITING:
            seconds = seconds_left(now, clock)
            if seconds is None:
                return StateWords("busy", i18n.t("state.connecting_to", address=now.address))
            text = i18n.t("state.cannot_reach", address=now.address, seconds=seconds)
            return StateWords("bad", text, i18n.t("state.now"), is_counting=True)
        case Phase.ENDED | Phase.UNTRUSTED:
            words = reason_words(i18n, _reason(now), limits, {})
            return StateWords("bad", words, i18n.t("state.again"))
        case Phase.CONNECTING:
            return StateWords("busy", i18n.t("state.connecting_to", address=now.address))
        case _:
            return StateWords("good", i18n.t("state.connected_to", address=now.address))


def seconds_left(now: Snapshot, clock: float) -> int | None:
    """Return whole seconds to the next attempt, or None when it is due."""
    if now.retry_at is None or now.retry_at <= clock:
        return None
    return math.ceil(now.retry_at - clock)


def _reason(now: Snapshot) -> str:
    return "untrusted" if now.phase is Phase.UNTRUSTED else now.reason


def _bounds(code: str, limits: Limits) -> dict[str, int | str]:
    if code.startswith("username"):
        return {"min": limits.username_min_chars, "max": limits.username_max_chars}
    if code.startswith("password"):
        return {"min": limits.password_min_chars, "max": limits.password_max_chars}
    if code.startswith("display_name"):
        return {"min": 1, "max": limits.display_name_max_chars}
    if code.startswith("attachment"):
        return {"limit": file_size(limits.attachment_bytes)}
    return {"max": limits.text_chars}
