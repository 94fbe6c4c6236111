"""Lets SIGINT, SIGTERM and Windows' Ctrl+Break end the server in order.

A signal's handler runs on the main thread between any two steps of what that
does, as within a line of the log or a hold of a lock. So it takes no lock and
writes nothing: it remembers the signal and wakes the loop, which does the rest.
"""

import signal
from collections.abc import Callable
from types import FrameType

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)


class StopSignals:
    """Catches the signals from when it is made. Main thread only.

    A signal that comes before there is anything to stop is kept. A second one
    raises KeyboardInterrupt where it strikes: whoever asks twice will not wait.
    """

    def __init__(self) -> None:
        self._came = ""
        self._stop: Callable[[str], None] | None = None
        for number in SIGNALS:
            signal.signal(number, self._on_signal)

    def hand_to(self, stop: Callable[[str], None], wake_socket: int) -> None:
        """Call `stop(name)` with the signal's name from now on, or at once if it
        came already; `stop` must be safe wherever the main thread is. Any byte
        that is written to `wake_socket` wakes the loop: select() on Windows is
        not interrupted by a signal."""
        signal.set_wakeup_fd(wake_socket, warn_on_full_buffer=False)
        self._stop = stop
        if self._came:
            stop(self._came)

    def forget(self) -> None:
        """Leave the wake socket alone, before it is closed."""
        signal.set_wakeup_fd(-1)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._came:
            raise KeyboardInterrupt
        self._came = signal.Signals(number).name
        if self._stop is not None:
            self._stop(self._came)
