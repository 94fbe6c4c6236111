"""A room over plain TCP and over TLS, and clients that come to it."""

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from protocol.codec import encode
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import Hello
from server import settings
from server.service import Service
from server.sessions.session import Session
from server.setup import make_room
from tests.support.running import ROOM, running
from tests.support.wire import TIMEOUT_S, WireClient, any_certificate

Result = TypeVar("Result")

ADMIN = "alice"
PASSWORD = "a long enough password"


def first_words(tls: bool) -> bytes:
    """What a client sends before it waits for the server for the first time."""
    if not tls:
        return encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION, "first words"))
    arrived, sealed = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = any_certificate().wrap_bio(arrived, sealed)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return sealed.read()


def until(condition: Callable[[], bool], witness: WireClient) -> None:
    """Wait, while somebody else is served all the time: which takes its time where
    another suite keeps the machine busy, too."""
    deadline = time.monotonic() + 2 * TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        witness.barrier()


class House:
    """A service on a thread of this process, and everybody who came."""

    def __init__(self, service: Service, stack: ExitStack, tls: bool) -> None:
        self.service = service
        self.tls = tls
        self._stack = stack

    def connect(self, receive_buffer_bytes: int | None = None) -> WireClient:
        """Somebody of whom nothing is known yet."""
        client = WireClient(self.service.port, receive_buffer_bytes, self.tls)
        return self._stack.enter_context(client)

    def member(self, name: str, receive_buffer_bytes: int | None = None) -> WireClient:
        """Somebody who has just registered."""
        client = self.connect(receive_buffer_bytes)
        client.hello()
        client.register(name, PASSWORD)
        return client

    def alice(self) -> WireClient:
        """The administrator, signed in."""
        client = self.connect()
        client.hello()
        client.sign_in(ADMIN, PASSWORD)
        return client

    def on_reactor(self, look: Callable[[], Result]) -> Result:
        """What this finds on the server's own thread: between two turns, so that
        what it looks at is not half done."""
        found: Future[Result] = Future()
        self.service.reactor.call_soon_threadsafe(lambda: found.set_result(look()))
        return found.result(TIMEOUT_S)

    @property
    def newest_session(self) -> Session:
        """The server's end of the connection that came last."""
        return max(self.service.connections, key=lambda session: session.number)

    def session_of(self, name: str) -> Session:
        """The server's end of this person's connection."""
        (found,) = (
            session
            for session in list(self.service.connections)
            if session.user is not None and session.user.username == name
        )
        return found


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def open_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], House]]:
    """Opens the room when the test has set what it wants to set."""
    tls = bool(request.param)
    make_room(tmp_path, {**ROOM, "tls": tls}, ADMIN, "Amelia Hart", PASSWORD)
    with ExitStack() as stack:

        def open_house() -> House:
            chosen = settings.load(tmp_path, {}, {"port": 0})
            return House(stack.enter_context(running(tmp_path, chosen)), stack, tls)

        yield open_house


@pytest.fixture
def house(open_house: Callable[[], House]) -> House:
    return open_house()
