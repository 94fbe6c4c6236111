"""Measure members who are there, and those who all come back at once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load.generator import Generator
from bench.load.scripts import marked_text
from bench.report import Section
from bench.run import Run
from bench.servers.brokers import PEERS
from bench.servers.rostrum import Rostrum
from bench.servers.server import Absent, Publisher, Server, memory_bytes
from protocol.version import VERSION

MISSED = 100
"""Messages that are posted while everybody is away."""

POST_EVERY_S = 0.5
"""How often an administrator posts while everybody comes back."""

QUIET_S_PER_MEMBER = 3e-4
"""How long a room is left alone before its memory is looked at: 3 s at ten thousand."""


def measure(run: Run) -> list[Section]:
    """Measure how all come in, memory, and a return of all at once."""
    count = run.members
    coming = Section(f"{count:,} connect and are let in", "seconds")
    memory = Section(f"Memory of each of {count:,} who are there and idle", "KiB")
    for make in PEERS:
        folder = run.new_folder()
        try:
            with make(folder) as peer:
                seconds, bytes_each = _come_in(run, peer, folder)
                coming.add(peer.name, seconds, note="without accounts")
                _add_memory(memory, peer.name, bytes_each)
        except Absent as absent:
            coming.add(make.__name__, None, note=str(absent))
    back = Section(
        f"{count:,} come back with tokens and catch up with {MISSED} messages", "seconds"
    )
    posting = Section(f"A post is confirmed while {count:,} come back", "ms, the slowest")
    for tls in (False, True):
        folder = run.new_folder()
        with Rostrum(folder, count, tls) as server:
            publisher = server.publisher()
            seconds, bytes_each = _come_in(run, server, folder, tls)
            coming.add(server.name, seconds, note="by session tokens")
            _add_memory(memory, server.name, bytes_each)
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
    return [coming, memory, back, posting]


def _come_in(
    run: Run, server: Server, folder: Path, tls: bool = False
) -> tuple[float, float | None]:
    """Let everybody in. Returns how many seconds that took, and how many bytes of memory the
    server has for each; None where the system does not tell."""
    before = memory_bytes(server.pid)
    scripts = server.scripts(run.members)
    with Generator(run.program, server.port, scripts, folder, tls) as load:
        seconds = load.connect(run.members)
        time.sleep(QUIET_S_PER_MEMBER * run.members)
        after = memory_bytes(server.pid)
    if before is None or after is None:
        return seconds, None
    return seconds, (after - before) / run.members


def _add_memory(section: Section, name: str, bytes_each: float | None) -> None:
    if bytes_each is None:
        section.add(name, None, note="this system does not tell")
    else:
        section.add(name, bytes_each / 1024)


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
