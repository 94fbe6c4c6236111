"""Signing in and out in every order that a person, a server and a network can
bring about."""

import time
from pathlib import Path

import pytest

from app.controllers.account.sign_in import BUSY_TRIES
from app.controllers.common import requests
from app.models.connection.account import Field, FormError
from app.models.connection.status import Phase
from app.net.backoff import BackoffPolicy
from protocol.codec import encode
from protocol.messages import (
    GetHistory,
    Hello,
    Refused,
    Register,
    Resume,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
)
from protocol.refusals import Refusal
from tests.app.controllers.play import ALICE, BOB, PASSWORD, TOKEN, Play
from tests.app.net.scripted import ScriptedServer


def resuming(play: Play) -> int:
    """Sign alice in, break the connection, and hear her come back. Returns the
    number under which she asks."""
    play.sign_in()
    play.peer.close()
    play.greet()
    resume = play.hear_a(Resume)
    assert resume.token == TOKEN
    return resume.request


def kept(play: Play) -> bytes | None:
    return play.credentials.load(f"alice@tcp://127.0.0.1:{play.server.port}")


def test_signing_out_while_resuming_does_not_sign_in_again(play: Play) -> None:
    request = resuming(play)
    play.client.session.sign_out()
    play.say(SignedIn(request, ALICE, TOKEN, 0, 0))
    sign_out = play.hear_a(SignOut)
    assert play.client.account.person is None and kept(play) is None
    play.client.session.sign_in("bob", PASSWORD, True)
    play.say(SignedOut(sign_out.request))
    play.until(lambda: play.client.session._attempt is None, "to ask for bob")
    request = play.hear_a(SignIn).request
    play.say(SignedIn(request, BOB, b"b" * 32, 0, 0))
    play.until(lambda: play.client.account.person == BOB)


def test_signing_out_while_a_resume_that_is_refused_waits(play: Play) -> None:
    request = resuming(play)
    play.client.session.sign_out()
    play.client.session.sign_in("bob", PASSWORD, True)
    play.say(Refused(request, "session_ended"))
    play.until(lambda: play.client.session._attempt is None, "to ask for bob")
    assert play.hear_a(SignIn).username == "bob"
    assert play.client.account.busy and play.client.account.error is None


def test_signing_out_while_the_server_is_too_busy_to_resume(play: Play) -> None:
    request = resuming(play)
    play.say(Refused(request, "busy", "", 50))
    play.until(lambda: not play.client._requests._pending, "to be told to wait")
    play.client.session.sign_out()
    play.client.session.sign_in("bob", PASSWORD, True)
    assert play.hear_a(SignIn).username == "bob", "nothing is awaited any more"


def test_a_busy_server_is_asked_again_and_only_on_the_same_link(play: Play) -> None:
    request = resuming(play)
    play.say(Refused(request, "busy", "", 50))
    soon = time.monotonic() + 5
    play.until(lambda: any(at < soon for at, *_ in play.headless._timers), "to wait")
    play.peer.close()
    play.greet()
    request = play.hear_a(Resume).request
    play.say(SignedIn(request, ALICE, TOKEN, 0, 0))
    play.until_phase(Phase.LIVE)
    play.until(
        lambda: not any(at < soon for at, *_ in play.headless._timers), "the old time to have come"
    )
    assert play.client.status.now.phase is Phase.LIVE
    assert not play.client._requests._pending, "and nothing was asked"


@pytest.mark.parametrize("answer", ["malformed", "not_now"])
def test_a_sign_out_that_is_refused_comes_back_without_a_session(play: Play, answer: str) -> None:
    play.sign_in()
    play.client.session.sign_out()
    request = play.hear_a(SignOut).request
    play.say(Refused(request, answer))
    play.until(lambda: not play.client._requests.is_linked, "to hang up")
    play.greet()
    play.client.session.sign_in("bob", PASSWORD, True)
    assert play.hear_a(SignIn).username == "bob"


def test_an_answer_to_whoever_signed_out_is_none_to_the_next(play: Play) -> None:
    play.sign_in(revision=3, last_id=3)
    history = play.hear_a(GetHistory)
    play.client.session.sign_out()
    sign_out = play.hear_a(SignOut)
    play.say(Refused(history.request, "busy", "", 1))
    play.say(SignedOut(sign_out.request))
    play.until(lambda: play.client.session._session.name == "NONE")
    play.sign_in(BOB, b"b" * 32, 3, 3)
    assert play.hear_a(GetHistory).before_id == 0
    play.settle()
    due = [at for at, *_ in play.headless._timers if at < time.monotonic() + 5]
    assert not due, "alice's page is not asked for again"


