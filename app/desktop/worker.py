"""A thread for calls into the system that may take their time, or never come back."""

import logging
import threading
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

MOST_WAITING = 50
"""Beyond, what is asked for is dropped: the system does not keep up, or hangs."""


class Worker:
    """Runs what it is given, one after the other, on a thread of its own that dies with
    the program. Nobody waits for it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: deque[Callable[[], None]] = deque()
        self._wakes = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_over = False

    def do(self, job: Callable[[], None]) -> bool:
        """Run this when what was asked for before is done. False: too much waits."""
        with self._wakes:
            if self._is_over or len(self._jobs) >= MOST_WAITING:
                return False
            self._jobs.append(job)
            self._wakes.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
        return True

    def stop(self, patience_s: float = 0.0) -> None:
        """Take nothing more; wait so long for what was asked for."""
        with self._wakes:
            self._is_over = True
            self._wakes.notify()
            thread = self._thread
        if thread is not None and patience_s:
            thread.join(patience_s)

    def _work(self) -> None:
        while True:
            with self._wakes:
                while not self._jobs and not self._is_over:
                    self._wakes.wait()
                if not self._jobs:
                    return
                job = self._jobs.popleft()
            try:
                job()
            except Exception:
                log.warning("%s: the system failed", self._name, exc_info=True)
