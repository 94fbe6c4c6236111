"""A room over plain TCP and over TLS, and clients that come to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server import settings
from server.service import Service
from server.session import Session
from server.setup import make_room
from tests.support.running import ROOM, running
from tests.support.wire import WireClient

ADMIN = "alice"
PASSWORD = "a long enough password"


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

    def session_of(self, name: str) -> Session:
        """The server's end of this person's connection."""
        (found,) = (
            session
            for session in list(self.service._sessions)
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
