"""Calls into the system that may take their time, on a thread of their own.

The main thread never waits for them, but for a moment where that is asked for. A
result that does not come within its limit is taken for none. The calls run one
after the other, in the order in which they were asked for; the callbacks are
called on the main thread.
"""

import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from app.clock import SYSTEM, Clock
from app.controllers.common.requests import Later

LOOK_EVERY_S = 0.05

Result = TypeVar("Result")


class _Call(Generic[Result]):
    """One call and its result; `otherwise` where it fails."""

    def __init__(self, run: Callable[[], Result], otherwise: Result) -> None:
        self._run = run
        self.result = otherwise
        self.is_done = threading.Event()

    def __call__(self) -> None:
        try:
            self.result = self._run()
        finally:
            self.is_done.set()


class BackgroundCalls:
    """Main thread only, but for the calls themselves. `name` is the thread's; it
    is there from the first call on, and dies with the program."""

    def __init__(self, name: str, later: Later, clock: Clock = SYSTEM) -> None:
        self._clock = clock
        self._name = name
        self._later = later
        self._calls: queue.SimpleQueue[_Call[Any] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._last: threading.Event | None = None
        """Set once everything that was asked for is done."""

    def ask(
        self,
        run: Callable[[], Result],
        otherwise: Result,
        then: Callable[[Result], None],
        limit_s: float,
        patience_s: float = 0.0,
    ) -> None:
        """Run this, and tell its result: at once where it comes within
        `patience_s`; `otherwise` where it fails or does not come within `limit_s`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        call = _Call(run, otherwise)
        self._last = call.is_done
        self._calls.put(call)
        call.is_done.wait(patience_s)
        until = self._clock.monotonic_s() + limit_s

        def look() -> None:
            if call.is_done.is_set():
                then(call.result)
            elif self._clock.monotonic_s() >= until:
                then(otherwise)
            else:
                self._later(LOOK_EVERY_S, look)

        look()

    def close(self, patience_s: float) -> None:
        """Let what was asked for come to its end, if it does so soon."""
        if self._thread is not None:
            self._calls.put(None)
            if self._last is not None:
                self._last.wait(patience_s)
            self._thread = None

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            with contextlib.suppress(Exception):  # what failed is told by its result
                call()
