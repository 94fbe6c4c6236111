"""Writes the log on a thread of its own, so that nobody waits for who reads it.

Standard error may lead to a pipe that nobody empties: a paused terminal, a
pager, a Windows console in which something is being marked. Writing to it then
takes for ever, and on the reactor's thread the whole room would stand still. So
a bounded queue lies between. Where it is full, lines are dropped and counted,
and the next line that gets through says how many.
"""

import contextlib
import logging
import queue
import threading
from typing import TextIO

MAX_LINES_WAITING = 10_000

CLOSE_WAIT_S = 2.0
"""How long the end of the program waits for what is still to be written."""


class LogWriter(logging.Handler):
    """Formats on the caller's thread and writes on its own. `dropped` counts the
    lines that nobody will read."""

    def __init__(self, stream: TextIO, max_lines: int = MAX_LINES_WAITING) -> None:
        super().__init__()
        self.dropped = 0
        self._stream = stream
        self._max_lines = max_lines
        # The one queue that may be put into while it is being put into: a handler
        # of a signal, or an object's end, can log in the middle of a line's way.
        self._lines: queue.SimpleQueue[tuple[logging.LogRecord, str] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line, or drop it where too many wait. Never blocks."""
        try:
            line = self.format(record)
        except Exception:
            return  # a line that can't be made must not end what it is about
        # One thread at a time is here: the handler's own lock sees to it.
        if self._lines.qsize() >= self._max_lines:
            self.dropped += 1
        else:
            self._lines.put((record, line))

    def close(self) -> None:
        """Write what waits, as far as CLOSE_WAIT_S goes."""
        self._lines.put(None)
        self._thread.join(CLOSE_WAIT_S)
        super().close()

    # -- on the log's own thread ---------------------------------------------------

    def _write_all(self) -> None:
        # Without the handler's lock: the end of the program holds it while it waits.
        told = 0
        while (item := self._lines.get()) is not None:
            record, line = item
            self._write(line)
            untold = self.dropped - told
            told += untold
            if untold:
                self._write(self.format(_about_dropped(record, untold)))

    def _write(self, line: str) -> None:
        # A stream that is gone takes the log with it, not the room.
        with contextlib.suppress(OSError, ValueError):
            data = f"{line}\n"
            raw = getattr(getattr(self._stream, "buffer", None), "raw", None)
            if raw is None:
                self._stream.write(data)
                self._stream.flush()
                return
            # Past the buffer: the interpreter, when it ends, takes its lock, which
            # a thread that waits in a write would never give back.
            left = memoryview(data.encode(self._stream.encoding, "backslashreplace"))
            while left:
                left = left[raw.write(left) or 0 :]


def _about_dropped(last: logging.LogRecord, count: int) -> logging.LogRecord:
    text = "%d lines of the log were dropped: nobody read it in time"
    return logging.LogRecord(
        __name__, logging.WARNING, last.pathname, last.lineno, text, (count,), None
    )
