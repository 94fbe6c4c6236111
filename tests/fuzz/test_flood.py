"""P9: a flood of frames, random ones and mutated ones, against a live server.

It goes on serving, and holds no more memory at the end. The suite sends a part
of a million; ROSTRUM_FLOOD_FRAMES says how many.
"""

import contextlib
import functools
import os
import random
import socket
from pathlib import Path

import pytest

from protocol.codec import decode_from_server, encode
from protocol.framing import FrameReader, frame
from protocol.limits import (
    LENGTH_PREFIX_BYTES,
    MAX_BODY_FROM_SERVER_BYTES,
    PROTOCOL_VERSION,
)
from protocol.messages import (
    Changed,
    FromServer,
    Goodbye,
    Hello,
    Ping,
    Pong,
    Refused,
    Resume,
    SignedIn,
    SignedOut,
    SignOut,
    WireMessage,
)
from protocol.refusals import Farewell, Refusal
from protocol.states import REQUESTS
from tests.isolation.usage import MIB, let_every_hasher_hash, needs_proc, usage_of
from tests.protocol.samples import plain
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess
from tests.support.wire import TIMEOUT_S, WireClient

FRAMES = int(os.environ.get("ROSTRUM_FLOOD_FRAMES", "50000"))
FRAMES_A_CONNECTION = 1000
FRAMES_AT_ONCE = 8
"""Fewer mistakes in a row than the server bears; then comes a word of sense."""

ANNOUNCE_EVERY_CONNECTIONS = 10

WARM_UP_CONNECTIONS = 20
"""Within them caches and pools of threads may fill up."""

MAX_GROWTH_BYTES = 8 * MIB

KINDS = sorted(REQUESTS - {SignOut}, key=lambda kind: kind.__name__)
"""Signing out comes often enough as a mutation of something else."""
COSTLY = {"Register", "SignIn", "RedeemReset", "ConfirmPassword", "ChangePassword"}
"""They begin a hash, of which a core does some tens a second: as they are they
would flood the hasher, which other tests do, and hardly anything else."""
MUTABLE = [kind for kind in KINDS if kind.__name__ not in COSTLY]
"""Guesses that are wrong too often take a second to be refused, for which all that
follows on the connection waits: tests/fuzz/talking.py mutates those kinds, too."""


@functools.cache
def body_of(kind: type[WireMessage], request: int) -> bytes:
    return encode(plain(kind, request))[LENGTH_PREFIX_BYTES:]


def random_body(source: random.Random, _request: int) -> bytes:
    return source.randbytes(source.randrange(48))


def mutated_body(source: random.Random, request: int) -> bytes:
    """A message with some of its bytes changed, and perhaps its end cut off."""
    body = bytearray(body_of(source.choice(MUTABLE), request % 100 + 3))
    for _ in range(source.randrange(1, 4)):
        body[source.randrange(len(body))] = source.randrange(256)
    if source.random() < 0.3:
        del body[source.randrange(len(body)) :]
    return bytes(body)


def untimely_body(source: random.Random, request: int) -> bytes:
    """A message as it should be, but perhaps not now."""
    kind = source.choice(KINDS)
    return body_of(Ping if kind.__name__ in COSTLY else kind, request % 100 + 3)


BODIES = (random_body, mutated_body, mutated_body, untimely_body)


class Flood:
    """Pours one connection after another, about half of them signed in."""

    def __init__(self, port: int, source: random.Random) -> None:
        self._port = port
        self._source = source
        self._token = b""
        self.connections = 0
        self.members = 0
        """Connections that began signed in."""

    def pour(self) -> None:
        """One connection's part, and everything that is said to it. Some end in
        the middle of a frame."""
        source, number_of_last = self._source, FRAMES_A_CONNECTION + 3
        said = bytearray(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
        if source.random() < 0.5:
            said += encode(Resume(2, self._token or self._newcomer()))
        for number in range(3, FRAMES_A_CONNECTION + 3):
            said += frame(source.choice(BODIES)(source, number))
            if number % FRAMES_AT_ONCE == 0:
                said += encode(Ping(number))
        said += encode(Ping(number_of_last))
        with socket.create_connection(("127.0.0.1", self._port), timeout=TIMEOUT_S) as peer:
            peer.sendall(said)
            self._hear_until(peer, number_of_last)
            with contextlib.suppress(ConnectionError):
                peer.sendall(source.randbytes(source.randrange(40)))
        self.connections += 1

    def _hear_until(self, peer: socket.socket, last: int) -> None:
        frames = FrameReader(MAX_BODY_FROM_SERVER_BYTES)
        while data := peer.recv(1 << 18):
            frames.feed(data)
            for heard in map(decode_from_server, frames.bodies()):
                if isinstance(heard, Goodbye):
                    assert heard.code == Farewell.SIGNED_OUT, heard
                    self._token = b""
                    return
                if isinstance(heard, SignedIn) and heard.request == 2:
                    self.members += 1
                elif isinstance(heard, SignedOut) or _says_session_ended(heard):
                    self._token = b""
                elif isinstance(heard, Pong) and heard.token == last:
                    return
        raise AssertionError("the server hung up")

    def _newcomer(self) -> bytes:
        # The flood's own words sign it out now and then.
        with WireClient(self._port, tls=False) as member:
            member.hello()
            self._token = member.register(f"eve.{self.connections}", PASSWORD).token
        return self._token


def _says_session_ended(message: FromServer) -> bool:
    return isinstance(message, Refused) and message.code == Refusal.SESSION_ENDED


@needs_proc
@pytest.mark.timeout(600)
def test_p9_a_flood_of_frames_is_served_beside_everybody_else(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, tls=False) as server, WireClient(server.port, tls=False) as alice:
        alice.hello()
        alice.sign_in(ADMIN, PASSWORD)
        with WireClient(server.port, tls=False) as bob:
            bob.hello()
            bob.register("bob", PASSWORD)
            flood = Flood(server.port, random.Random(20261123))
            let_every_hasher_hash(server.port, tls=False)
            usage: list[int] = []
            for number in range(1, FRAMES // FRAMES_A_CONNECTION + 1):
                flood.pour()
                if number % ANNOUNCE_EVERY_CONNECTIONS == 0:
                    alice.post(f"after {number}", number.to_bytes(16, "big"))
                    assert bob.expect(Changed).message.text == f"after {number}"
                    # Who only listens is taken for gone after SILENCE_LIMIT_S.
                    bob.barrier()
                if number % WARM_UP_CONNECTIONS == 0:
                    usage.append(usage_of(server.pid).memory)
            usage.append(usage_of(server.pid).memory)
        print(
            f"{flood.connections * FRAMES_A_CONNECTION} frames on {flood.connections} connections, "
            f"{flood.members} of them signed in; MiB: {[round(one / MIB, 1) for one in usage]}"
        )
        assert len(usage) > 2, "too few frames to tell"
        assert flood.members > flood.connections // 4
        assert max(usage) - usage[0] < MAX_GROWTH_BYTES
        assert "failed" not in server.log() and "Traceback" not in server.log()