def test_a_second_click_sends_nothing_more(play: Play) -> None:
    play.client.session.sign_in("alice", PASSWORD, True)
    play.client.session.sign_in("mallory", "another password", False)
    request = play.hear_a(SignIn).request
    play.say(SignedIn(request, ALICE, TOKEN, 0, 0))
    play.until(lambda: play.client.account.person == ALICE)
    assert kept(play) == TOKEN, "as the first click asked"


def test_signing_in_while_waiting_for_the_next_attempt_does_not_wait_for_it(
    tmp_path: Path,
) -> None:
    play = Play(tmp_path, BackoffPolicy(first_s=1e6, cap_s=1e6))
    play.peer.close()  # the first attempt after a break is made at once
    play.server.accept().close()
    play.until_phase(Phase.WAITING)
    play.client.session.sign_in("alice", PASSWORD, True)
    play.greet()
    assert play.hear_a(SignIn).username == "alice"
    play.close()


def end(play: Play) -> None:
    """Refuse to speak the client's version."""
    play.peer.close()
    peer = play.server.accept()
    peer.socket.sendall(encode(Refused(peer.hear_a(Hello).request, "version_unsupported")))
    play.server.accept()  # the client tried again before it understood
    play.until_phase(Phase.ENDED)


def test_the_end_is_the_end_whatever_was_still_on_its_way(play: Play) -> None:
    end(play)
    play.headless.turn()
    play.headless.turn()
    now = play.client.status.now
    assert (now.phase, now.reason, now.retry_at) == (Phase.ENDED, "version_unsupported", None)
    play.client.reconnect_now()
    play.greet()
    play.until_phase(Phase.GREETED)


def test_signing_in_after_the_end_tries_again(play: Play) -> None:
    end(play)
    play.client.session.sign_in("alice", PASSWORD, True)
    play.greet()
    assert play.hear_a(SignIn).username == "alice"


@pytest.mark.parametrize("half", ["\ud83d", "a\udc00"])
def test_p10_half_a_character_is_told_at_its_field(play: Play, half: str) -> None:
    play.client.session.sign_in(half, PASSWORD, True)
    assert play.client.account.error == FormError(Field.PASSWORD, "wrong_credentials")
    play.client.session.sign_in("alice", half, True)
    assert play.client.account.error == FormError(Field.PASSWORD, "wrong_credentials")
    for name, display_name, password, field in (
        (half * 3, "Bob", PASSWORD, Field.USERNAME),
        ("bob", half, PASSWORD, Field.DISPLAY_NAME),
        ("bob", "Bob", half * 10, Field.FORM),
    ):
        play.client.session.register(name, display_name, password, "", True)
        error = play.client.account.error
        assert error is not None and error.field is field and not play.client.account.busy
    play.client.session.register("bob", "Bob", PASSWORD, "", True)
    assert play.hear_a(Register).username == "bob", "the connection is sound"


@pytest.mark.parametrize(("username", "password"), [("a" * 2000, PASSWORD), ("a", "b" * 5000)])
def test_p10_what_is_longer_than_a_server_hears_is_told(
    play: Play, username: str, password: str
) -> None:
    play.client.session.sign_in(username, password, True)
    assert play.client.account.error == FormError(Field.PASSWORD, "wrong_credentials")
    play.sign_in()


def test_not_to_be_kept_forgets_what_was_kept_before(play: Play) -> None:
    play.credentials.save(f"alice@tcp://127.0.0.1:{play.server.port}", b"o" * 32)
    play.client.session.sign_in("alice", PASSWORD, False)
    request = play.hear_a(SignIn).request
    play.say(SignedIn(request, ALICE, TOKEN, 0, 0))
    play.until(lambda: play.client.account.person == ALICE)
    assert kept(play) is None


def test_a_newer_token_of_another_window_is_left_to_it(play: Play) -> None:
    play.sign_in()
    play.credentials.save(f"alice@tcp://127.0.0.1:{play.server.port}", b"n" * 32)
    play.client.session.sign_out()
    assert kept(play) == b"n" * 32


