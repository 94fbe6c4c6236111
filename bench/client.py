"""Measure the client's window: its start, a flood of messages, scrolling, memory."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.depth import fill
from bench.report import Section, percentile
from bench.run import Run
from bench.servers.rostrum import Rostrum
from tests.support.server_process import ADMIN, PASSWORD

HERE = Path(__file__).parent
FLOOD = 5_000
MAX_FRAME_MS = 20.0


def measure(run: Run) -> list[Section]:
    """Measure the window in a room as deep as the run has them. Needs a screen."""
    starts = Section("From the start of the process to what can be seen", "seconds, median")
    flood = Section(
        f"{FLOOD:,} messages arrive at once: the window does nothing else for", "ms, the longest"
    )
    scrolled = min(10_000, run.depth // 10)
    scroll = Section(f"Scrolling up through {scrolled:,} messages, a frame", "ms, 95th percentile")
    memory = Section(f"Memory of the client in a room of {run.depth:,}", "MB")
    sections = [starts, flood, scroll, memory]
    if sys.platform not in ("win32", "darwin") and "DISPLAY" not in os.environ:
        for section in sections:
            section.add("Rostrum", None, note="there is no screen here")
        return sections
    with Rostrum(run.new_folder(), 0) as server:
        server.stop()
        fill(server.data_dir, run.depth)
        server.start()
        address = f"tcp://127.0.0.1:{server.port}"
        room = ("room", str(run.new_folder()), address, ADMIN, PASSWORD)
        compiled = run.new_folder()
        with open_window(compiled, *room), open_window(compiled, "empty"):
            pass  # signs in for the first time and is remembered; what is compiled is kept
        empty_s, room_s = [], []
        for _ in range(run.rounds):
            with open_window(compiled, "empty") as (_, told):
                empty_s.append(told["shown_s"])
            with open_window(compiled, *room) as (_, told):
                room_s.append(told["shown_s"])
        starts.add("an empty window of ttkbootstrap", statistics.median(empty_s), empty_s)
        starts.add("Rostrum, the signed-in room", statistics.median(room_s), room_s)
        with open_window(compiled, *room) as (window, _):
            publisher = server.publisher()
            ask(window, f"watch {run.depth + FLOOD}")
            publisher.publish([f"Announcement {number}, for everyone." for number in range(FLOOD)])
            publisher.settle()
            longest_ms = hear(window)["longest_ms"]
            publisher.close()
            frames_ms: list[float] = []
            first_id = run.depth + FLOOD
            while first_id > run.depth + FLOOD - scrolled and first_id > 1:
                told = ask(window, "scroll")
                frames_ms += told["frames_ms"]
                first_id = told["first_id"]
            bytes_used = ask(window, "end")["memory_bytes"]
    flood.add("Rostrum", longest_ms)
    quick = sum(frame <= MAX_FRAME_MS for frame in frames_ms) / len(frames_ms)
    scroll.add(
        "Rostrum",
        percentile(frames_ms, 0.95),
        note=f"{quick:.1%} of {len(frames_ms):,} within {MAX_FRAME_MS:.0f} ms; "
        f"the longest {max(frames_ms):.0f} ms",
    )
    memory.add("Rostrum", None if bytes_used is None else bytes_used / 1e6)
    times = statistics.median(room_s) / statistics.median(empty_s)
    starts.aim(f"within 1.5 times the empty window ({times:.2f} times)", times <= 1.5)
    flood.aim("at most 50 ms", longest_ms <= 50)
    scroll.aim(f"95 % within {MAX_FRAME_MS:.0f} ms", quick >= 0.95)
    memory.aim("under 80 MB", None if bytes_used is None else bytes_used < 80e6)
    return sections


Window = subprocess.Popen[str]


@contextmanager
def open_window(compiled: Path, *what: str) -> Iterator[tuple[Window, dict[str, Any]]]:
    """Open a window, and give what it said when it could be seen. It is ended after that,
    if it was not before. As where a program is installed, Python finds its modules
    compiled, in a folder, whatever is set here."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(compiled)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began_ns = time.monotonic_ns()
    window = subprocess.Popen(
        [sys.executable, "-m", "bench.client_window", what[0], str(began_ns), *what[1:]],
        cwd=HERE.parent,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield window, hear(window)
    finally:
        assert window.stdin is not None and window.stdout is not None
        window.stdin.close()
        window.wait(60)
        window.stdout.close()


def ask(window: Window, word: str) -> dict[str, Any]:
    assert window.stdin is not None
    window.stdin.write(word + "\n")
    window.stdin.flush()
    return hear(window)


def hear(window: Window) -> dict[str, Any]:
    assert window.stdout is not None
    line = window.stdout.readline()
    if not line:
        raise RuntimeError(f"the window ended with {window.wait()}")
    told: dict[str, Any] = json.loads(line)
    return told
