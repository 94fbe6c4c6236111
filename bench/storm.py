"""Measure members who are there, and those who all come back at once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.load.generator import Generator
from bench.load.scripts import marked_text
from bench.report import Section
from bench.run import Run
from bench.servers.rostrum import Rostrum
from bench.servers.server import Publisher, memory_bytes
from protocol.version import VERSION

MISSED = 100
"""Messages that are posted while everybody is away."""

POST_EVERY_S = 0.1
"""How often an administrator posts while everybody comes back."""

QUIET_S = 3.0
"""How long a room is left alone before its memory is looked at."""


def measure(run: Run) -> list[Section]:
    """Measure sign-ins by token, memory, and a return of all at once."""
    count = run.members
    memory = Section(f"Memory of each of {count:,} who are signed in and idle", "KiB")
    back = Section(
        f"{count:,} come back with tokens and catch up with {MISSED} messages", "seconds"
    )
    posting = Section(f"A post is confirmed while {count:,} come back", "ms, the slowest")
    for tls in (False, True):
        folder = run.new_folder()
        with Rostrum(folder, count, tls) as server:
            publisher = server.publisher()
            before = memory_bytes(server.pid)
            with Generator(run.program, server.port, server.scripts(count), folder, tls) as load:
                load.connect(count)
                time.sleep(QUIET_S)
                after = memory_bytes(server.pid)
            if before is not None and after is not None:
                memory.add(server.name, (after - before) / count / 1024)
            else:
                memory.add(server.name, None, note="this system does not tell")
            for place in range(MISSED):
                publisher.publish([marked_text(place, 100)])
            publisher.settle()
            scripts = server.scripts(count, held=[0])
            with (
                Generator(run.program, server.port, scripts, folder, tls) as load,
                _posting(publisher) as took_ms,
            ):
                back.add(server.name, load.connect(count))
            posting.add(server.name, max(took_ms), note=f"of {len(took_ms)} posts")
            publisher.close()
    for section, limits in ((memory, (4.0, 40.0)), (back, (3.0, 12.0)), (posting, (200.0, 200.0))):
        for whose, limit in zip(("Rostrum", "Rostrum, TLS"), limits, strict=True):
            value = section.value_of(whose)
            section.aim(
                f"{whose}: at most {limit:g}", value <= limit if value is not None else None
            )
    return [memory, back, posting]


@contextmanager
def _posting(publisher: Publisher) -> Iterator[list[float]]:
    """Post from time to time on a thread; give how many ms each took until confirmed."""
    took_ms: list[float] = []
    is_over = threading.Event()

    def post() -> None:
        while True:
            began_ns = time.perf_counter_ns()
            publisher.publish([f"A post of Rostrum {VERSION}"])
            publisher.settle()
            took_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
            if is_over.wait(POST_EVERY_S):
                return

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield took_ms
    finally:
        is_over.set()
        thread.join()
