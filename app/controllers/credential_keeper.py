"""The system's credential store, asked on a thread of its own.

A store can take its time: one that is locked asks the person for a password of
its own, one that hangs never answers. So the main thread never waits for it, but
for a moment at the start, where an answer is nearly always there; an answer that
does not come within LIMIT_S is taken for none.

The calls run one after the other, in the order in which they were asked for. The
callbacks are called on the main thread.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from app.controllers.requests import Later
from app.models.credentials import Credentials

LIMIT_S = 5.0

START_PATIENCE_S = 0.2
"""So long the start waits for the token: a window that shows the room at once is
worth it, and nobody notices."""

LOOK_EVERY_S = 0.05

END_PATIENCE_S = 2.0
"""So long the program waits at its end for what is to be kept or forgotten."""

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


class CredentialKeeper:
    """Main thread only, but for the calls themselves."""

    def __init__(self, credentials: Credentials, later: Later) -> None:
        self._credentials = credentials
        self._later = later
        self._calls: queue.SimpleQueue[_Call[bool] | _Call[bytes | None] | None] = (
            queue.SimpleQueue()
        )
        self._thread: threading.Thread | None = None
        self._last: threading.Event | None = None
        """Set once everything that was asked for is done."""

    def find(self, then: Callable[[bool], None]) -> None:
        """Find out whether this system has a store at all."""
        self._ask(self._credentials.is_there, False, then)

    def load(self, account: str, then: Callable[[bytes | None], None]) -> None:
        """Read the token that was kept for this account, if there is one."""
        self._ask(lambda: self._credentials.load(account), None, then, START_PATIENCE_S)

    def save(self, account: str, token: bytes, then: Callable[[bool], None]) -> None:
        """Keep a token; `then` is told whether it was kept."""
        self._ask(lambda: self._credentials.save(account, token), False, then)

    def forget(self, account: str, only: bytes | None = None) -> None:
        """Let go of what is kept for this account, or only of this token: another
        window may have kept a newer one."""

        def run() -> bool:
            if only is None or self._credentials.load(account) == only:
                self._credentials.forget(account)
            return True

        self._ask(run, False, lambda _done: None)

    def close(self) -> None:
        """Let what was asked for come to its end, if it does so soon."""
        if self._thread is not None:
            self._calls.put(None)
            if self._last is not None:
                self._last.wait(END_PATIENCE_S)
            self._thread = None

    def _ask(
        self,
        run: Callable[[], Result],
        otherwise: Result,
        then: Callable[[Result], None],
        patience_s: float = 0.0,
    ) -> None:
        if self._credentials.is_quick:
            then(run())
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="credentials", daemon=True)
            self._thread.start()
        call = _Call(run, otherwise)
        self._last = call.is_done
        self._calls.put(call)  # type: ignore[arg-type]
        call.is_done.wait(patience_s)
        until = time.monotonic() + LIMIT_S

        def look() -> None:
            if call.is_done.is_set():
                then(call.result)
            elif time.monotonic() >= until:
                then(otherwise)
            else:
                self._later(LOOK_EVERY_S, look)

        look()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            with contextlib.suppress(Exception):  # what failed is told by its result
                call()
