"""P9: a flood of frames, random ones and mutated ones, against a live server.

It goes on serving, and holds no more memory at the end. The suite sends a part
of a million; ROSTRUM_FLOOD_FRAMES says how many.
"""

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
from protocol.messages import Changed, Goodbye, Hello, Ping, Pong, Resume, WireMessage
from protocol.states import REQUESTS
from tests.isolation.usage import MIB, needs_proc, usage_of
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

KINDS = sorted(REQUESTS, key=lambda kind: kind.__name__)
COSTLY = {"Register", "SignIn", "RedeemReset", "ConfirmPassword", "ChangePassword"}
"""They begin a hash, of which a core does some tens a second: as they are they
would flood the hasher, which other tests do, and hardly anything else."""


@functools.cache
def body_of(kind: type[WireMessage], request: int) -> bytes:
    return encode(plain(kind, request))[LENGTH_PREFIX_BYTES:]


def random_body(source: random.Random, _request: int) -> bytes:
    return source.randbytes(source.randrange(48))


def mutated_body(source: random.Random, request: int) -> bytes:
    """A message with some of its bytes changed, and perhaps its end cut off."""
    body = bytearray(body_of(source.choice(KINDS), request % 100 + 3))
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


def pour(port: int, source: random.Random, token: bytes) -> int:
    """One connection's part of the flood, and everything that is said to it;
    returns how many frames it was. Some are signed in as a member, and some
    end in the middle of a frame."""
    said = bytearray(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
    if source.random() < 0.5:
        said += encode(Resume(2, token))
    for number in range(3, FRAMES_A_CONNECTION + 3):
        said += frame(source.choice(BODIES)(source, number))
        if number % FRAMES_AT_ONCE == 0:
            said += encode(Ping(number))
    last = FRAMES_A_CONNECTION + 3
    said += encode(Ping(last))
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as peer:
        peer.sendall(said)
        frames = FrameReader(MAX_BODY_FROM_SERVER_BYTES)
        while data := peer.recv(1 << 18):
            frames.feed(data)
            for heard in map(decode_from_server, frames.bodies()):
                assert not isinstance(heard, Goodbye), heard
                if isinstance(heard, Pong) and heard.token == last:
                    peer.sendall(source.randbytes(source.randrange(40)))
                    return FRAMES_A_CONNECTION
    raise AssertionError("the server hung up")


@needs_proc
@pytest.mark.timeout(600)
def test_p9_a_flood_of_frames_is_served_beside_everybody_else(tmp_path: Path) -> None:
    source = random.Random(20261123)
    with ServerProcess(tmp_path, tls=False) as server, WireClient(server.port, tls=False) as alice:
        alice.hello()
        alice.sign_in(ADMIN, PASSWORD)
        with WireClient(server.port, tls=False) as bob, WireClient(server.port, tls=False) as eve:
            bob.hello()
            bob.register("bob", PASSWORD)
            eve.hello()
            token = eve.register("eve", PASSWORD).token
            before, sent, connections = 0, 0, 0
            while sent < FRAMES:
                sent += pour(server.port, source, token)
                connections += 1
                if connections % ANNOUNCE_EVERY_CONNECTIONS == 0:
                    alice.post(f"after {sent}", connections.to_bytes(16, "big"))
                    assert bob.expect(Changed).message.text == f"after {sent}"
                    bob.barrier()
                if connections == WARM_UP_CONNECTIONS:
                    before = usage_of(server.pid).memory
            assert connections > WARM_UP_CONNECTIONS
            grown = usage_of(server.pid).memory - before
            print(f"{sent} frames; the server holds {grown / MIB:.1f} MiB more")
            assert grown < MAX_GROWTH_BYTES
        assert "failed" not in server.log() and "Traceback" not in server.log()
