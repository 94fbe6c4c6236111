"""Measure what a long history costs: a page of it, a start over it, and all of it."""

import secrets
import statistics
import time
from pathlib import Path

from bench.load.generator import LoadFailed
from bench.load.scripts import marked_text
from bench.report import Section
from bench.run import Run
from bench.servers.rostrum import Rostrum
from protocol.limits import POST_ID_BYTES
from protocol.messages import Changes, GetHistory, History, Sync
from server.domain.messages.history import Draft
from server.storage.sqlite import open_store
from tests.support.wire import WireClient

SHALLOW = 1_000
PAGE = 50
PAGES = 300
CAUGHT_UP = 200_000
"""Changes at most that are streamed to measure how fast."""


def measure(run: Run) -> list[Section]:
    """Measure pages, starts and catching up in a short room and in a deep one."""
    pages = Section(f"A page of {PAGE} messages from the middle", "ms, median")
    starts = Section("A start of the server, until it listens", "seconds, median")
    streams = Section("Catching up from the beginning, one client", "changes a second")
    for depth in (SHALLOW, run.depth):
        name = f"Rostrum, {depth:,} stored"
        with Rostrum(run.new_folder(), 0) as server:
            server.stop()
            fill(server.data_dir, depth)
            server.start()
            took_s = [_time_restart(server) for _ in range(run.rounds)]
            starts.add(name, statistics.median(took_s), took_s)
            with server.administrator() as client:
                took_ms = [_time_page(client, depth // 2 - place) for place in range(PAGES)]
                pages.add(name, statistics.median(took_ms))
            if depth == run.depth:
                with server.administrator() as client:
                    streams.add(name, _changes_per_s(client, min(depth, CAUGHT_UP)))
    for section, what in ((pages, "page"), (starts, "start")):
        shallow, deep = (one.value for one in section.figures)
        assert shallow is not None and deep is not None
        times = deep / shallow
        section.aim(f"a {what} within 1.5 times ({times:.2f} times)", times <= 1.5)
    speed = streams.figures[0].value
    streams.aim("150,000 a second", None if speed is None else speed >= 150_000)
    return [pages, starts, streams]


def fill(data_dir: Path, count: int) -> None:
    """Store so many messages in a room that nobody serves."""
    with open_store(data_dir) as store, store.transaction():
        author = store.users.by_id(1)
        assert author is not None
        for number in range(1, count + 1):
            draft = Draft(marked_text(number, 100))
            store.history.append(author, secrets.token_bytes(POST_ID_BYTES), draft, number)


def _time_restart(server: Rostrum) -> float:
    server.stop()
    began_s = time.perf_counter()
    server.start()
    return time.perf_counter() - began_s


def _time_page(client: WireClient, before_id: int) -> float:
    began_ns = time.perf_counter_ns()
    client.ask(GetHistory(client.number(), before_id, PAGE), History)
    return (time.perf_counter_ns() - began_ns) / 1e6


def _changes_per_s(client: WireClient, count: int) -> float:
    """Ask for page after page, as a client does. Raises LoadFailed unless each change comes
    once and in order."""
    after, began_s = 0, time.perf_counter()
    while after < count:
        changes = client.ask(Sync(client.number(), after), Changes)
        told = [one.revision for one in changes.messages]
        if told != list(range(after + 1, changes.complete_through + 1)):
            raise LoadFailed(f"after {after} came {told[:3]} to {told[-1:]}")
        after = changes.complete_through
    return after / (time.perf_counter() - began_s)
