"""Measure how long a search takes in a long history: words, parts of words, several words,
Chinese by two and three characters, what is there often, seldom and not at all."""

import random
import statistics
import time
from itertools import accumulate
from pathlib import Path

from bench.report import Section, percentile
from bench.run import Run
from bench.servers.rostrum import Rostrum
from protocol.limits import POST_ID_BYTES
from protocol.messages import Found, Search
from server.domain.messages.history import Draft
from server.storage.sqlite import open_store
from tests.support.wire import WireClient

SEARCHES = 1_000
PAGE = 30
"""As many as the window asks for."""

MOST_MS = 100.0

ONSETS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "w",
    "st",
    "tr",
    "ch",
]
RHYMES = ["a", "e", "i", "o", "u", "ai", "ea", "ou", "er", "in", "on"]
WORDS = 30_000
CHARACTERS = 3_000
"""Different ones, each as often as its rank says (Zipf's law), as in real texts."""


class Language:
    """Makes texts in which few words are most of what is said, and most words are rare.
    Two thirds are in words with spaces between them, the others in Chinese characters."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        syllables = [onset + rhyme for onset in ONSETS for rhyme in RHYMES]
        self._words = [
            "".join(chance.choices(syllables, k=chance.choice((1, 1, 2, 2, 3, 4))))
            for _ in range(WORDS)
        ]
        self._characters = [chr(0x4E00 + chance.randrange(5_000)) for _ in range(CHARACTERS)]
        self._of_words = list(accumulate(1 / rank for rank in range(3, WORDS + 3)))
        self._of_characters = list(accumulate(1 / rank for rank in range(5, CHARACTERS + 5)))

    def text(self) -> str:
        """Return what somebody may announce."""
        if self._chance.random() < 1 / 3:
            return self._chinese(self._chance.randrange(8, 60))
        return " ".join(self._spoken(self._chance.randrange(4, 30)))

    def query(self) -> str:
        """Return what somebody may look for; it need not be there."""
        kind = self._chance.randrange(6)
        if kind == 0:
            return self._chance.choice(self._words)
        if kind == 1:
            return " ".join(self._spoken(2))
        if kind == 2:
            return self._chance.choice(self._words)[:2]
        if kind == 3:
            return f'"{" ".join(self._spoken(3))}"'
        if kind == 4:
            return self._chinese(2)
        return "".join(self._chance.choices(self._characters, k=3))

    def _spoken(self, count: int) -> list[str]:
        return self._chance.choices(self._words, cum_weights=self._of_words, k=count)

    def _chinese(self, count: int) -> str:
        return "".join(
            self._chance.choices(self._characters, cum_weights=self._of_characters, k=count)
        )


def measure(run: Run) -> list[Section]:
    """Measure searches over the wire, and what the index takes."""
    times = Section(f"A search in {run.depth:,} messages, until answered", "ms")
    sizes = Section("The room's file", "MB")
    language = Language(random.Random(18))
    with Rostrum(run.new_folder(), 0) as server:
        server.stop()
        path = server.data_dir / "room.db"
        _fill(server.data_dir, run.depth, language)
        sizes.add("without the index", path.stat().st_size / 1e6)
        began_s = time.perf_counter()
        _index(server.data_dir)
        took_s = time.perf_counter() - began_s
        sizes.add("with it", path.stat().st_size / 1e6, note=f"indexed in {took_s:.0f} s")
        server.start()
        with server.administrator() as client:
            took_ms = [_search_ms(client, language.query()) for _ in range(SEARCHES)]
    worst_ms = percentile(took_ms, 0.99)
    times.add("median", statistics.median(took_ms))
    times.add("99th percentile", worst_ms)
    times.add("slowest", max(took_ms))
    times.aim(f"99 % within {MOST_MS:.0f} ms", worst_ms <= MOST_MS)
    return [times, sizes]


def _fill(data_dir: Path, count: int, language: Language) -> None:
    with open_store(data_dir) as store, store.transaction():
        author = store.users.by_id(1)
        assert author is not None
        for number in range(1, count + 1):
            post_id = number.to_bytes(POST_ID_BYTES, "big")
            store.history.append(author, post_id, Draft(language.text()), number)


def _index(data_dir: Path) -> None:
    """Do at one go what a server does as it runs."""
    with open_store(data_dir) as store:
        while store.index.index_next():
            pass


def _search_ms(client: WireClient, query: str) -> float:
    began_ns = time.perf_counter_ns()
    client.ask(Search(client.number(), query, PAGE), Found)
    return (time.perf_counter_ns() - began_ns) / 1e6
