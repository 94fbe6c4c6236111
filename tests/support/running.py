"""The whole server on a thread of the test's own process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.clock import SYSTEM, Clock
from server.composition import compose
from server.service import Service
from server.settings import Settings

ROOM: dict[str, object] = {
    "room_name": "Northgate School",
    "registration": "open",
    "max_requests_per_second": 100_000,
}
"""Settings to test with: whoever comes may register, and say in seconds what
people say in days."""


@contextmanager
def running(data_dir: Path, chosen: Settings, clock: Clock = SYSTEM) -> Iterator[Service]:
    """The service, served until the block ends."""
    service = compose(chosen, data_dir, clock)
    thread = threading.Thread(target=service.run, name="reactor")
    thread.start()
    try:
        yield service
    finally:
        service.stop_threadsafe()
        thread.join(20)
        assert not thread.is_alive(), "the service did not stop"
