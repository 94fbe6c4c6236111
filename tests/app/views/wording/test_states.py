"""Every state of the connection and every refusal has its words."""

from datetime import datetime

import pytest

from app.i18n import LANGUAGES, Translator
from app.models.connection.account import Field, FormError
from app.models.connection.status import Phase, Snapshot
from app.models.settings import Language
from app.views.wording.states import (
    form_error,
    reason_words,
    room_state,
    seconds_left,
    server_state,
)
from protocol.messages import Limits
from protocol.refusals import Farewell, Refusal

NOW = 1000.0
TODAY = datetime(2026, 11, 5, 9, 30, 15)
EN = Translator("en")
ADDRESS = "room.example:7450"


def snapshot(phase: Phase, **values: object) -> Snapshot:
    return Snapshot(phase=phase, address=ADDRESS, **values)  # type: ignore[arg-type]


def each_state(phase: Phase) -> list[Snapshot]:
    return [
        snapshot(phase),
        snapshot(phase, retry_at=NOW + 5, reason="unreachable"),
        snapshot(phase, retry_at=NOW - 5, reason="lost"),
        snapshot(phase, reason=Farewell.SIGNED_OUT, online=3, members=4, complete_through=17),
        snapshot(phase, reason="a code of next year"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_words_in_every_language(
    language: Language, phase: Phase, caplog: pytest.LogCaptureFixture
) -> None:
    for now in each_state(phase):
        for describe in (room_state, server_state):
            words = describe(Translator(language), now, NOW, Limits())
            assert words.tone in ("good", "busy", "bad")
            assert "{" not in words.text + words.hurry
            nothing_to_tell = describe is server_state and phase is Phase.NO_SERVER
            assert bool(words.text) is not nothing_to_tell
    assert caplog.records == []


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (snapshot(Phase.LIVE), "Connected"),
        (snapshot(Phase.LIVE, online=1), "Connected · 1 online"),
        (snapshot(Phase.LIVE, online=418, complete_through=1482),
         "Connected · 418 online · complete through #1482"),
        (snapshot(Phase.CATCHING_UP), "Catching up…"),
        (snapshot(Phase.CONNECTING), "Connecting…"),
        (snapshot(Phase.GREETED), "Connecting…"),
        (snapshot(Phase.SIGNING_IN), "Connecting…"),
        (snapshot(Phase.WAITING), "Connecting…"),
        (snapshot(Phase.WAITING, retry_at=NOW + 4.2), "Reconnecting in 5 s"),
        (snapshot(Phase.ENDED, reason="signed_out"),
         "Not connected: You were signed out; please sign in again."),
    ],
)  # fmt: skip
def test_the_rooms_state(now: Snapshot, text: str) -> None:
    assert room_state(EN, now, NOW, Limits()).text == text


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (snapshot(Phase.NO_SERVER), ""),
        (snapshot(Phase.GREETED), f"{ADDRESS} · connected"),
        (snapshot(Phase.CONNECTING), f"Connecting to {ADDRESS}…"),
        (snapshot(Phase.WAITING, retry_at=NOW + 3),
         f"Can't reach {ADDRESS}. Trying again in 3 s"),
        (snapshot(Phase.ENDED, reason="room_full"),
         "The room is full; try again in a few minutes."),
    ],
)  # fmt: skip
def test_the_servers_state(now: Snapshot, text: str) -> None:
    assert server_state(EN, now, NOW, Limits()).text == text


@pytest.mark.parametrize("describe", [room_state, server_state])
def test_an_attempt_can_be_hurried_just_while_it_waits_or_has_ended(describe: object) -> None:
    assert callable(describe)
    offered = {
        phase: describe(EN, snapshot(phase, retry_at=NOW + 3), NOW, Limits()).hurry
        for phase in Phase
    }
    hurried = {phase for phase, words in offered.items() if words}
    assert hurried == {Phase.WAITING, Phase.UNTRUSTED, Phase.ENDED}


def test_only_a_countdown_counts() -> None:
    for phase in Phase:
        words = room_state(EN, snapshot(phase, retry_at=NOW + 3), NOW, Limits())
        assert words.is_counting is (phase is Phase.WAITING)
    assert not room_state(EN, snapshot(Phase.WAITING, retry_at=NOW), NOW, Limits()).is_counting


@pytest.mark.parametrize(
    ("retry_at", "seconds"),
    [(None, None), (NOW, None), (NOW - 1, None), (NOW + 0.01, 1), (NOW + 1, 1), (NOW + 1.2, 2)],
)
def test_the_seconds_left_never_say_zero(retry_at: float | None, seconds: int | None) -> None:
    assert seconds_left(snapshot(Phase.WAITING, retry_at=retry_at), NOW) == seconds


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted({*Refusal, *Farewell}))
def test_p10_a_refusals_sentence_is_whole(
    language: Language, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    sentence = reason_words(Translator(language), code, Limits(), {})
    assert sentence and "{" not in sentence
    assert caplog.records == []


@pytest.mark.parametrize("code", ["", "next_years_code", "a.b", "reason", "{code}", "unknown"])
def test_p10_a_code_that_is_not_known_is_told_as_it_is(code: str) -> None:
    said = reason_words(EN, code, Limits(), {})
    assert said == f"The server refused this ({code}); try again, or tell its administrator."


def test_p10_the_bounds_are_the_servers_and_the_refusals_own_win() -> None:
    limits = Limits(password_min_chars=12, username_min_chars=2, username_max_chars=9)
    error = FormError(Field.PASSWORD, Refusal.PASSWORD_TOO_SHORT)
    assert form_error(EN, error, limits, TODAY) == "Use at least 12 characters."
    error = FormError(Field.PASSWORD, Refusal.PASSWORD_TOO_SHORT, {"min": 15})
    assert form_error(EN, error, limits, TODAY) == "Use at least 15 characters."
    assert "2 to 9 letters" in reason_words(EN, Refusal.USERNAME_INVALID, limits, {})
    assert "4000" in reason_words(EN, Refusal.TEXT_TOO_LONG, limits, {})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_that_passes_says_when_in_every_language(language: Language) -> None:
    i18n = Translator(language)

    def told(away_s: float) -> str:
        again_at_ms = round((TODAY.timestamp() + away_s) * 1000)
        error = FormError(Field.PASSWORD, "too_many_attempts", {}, again_at_ms)
        return form_error(i18n, error, Limits(), TODAY)

    assert "09:30:45" in told(30)
    assert "10:31" in told(3600) and told(3600).count(":") == 1, "no earlier than that"
    error = FormError(Field.PASSWORD, "too_many_attempts")
    assert form_error(i18n, error, Limits(), TODAY) == i18n.t("reason.too_many_attempts")
