"""P9: no bytes from the network disturb the server. Each test says something
that no client should, to a real server process, and then a newcomer is served
as if nothing had happened."""

import contextlib
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol import limits
from protocol.codec import encode
from protocol.connection import ServerError
from protocol.messages import (
    Goodbye,
    Hello,
    Ping,
    Pong,
    Post,
    Refused,
    SignIn,
    SignOut,
    Sync,
    Welcome,
    WireMessage,
    type_code,
)
from protocol.refusals import Farewell, Refusal
from tests.support.server_process import ServerProcess
from tests.support.wire import HungUp, WireClient

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One for all of these: none may leave it the worse."""
    with ServerProcess(tmp_path_factory.mktemp("bad-input")) as server:
        yield server


@pytest.fixture
def peer(server: ServerProcess) -> Iterator[WireClient]:
    """A connection that is about to misbehave; afterwards a newcomer must be
    served, and the server must have logged no error."""
    with WireClient(server.port) as client:
        yield client
    with WireClient(server.port) as newcomer:
        assert newcomer.hello().version == limits.PROTOCOL_VERSION
    assert "Traceback" not in server.log()


def frame_of(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def test_p9_a_truncated_frame_and_a_hang_up(peer: WireClient) -> None:
    whole = encode(Hello(1, 1, 1, "truncated"))
    peer.say_bytes(whole[:-3])
    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.drain() == []


def test_p9_one_byte_at_a_time_is_served_all_the_same(peer: WireClient) -> None:
    peer.connection.send(Hello(1, 1, 1))
    for byte in encode(Hello(1, 1, 1)):
        peer.say_bytes(bytes([byte]))
    assert isinstance(peer.next(), Welcome)


@pytest.mark.parametrize("length", [limits.MAX_BODY_BEFORE_SIGN_IN_BYTES + 1, 2**31, 2**32 - 1])
def test_p9_an_announced_length_beyond_the_cap_ends_it_before_the_body(
    peer: WireClient, length: int
) -> None:
    peer.say_bytes(length.to_bytes(4, "big"))
    assert peer.drain() == [Goodbye(Farewell.FRAME_TOO_LARGE)]


def test_p9_the_cap_rises_with_sign_in_and_no_further(
    peer: WireClient, server: ServerProcess
) -> None:
    peer.hello()
    peer.register("capped", PASSWORD)
    padding = b"\xc4\xff" + bytes(255)
    body = b"\xdc\x01\x00\x20\x07\x00" + padding * 253
    assert limits.MAX_BODY_BEFORE_SIGN_IN_BYTES < len(body) < limits.MAX_BODY_FROM_CLIENT_BYTES
    peer.say_bytes(frame_of(body))
    peer.barrier()
    peer.say_bytes((limits.MAX_BODY_FROM_CLIENT_BYTES + 1).to_bytes(4, "big"))
    said = peer.drain()
    assert said[-1] == Goodbye(Farewell.FRAME_TOO_LARGE)


@pytest.mark.parametrize(
    ("body", "request_number", "code"),
    [
        (b"", 0, Refusal.MALFORMED),
        (b"\xc0", 0, Refusal.MALFORMED),
        (b"\x90", 0, Refusal.MALFORMED),
        (b"\x91\x01", 0, Refusal.MALFORMED),
        (b"\x95\x01\x07\xa1x\x01\xa0", 7, Refusal.MALFORMED),
        (b"\x95\x01\x00\x01\x01\xa0", 0, Refusal.MALFORMED),
        (b"\x95\x01\x07\x01\x01\xa1\xff", 7, Refusal.MALFORMED),
        (b"\x95\x01\x07\x01\x01\xa0trailing", 0, Refusal.MALFORMED),
        (b"\x92\x7f\x05", 5, Refusal.UNKNOWN_MESSAGE),
        (b"\x92\x02\x05", 5, Refusal.UNKNOWN_MESSAGE),
        (b"\x91" * 4000 + b"\x01", 0, Refusal.MALFORMED),
        (b"\x92\x20\xcf" + b"\xff" * 8, 0, Refusal.MALFORMED),
    ],
)
def test_p9_a_mistyped_body_is_refused_and_the_connection_goes_on(
    peer: WireClient, body: bytes, request_number: int, code: Refusal
) -> None:
    peer.say_bytes(frame_of(body))
    refused = peer.next()
    assert isinstance(refused, Refused)
    assert (refused.request, refused.code) == (request_number, code)
    assert peer.hello().version == limits.PROTOCOL_VERSION


@pytest.mark.parametrize(
    "message", [Ping(1), SignIn(3, "someone", PASSWORD), Sync(3, 0), Post(3, bytes(16), "early")]
)
def test_p9_a_message_out_of_its_state_is_refused_and_changes_nothing(
    peer: WireClient, message: WireMessage
) -> None:
    peer.say_bytes(encode(message))
    refused = peer.next()
    assert isinstance(refused, Refused) and refused.code == Refusal.NOT_NOW
    assert peer.hello().version == limits.PROTOCOL_VERSION


def test_p9_a_second_hello_is_refused(peer: WireClient) -> None:
    peer.hello()
    peer.say_bytes(encode(Hello(9, 1, 1)))
    refused = peer.next()
    assert isinstance(refused, Refused) and (refused.request, refused.code) == (9, Refusal.NOT_NOW)


def test_p9_who_never_says_anything_sensible_is_sent_away(peer: WireClient) -> None:
    peer.say_bytes(frame_of(b"\xc0") * 10)
    said = peer.drain()
    assert [type(message) for message in said] == [Refused] * 10 + [Goodbye]
    assert said[-1] == Goodbye(Farewell.PROTOCOL_ERROR)


def test_p9_mistakes_with_sense_in_between_are_forgiven(peer: WireClient) -> None:
    peer.hello()
    for token in range(1, 31):
        peer.say_bytes(frame_of(b"\xc0"))
        peer.say(Ping(token))
        assert isinstance(peer.next(), Refused)
        assert peer.next() == Pong(token, 0)


def test_p9_a_version_that_nobody_speaks_is_refused_in_words(peer: WireClient) -> None:
    peer.say(Hello(1, 200, 300, "from the future"))
    refused = peer.next()
    assert isinstance(refused, Refused) and refused.code == Refusal.VERSION_UNSUPPORTED
    assert str(limits.PROTOCOL_VERSION) in refused.detail
    assert peer.hello().version == limits.PROTOCOL_VERSION


def test_p9_random_bytes(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    with ServerProcess(tmp_path, tls=False) as server:
        for _ in range(300):
            say_and_hear(WireClient(server.port, tls=False), chance)
        with WireClient(server.port, tls=False) as newcomer:
            newcomer.hello()
        assert "Traceback" not in server.log()


def say_and_hear(client: WireClient, chance: random.Random) -> None:
    """Random bytes, and then the end; only refusals come back."""
    with client, contextlib.suppress(HungUp, OSError):
        client.say_bytes(chance.randbytes(chance.randrange(1, 400)))
        client.socket.shutdown(socket.SHUT_WR)
        for message in client.drain():
            assert isinstance(message, Refused | Goodbye)


def test_p9_random_bytes_in_place_of_tls(server: ServerProcess) -> None:
    chance = random.Random(20261124)
    for _ in range(300):
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=20) as peer,
            contextlib.suppress(ConnectionError),
        ):
            peer.sendall(chance.randbytes(chance.randrange(1, 400)))
            peer.shutdown(socket.SHUT_WR)
            while data := peer.recv(65536):
                # At the most a TLS alert (RFC 8446, section 5.1): type 21.
                assert data[0] == 21
    with WireClient(server.port) as newcomer:
        newcomer.hello()
    assert "Traceback" not in server.log()


def test_p9_mutated_frames_of_a_signed_in_member(server: ServerProcess) -> None:
    chance = random.Random(1482)
    with WireClient(server.port) as client:
        client.hello()
        token = client.register("mutant", PASSWORD).token
    samples = [encode(m)[4:] for m in (Sync(3, 0), Post(4, bytes(16), "hello"), Ping(5))]
    for _ in range(200):
        with WireClient(server.port) as client:
            client.hello()
            client.resume(token)
            body = bytearray(chance.choice(samples))
            for _ in range(chance.randrange(1, 4)):
                body[chance.randrange(len(body))] = chance.randrange(256)
            if body[1] == type_code(SignOut):
                continue  # that would end the session for the rounds to come
            client.say_bytes(frame_of(bytes(body)))
            # Some mutations are another request; its answer then surprises this
            # client, which never asked.
            with contextlib.suppress(ServerError):
                client.barrier_despite_refusals()
    with WireClient(server.port) as newcomer:
        newcomer.hello()
    assert "Traceback" not in server.log()


def test_p9_connect_and_vanish(server: ServerProcess) -> None:
    for _ in range(300):
        with WireClient(server.port) as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    with WireClient(server.port) as newcomer:
        newcomer.hello()
    assert "Traceback" not in server.log()
