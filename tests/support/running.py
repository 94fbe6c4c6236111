"""The whole server on a thread of the test's own process, and its operator."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import argon2
from click.testing import CliRunner, Result

from server.cli import main
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

CHEAP_PASSWORDS = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes with next to no memory, for tests that are about something else."""


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


class Operator:
    """Types the server's commands, at its own machine."""

    def __init__(self, data_dir: Path) -> None:
        self._data = ["--data", str(data_dir)]

    def run(self, *words: str, say: str | None = None) -> Result:
        return CliRunner().invoke(main, [*words, *self._data], input=say)

    def do(self, *words: str, say: str | None = None) -> str:
        done = self.run(*words, say=say)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *words: str, say: str | None = None) -> Any:
        return json.loads(self.do(*words, "--json", say=say))

    def refused(self, *words: str) -> str:
        done = self.run(*words)
        assert done.exit_code == 1, done.output
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.stderr
