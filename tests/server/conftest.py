"""A room on disk, and the whole service in a thread of the test process."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server import settings
from server.background import presence, receipt_tracker, ticking
from server.service import Service
from server.setup import make_room
from tests.support.clock import TestClock
from tests.support.running import ROOM, running
from tests.support.wire import WireClient

ADMIN = "alice"
PASSWORD = "a long enough password"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service look ten times as often for what it has to do from time to time."""
    monkeypatch.setattr(ticking, "LOOK_EVERY_S", ticking.LOOK_EVERY_S / 10)
    monkeypatch.setattr(receipt_tracker, "EVERY_S", receipt_tracker.EVERY_S / 10)
    monkeypatch.setattr(presence, "PRESENCE_EVERY_S", presence.PRESENCE_EVERY_S / 10)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder with a room and its administrator, alice."""
    make_room(tmp_path, ROOM, ADMIN, "Amelia Hart", PASSWORD)
    return tmp_path


@pytest.fixture
def clock() -> TestClock:
    """The service's clock."""
    return TestClock()


@pytest.fixture
def service(data_dir: Path, clock: TestClock) -> Iterator[Service]:
    with running(data_dir, settings.load(data_dir, {}, {"port": 0}), clock) as service:
        yield service


Connect = Callable[[], WireClient]


@pytest.fixture
def connect(service: Service) -> Iterator[Connect]:
    """New connections that have said hello; closed when the test is over."""
    with ExitStack() as stack:

        def connect() -> WireClient:
            client = stack.enter_context(WireClient(service.port))
            client.hello()
            return client

        yield connect


@pytest.fixture
def alice(connect: Connect) -> WireClient:
    """The administrator, signed in."""
    client = connect()
    client.sign_in(ADMIN, PASSWORD)
    return client


@pytest.fixture
def bob(connect: Connect) -> WireClient:
    """A member who has just registered."""
    client = connect()
    client.register("bob", PASSWORD, "Ben Osei")
    return client


NOW_MS = 1_795_446_000_000
"""What time it is in a test that turns the clock by hand."""

Jump = Callable[[int], None]


@pytest.fixture
def jump(clock: TestClock) -> Jump:
    """Let it be another time, in milliseconds since 1970."""

    def jump(now_ms: int) -> None:
        clock.set_ms = now_ms

    jump(NOW_MS)
    return jump
