"""Measure what it takes until a post is known to be on the disk, and how many get there."""

import secrets
import sqlite3
import statistics
import time
from pathlib import Path

from bench.load.generator import Generator
from bench.load.scripts import Scripts, Step, marked_text
from bench.report import Section, percentile
from bench.run import Run
from bench.servers.rostrum import Rostrum, sign_in, start_of
from protocol.codec import encode
from protocol.limits import POST_ID_BYTES
from protocol.messages import Post, Posted

TEXT_CHARS = 100
POSTS = 1_000
ADMINISTRATORS = 4
BATCH = 64
"""Posts that one administrator has under way."""


def measure(run: Run) -> list[Section]:
    """Measure posts one by one beside bare commits, and as many as there can be."""
    return [_measure_one_by_one(run), _measure_many(run)]


def _measure_one_by_one(run: Run) -> Section:
    section = Section(
        f"{POSTS:,} posts one by one, until each is known to be on the disk",
        "ms, 99th percentile; median in the note",
    )
    bare = _bare_commits(run.new_folder())
    own = _posts_one_by_one(run.new_folder())
    for name, took in (("SQLite, a bare commit with fsync", bare), ("Rostrum", own)):
        section.add(name, percentile(took, 0.99), note=f"median {statistics.median(took):.2f} ms")
    times = percentile(own, 0.99) / percentile(bare, 0.99)
    section.aim(f"within 3 times a bare commit ({times:.1f} times)", times <= 3)
    return section


def _bare_commits(folder: Path) -> list[float]:
    """Return how many ms each of many commits of one row takes, on the same disk and with
    what the server's database is set to."""
    database = sqlite3.connect(folder / "bare.db", isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)")
        took = []
        for number in range(POSTS):
            began_ns = time.perf_counter_ns()
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO messages (text) VALUES (?)", (f"{number:0100}",))
            database.execute("COMMIT")
            took.append((time.perf_counter_ns() - began_ns) / 1e6)
        return took
    finally:
        database.close()


def _posts_one_by_one(folder: Path) -> list[float]:
    with Rostrum(folder, 0) as server:
        publisher = server.publisher()
        try:
            took = []
            for number in range(POSTS):
                text = marked_text(number, TEXT_CHARS)
                began_ns = time.perf_counter_ns()
                publisher.publish([text])
                publisher.settle()
                took.append((time.perf_counter_ns() - began_ns) / 1e6)
            return took
        finally:
            publisher.close()


def _measure_many(run: Run) -> Section:
    """Let some administrators post as fast as they are answered, while others listen."""
    batches = max(4, 20_000 // ADMINISTRATORS // BATCH) if run.members >= 10_000 else 16
    posts = ADMINISTRATORS * BATCH * batches
    section = Section(
        f"{posts:,} posts by {ADMINISTRATORS} administrators, {run.fewer:,} listening",
        "posts a second, each confirmed when on the disk",
    )
    folder = run.new_folder()
    with Rostrum(folder, run.fewer, administrators=ADMINISTRATORS) as server:
        listening = Generator(run.program, server.port, server.scripts(run.fewer), folder)
        scripts = Scripts([[sign_in(token), *_batches(batches)] for token in server.admin_tokens])
        with listening, Generator(run.program, server.port, scripts, run.new_folder()) as posting:
            listening.connect(run.fewer)
            listening.expect(posts, limit_s=300)
            seconds = posting.connect(ADMINISTRATORS, limit_s=300)
            heard = listening.heard()
            # Each administrator has numbers of their own, so order says nothing here.
            heard.require_count(run.fewer, posts)
    section.add("Rostrum", posts / seconds, note="and everybody has heard all")
    section.aim("10,000 a second", posts / seconds >= 10_000)
    return section


def _batches(count: int) -> list[Step]:
    steps = []
    for batch in range(count):
        first = 0x5AAE0000 + batch * BATCH
        posts = [
            Post(first + place, secrets.token_bytes(POST_ID_BYTES), marked_text(place, TEXT_CHARS))
            for place in range(BATCH)
        ]
        steps.append(Step(b"".join(map(encode, posts)), start_of(Posted, first + BATCH - 1)))
    return steps
