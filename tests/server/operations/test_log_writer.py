"""Whoever reads the log, or does not, the room goes on (P5)."""

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO, cast

from server.operations.log_writer import LogWriter
from tests.server.conftest import ADMIN, PASSWORD
from tests.support.wire import WireClient

CONNECTIONS = 350
"""Each logs three lines of some 80 bytes: more than a pipe holds (64 KiB)."""


class Stuck:
    """A stream that takes nothing until it may."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.lines: list[str] = []

    def write(self, text: str) -> None:
        os.read(self.reading, 1)
        self.lines.append(text)

    def flush(self) -> None:
        pass

    def let_go(self, lines: int) -> None:
        os.write(self.writing, b"x" * lines)


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("server", logging.INFO, "", 0, text, (), None)


def test_p5_lines_beyond_the_queue_are_dropped_counted_and_told() -> None:
    stuck = Stuck()
    writer = LogWriter(cast(TextIO, stuck), max_lines=5)
    for number in range(100):
        writer.handle(record(str(number)))
    assert writer.dropped >= 94, "one may have been taken out to be written"
    stuck.let_go(20)
    writer.close()
    os.close(stuck.reading)
    os.close(stuck.writing)
    told = [line for line in stuck.lines if "were dropped" in line]
    assert told == [f"{writer.dropped} lines of the log were dropped: nobody read it in time\n"]
    assert len(stuck.lines) == 100 - writer.dropped + 1


def test_what_waits_is_written_at_the_end_of_the_program() -> None:
    """`logging.shutdown` holds the handler's lock while it closes it."""
    stuck = Stuck()
    writer = LogWriter(cast(TextIO, stuck))
    for number in range(20):
        writer.handle(record(str(number)))
    assert writer.lock is not None
    with writer.lock:
        stuck.let_go(20)
        writer.close()
    os.close(stuck.reading)
    os.close(stuck.writing)
    assert stuck.lines == [f"{number}\n" for number in range(20)]


def test_p5_a_log_that_nobody_reads_stops_nobody(data_dir: Path) -> None:
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "server", "serve", "--data", str(data_dir)),
            *("--port", "0", "--log-level", "debug"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "ROSTRUM_TLS": "false"},
    )
    try:
        assert server.stdout is not None and server.stderr is not None
        port = int(server.stdout.readline().decode().rsplit(":", 1)[1])
        for _ in range(CONNECTIONS):
            with WireClient(port, tls=False) as client:
                client.hello()
        with WireClient(port, tls=False) as alice:
            alice.hello()
            alice.sign_in(ADMIN, PASSWORD)
            alice.post("The log is full, the room is not.", bytes(16))
        server.terminate()
        # It ends in order, too, though nobody reads its last words.
        assert server.wait(30) == 0 or sys.platform == "win32"
        assert len(server.stderr.read()) > 32 * 1024
    finally:
        server.kill()
        server.wait()
        for pipe in (server.stdout, server.stderr):
            if pipe is not None:
                pipe.close()
