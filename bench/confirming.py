"""Measure a room in which everybody confirms within a minute, and its roster."""

import secrets
import sqlite3
import threading
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from bench.load.generator import Generator
from bench.load.scripts import Scripts
from bench.report import Section, percentile
from bench.run import Run
from bench.servers.rostrum import Rostrum, sign_in
from protocol.codec import encode
from protocol.limits import MAX_ROSTER_PAGE, POST_ID_BYTES
from protocol.messages import Confirm, GetRoster, Post, Posted, Roster, Tallies
from server.storage.sqlite.store import FILE_NAME
from tests.support.wire import WireClient

WITHIN_S = 40.0
"""In which all confirm: less than a minute, and than a server waits for a sign of life."""

SETTLE_S = 3.0
"""What everybody's coming takes in the end is another measurement."""

POSTS = 40
"""Fewer than the newest messages of which administrators are told how far they came."""

LOOK_EVERY_S = 0.05


def measure(run: Run) -> list[Section]:
    """Measure posts and the administrators' count while everybody confirms, then the
    roster of all of them."""
    count = run.members
    within_s = WITHIN_S if count >= 10_000 else WITHIN_S / 8
    posting = Section(
        f"A post is confirmed while {count:,} confirm another within {within_s:.0f} s", "ms"
    )
    behind = Section(
        f"For how long the administrators' count is behind while {count:,} confirm", "seconds"
    )
    roster = Section(f"The roster of {count:,}, page by page", "ms, until the last page is there")
    folder = run.new_folder()
    with Rostrum(folder, count) as server:  # noqa: SIM117
        with server.administrator() as author, server.administrator() as watcher:
            asked = Post(author.number(), secrets.token_bytes(POST_ID_BYTES), "Ask", answers=("",))
            message_id = author.ask(asked, Posted).id
            scripts = Scripts(
                [[sign_in(token)] for token in server.tokens],
                encode(Confirm(1, message_id, 1)),
                within_s,
            )
            record = _Record(server.data_dir / FILE_NAME, message_id)
            told = threading.Thread(target=_hear, args=(watcher, message_id, count, record.told))
            with record, Generator(run.program, server.port, scripts, folder) as generator:
                told.start()
                generator.connect(count)
                time.sleep(SETTLE_S)
                took_ms: list[float] = []
                while told.is_alive():
                    began_ns = time.perf_counter_ns()
                    text = f"Post {len(took_ms)}"
                    post = Post(author.number(), secrets.token_bytes(POST_ID_BYTES), text)
                    author.ask(post, Posted)
                    took_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
                    author.heard.clear()
                    told.join(within_s / POSTS)
            p99_ms = percentile(took_ms, 0.99)
            posting.add("Rostrum, 99th percentile", p99_ms, note=f"of {len(took_ms)} posts")
            posting.add("Rostrum, the slowest", max(took_ms))
            late_s = record.late_s()
            behind.add("Rostrum, the latest", max(late_s), note=f"of {len(late_s)} counts")
            began_ns = time.perf_counter_ns()
            people = _read_roster(author, message_id)
            roster.add(
                "Rostrum", (time.perf_counter_ns() - began_ns) / 1e6, note=f"{people:,} people"
            )
    posting.aim("under 50 ms at the 99th percentile", p99_ms < 50)
    behind.aim("at most 2 s", max(late_s) <= 2)
    roster_ms = roster.figures[0].value
    roster.aim("under 300 ms", roster_ms is not None and roster_ms < 300)
    return [posting, behind, roster]


class _Record:
    """Looks into the room's file how many have confirmed, while they do: what is counted
    against. `told` is when administrators were told of how many."""

    def __init__(self, path: Path, message_id: int) -> None:
        self._path = path
        self._message_id = message_id
        self._stored: list[tuple[float, int]] = []
        self.told: list[tuple[float, int]] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "_Record":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def late_s(self) -> list[float]:
        """Return for how long each count that was told was too low, until the next came."""
        late = []
        for (_, count), (next_s, _) in pairwise(self.told):
            overtaken_s = [at_s for at_s, stored in self._stored if stored > count]
            late.append(next_s - min(overtaken_s, default=next_s))
        return late

    def _look(self) -> None:
        query = "SELECT count(*) FROM answers WHERE message_id = ?"
        with closing(sqlite3.connect(self._path)) as database:
            while not self._is_over.wait(LOOK_EVERY_S):
                (stored,) = database.execute(query, (self._message_id,)).fetchone()
                self._stored.append((time.monotonic(), stored))


def _hear(watcher: WireClient, message_id: int, count: int, told: list[tuple[float, int]]) -> None:
    """Note when an administrator is told how many have confirmed, until it is everybody."""
    confirmed = 0
    while confirmed < count:
        for tally in watcher.expect(Tallies).tallies:
            if tally.message_id == message_id and sum(tally.chosen) != confirmed:
                confirmed = sum(tally.chosen)
                told.append((time.monotonic(), confirmed))
        watcher.heard.clear()


def _read_roster(client: WireClient, message_id: int) -> int:
    """Read all of a message's roster; return how many people are in it."""
    people, after_id = 0, 0
    while True:
        page = client.ask(GetRoster(client.number(), message_id, after_id, MAX_ROSTER_PAGE), Roster)
        people += len(page.entries)
        if not page.more:
            return people
        after_id = page.entries[-1].person_id