def test_a_token_is_for_the_server_that_gave_it(play: Play) -> None:
    play.sign_in()
    other = ScriptedServer()
    play.client.connect(f"tcp://127.0.0.1:{other.port}")
    assert play.hear_a(SignOut), "the session is ended where it is"
    peer = other.accept()
    peer.greet()
    play.until_phase(Phase.GREETED)
    assert play.client.account.person is None and kept(play) is None
    play.client.session.sign_in("bob", PASSWORD, True)
    assert peer.hear_a(SignIn).username == "bob"
    other.close()


def test_a_password_is_for_the_server_that_it_was_typed_for(play: Play) -> None:
    play.peer.close()
    play.server.accept()  # and not greeted
    play.until(lambda: bool(play.headless.reasons), "to notice")
    play.client.session.sign_in("alice", PASSWORD, True)
    other = ScriptedServer()
    play.client.connect(f"tcp://127.0.0.1:{other.port}")
    assert not play.client.account.busy
    peer = other.accept()
    peer.greet()
    play.until_phase(Phase.GREETED)
    play.client.session.sign_in("bob", "bob's password", True)
    assert peer.hear_a(SignIn).password == "bob's password"
    other.close()


def test_what_an_earlier_server_still_says_is_passed_over(play: Play) -> None:
    """Its greeting waits in the queue while the person turns to another."""
    play.break_off()
    early = play.server.accept()
    early.greet(b"e" * 16)
    deadline = time.monotonic() + 20
    while play.client.service._events.qsize() < 1 and time.monotonic() < deadline:
        pass
    other = ScriptedServer()
    play.client.connect(f"tcp://127.0.0.1:{other.port}")
    play.client.session.sign_in("bob", PASSWORD, True)
    peer = other.accept()
    peer.greet()
    play.until(lambda: play.client.session._attempt is None, "to ask for bob")
    assert peer.hear_a(SignIn).username == "bob"
    other.close()


def test_a_server_that_is_too_busy_to_sign_in_is_asked_again_without_a_word(play: Play) -> None:
    play.client.session.sign_in("alice", PASSWORD, True)
    for _ in range(3):
        play.say(Refused(play.hear_a(SignIn).request, Refusal.BUSY, "", 10))
    play.say(SignedIn(play.hear_a(SignIn).request, ALICE, TOKEN, 0, 0))
    play.until_phase(Phase.LIVE)


def test_p10_a_server_that_stays_too_busy_is_told_of(play: Play) -> None:
    play.client.session.sign_in("alice", PASSWORD, True)
    for _ in range(BUSY_TRIES):
        play.say(Refused(play.hear_a(SignIn).request, Refusal.BUSY, "", 1))
    last = play.hear_a(SignIn).request
    assert play.client.account.busy and play.client.account.error is None
    play.say(Refused(last, Refusal.BUSY, "", 1))
    play.until(lambda: play.client.account.error is not None, "to be told")
    assert play.client.account.error == FormError(Field.FORM, Refusal.BUSY, {})
    due = [at for at, *_ in play.headless._timers if at < time.monotonic() + 5]
    assert not due, "nothing waits to be sent"


def test_p10_who_has_to_wait_is_told_until_when_at_the_password(play: Play) -> None:
    play.client.session.sign_in("alice", "not the password", True)
    request = play.hear_a(SignIn).request
    play.say(Refused(request, Refusal.TOO_MANY_ATTEMPTS, "", 7001))
    play.until(lambda: play.client.account.error is not None, "to be told")
    error = play.client.account.error
    assert error is not None and (error.field, error.code) == (Field.PASSWORD, "too_many_attempts")
    assert 6 < error.again_at_ms / 1000 - time.time() <= 7.001


def test_a_form_that_is_not_answered_can_be_sent_again(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "ANSWER_LIMIT_S", 0.05)
    play.client.session.sign_in("alice", PASSWORD, True)
    play.hear_a(SignIn)
    play.until(lambda: play.client.account.error is not None, "to be told")
    assert play.client.account.error == FormError(Field.FORM, "no_answer")
    assert not play.client.account.busy
    play.greet()
    assert play.client.account.error is not None, "it is told until the next attempt"
    play.client.session.sign_in("alice", PASSWORD, True)
    play.hear_a(SignIn)
