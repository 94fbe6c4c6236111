"""The log: one line an event, whose connection it was, and no secrets."""

import base64
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol import joincode
from protocol.framing import frame
from protocol.messages import (
    ChangePassword,
    CreateInvite,
    Done,
    GetPeople,
    InviteCreated,
    People,
    RedeemReset,
    Register,
    ResetCode,
    ResetPassword,
    Role,
    SignedIn,
    SignIn,
)
from server import settings
from server.operations import logs
from tests.support.running import running
from tests.support.wire import WireClient

PASSWORD = "a long enough password"
OTHERS = ("bob's first secret", "bob's second secret", "a wrong secret", "a third one, reset")
TEXT = "what is said in the room stays in the room"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """What `start` sets is the process's own."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def lines(form: logs.Format, level: str = "info") -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    logs.start(level, form, stream)
    return logging.getLogger("server.sessions.session"), stream


def test_a_line_tells_when_how_bad_where_and_which_connection() -> None:
    log, stream = lines("text")
    logs.ConnectionLog(log, 12).info("closed (%s)", "finished")
    log.warning("about no connection")
    first, second = stream.getvalue().splitlines()
    assert first[10] == "T" and first[23] == "Z"
    assert first[24:] == " INFO server.sessions.session: #12: closed (finished)"
    assert second.endswith("WARNING server.sessions.session: about no connection")


def test_as_json_each_line_is_an_object() -> None:
    log, stream = lines("json")
    logs.ConnectionLog(log, 12).error("request %d failed", 3, exc_info=_error())
    log.info("多行\n公告")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["level"], first["logger"]) == ("error", "server.sessions.session")
    assert (first["connection"], first["message"]) == (12, "request 3 failed")
    assert "ValueError: told" in first["error"]
    assert second["message"] == "多行\n公告" and "connection" not in second


def test_an_event_is_one_line_whatever_a_peer_calls_itself() -> None:
    log, stream = lines("text")
    logs.ConnectionLog(log, 1).error("is %s", "x\nfake\r\x1b[2J line", exc_info=_error())
    (line,) = stream.getvalue().splitlines()
    assert "x\\nfake\\r\\x1b[2J line" in line and "ValueError: told" in line


@pytest.mark.parametrize("form", ["text", "json"])
def test_p9_no_password_token_code_or_text_is_ever_logged(
    data_dir: Path, form: logs.Format
) -> None:
    _, stream = lines(form, "debug")
    secrets: list[str] = [PASSWORD, *OTHERS, TEXT]
    with running(data_dir, settings.load(data_dir, {}, {"port": 0})) as service:
        with WireClient(service.port) as alice, WireClient(service.port) as bob:
            alice.hello()
            alice.refusal(SignIn(alice.number(), "alice", OTHERS[2]))
            tokens = [alice.sign_in("alice", PASSWORD).token]
            bob.hello()
            tokens.append(bob.register("bob", OTHERS[0]).token)
            bob.refusal(ChangePassword(bob.number(), OTHERS[2], OTHERS[1]))
            bob.say(ChangePassword(bob.number(), OTHERS[0], OTHERS[1]))
            bob.expect(Done)
            alice.post(TEXT, bytes(16))
            alice.say(CreateInvite(alice.number(), Role.MEMBER, 1, 3_600_000, "for carol"))
            code = alice.expect(InviteCreated).join_code
            alice.say(GetPeople(alice.number(), "bob", 0, 1))
            (found,) = alice.expect(People).people
            alice.say(ResetPassword(alice.number(), found.id))
            reset = alice.expect(ResetCode).code
            invite = joincode.read(code).invite
            typed = base64.urlsafe_b64encode(invite).decode().rstrip("=")
            tokens.append(invite)
            secrets += [code, typed, reset, reset.replace("-", "")]
            for body in (TEXT.encode(), b"\x93\x11" + OTHERS[1].encode(), bytes(tokens[0])):
                alice.say_bytes(frame(body))
            alice.barrier_despite_refusals()
        with WireClient(service.port) as carol:
            carol.hello()
            carol.refusal(RedeemReset(carol.number(), "bob", "K7QM-2XVN-PD4R", OTHERS[3]))
            carol.say(RedeemReset(carol.number(), "bob", reset, OTHERS[3]))
            tokens.append(carol.expect(SignedIn).token)
        with WireClient(service.port) as dave:
            dave.hello()
            dave.say(Register(dave.number(), "dave", "Dave", OTHERS[1], "", typed))
            tokens.append(dave.expect(SignedIn).token)
    logged = stream.getvalue()
    assert "signed in as user 1" in logged
    for token in tokens:
        secrets += [token.hex(), repr(token)[2:-1], base64.b64encode(token).decode()]
    for secret in secrets:
        assert secret not in logged
        assert json.dumps(secret)[1:-1] not in logged


def test_every_line_about_a_connection_bears_its_number(data_dir: Path) -> None:
    _, stream = lines("json", "debug")
    with running(data_dir, settings.load(data_dir, {}, {"port": 0})) as service:
        for _ in range(2):
            with WireClient(service.port) as alice:
                alice.hello()
                alice.sign_in("alice", PASSWORD)
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    for words in ("connected from", "is '", "signed in as", "closed ("):
        found = [one for one in told if one["message"].startswith(words)]
        assert [one.get("connection") for one in found] == [1, 2], (words, found)


def _error() -> Exception:
    try:
        raise ValueError("told")
    except ValueError as error:
        return error
