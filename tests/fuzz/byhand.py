"""What a server leaves to the system's threads and clock, turned by hand.

Which thread is next, and how late it is, are a test's choice here, so the same
script always leads the same way. The work itself is the server's own.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

import pytest

from server.domain.store import Store
from server.storage.executor import StoreExecutor, _Queue, _Serve, _Take
from tests.support.clock import StandingClock
from tests.support.running import CHEAP_PASSWORDS


class StorageByHand(StoreExecutor):
    """The store's threads, each of which works when it is told to."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self._hands: dict[str, tuple[Store, _Queue, _Take, _Serve]] = {}
        super().__init__(*given, **named)

    def write_next(self) -> bool:
        """Let the writer commit what waits; whether there was anything."""
        return self._step("writer")

    def read_next(self) -> bool:
        """Let the reader answer what waits; whether there was anything."""
        return self._step("reader")

    def tidy_next(self) -> bool:
        """Let the janitor work; whether there was anything."""
        return self._step("janitor")

    def close(self) -> None:
        if not self._closed:
            while self.write_next() or self.read_next() or self.tidy_next():
                pass
            self._closed = True
            for store, *_ in self._hands.values():
                store.close()

    def _start(
        self,
        name: str,
        open_store: Callable[[], Store],
        queue: _Queue,
        take: _Take,
        serve: _Serve,
    ) -> Future[None]:
        self._hands[name] = (open_store(), queue, take, serve)
        opened: Future[None] = Future()
        opened.set_result(None)
        return opened

    def _step(self, name: str) -> bool:
        store, queue, take, serve = self._hands[name]
        if not queue:
            return False
        serve(store, take())
        return True


class PoolByHand(Executor):
    """The hashers, who take the next password when they are told to."""

    def __init__(self, workers: int, thread_name_prefix: str) -> None:
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    def submit(self, job: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._waiting.append((future, job))
        return future

    def hash_next(self) -> bool:
        """Do the work that has waited longest; whether there was any."""
        if not self._waiting:
            return False
        future, job = self._waiting.popleft()
        future.set_running_or_notify_cancel()
        future.set_result(job())
        return True

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for future, _ in self._waiting:
            future.cancel()
        self._waiting.clear()


@contextlib.contextmanager
def by_hand() -> Iterator[StandingClock]:
    """While it lasts, services that are made turn by hand, by this clock."""
    clock = StandingClock()
    assert threading.current_thread() is threading.main_thread(), "one thread does it all"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("server.composition.StoreExecutor", StorageByHand)
        patch.setattr("server.passwords.ThreadPoolExecutor", PoolByHand)
        patch.setattr("server.passwords._argon2", CHEAP_PASSWORDS)
        yield clock
