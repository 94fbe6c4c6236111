"""Finding messages by what they say: an index of short pieces of their texts.

The ids of the room are cut into chunks of CHUNK_MESSAGES. Once all messages of a chunk
are posted, it is indexed, in the background and at one go: for each *gram*, two or three
characters of a key (protocol/search.py) that stand side by side, it is noted which
messages of the chunk have it. A message that has all grams of a term most likely has the
term; its text decides. So what is found never depends on the index, only how fast. What is
not in it yet, the newest messages and chunks in which a text has changed since, is looked
through as it stands.

From a character that is written without spaces between words (Chinese, Japanese, Korean)
a gram has two characters, else three; shorter at a text's end. A term that is shorter than
that is the beginning of grams. An author's name is a gram of its own.

SQLite's own full-text index (FTS5) finds nothing by fewer than three characters, and keeps
what was deleted until parts of it are merged.
"""

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import starmap
from typing import NamedTuple

from protocol.search import is_found, key_of
from server.domain.messages.history import Found, Wanted
from server.storage.sqlite.database import Database

CHUNK_MESSAGES = 2048
"""Many enough that few of them make up a room of a million messages, few enough that one
that is not indexed is looked through within some ten milliseconds. The schema has it, too
(migrations.py)."""

CHUNKS_A_STEP = 64
CANDIDATES_A_STEP = 512
"""What is looked at before others take their turn."""

MAX_GRAMS = 12
"""Of a query, that are looked up: what has these has the others, too, or nearly so."""

UNSPACED_FROM = "\u2e80"
"""From here on Unicode has, but for little, scripts without spaces between words."""

AUTHOR = "\x01"
"""Begins the gram of an author; no text has it."""

MOST_KEPT_CHARS = 2_000_000
"""Of the newest messages, that are kept ready to be looked through."""

_BITMAP_BYTES = CHUNK_MESSAGES // 8
_ROWS_AT_ONCE = 2000
"""So many are stored while everybody who writes waits."""

_TEXTS = "SELECT id, text, author_name, posted_at_ms FROM messages"


class Row(NamedTuple):
    """What decides of a message whether it is found: the keys of its text and of its
    author's name, and when it was posted."""

    id: int
    key: str
    author: str
    posted_at_ms: int


class Tail(NamedTuple):
    """What decides of the messages of a chunk, newest first, when the room was at this
    revision."""

    chunk: int
    revision: int
    rows: list[Row]


class SqliteSearch:
    """Finds; and keeps the index, as the `Indexer`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tail = Tail(0, 0, [])

    # -- finding ---------------------------------------------------------------------

    def step(self, wanted: Wanted, before_id: int, limit: int) -> Found:
        """Look through the messages below this id, the newest first, for as long as others
        may have to wait for it. See `HistoryStore.search`."""
        newest = before_id - 1
        if newest < 1:
            return Found([], 0)
        chunk = newest // CHUNK_MESSAGES
        state = self._database.execute(
            "SELECT is_current FROM search_chunks WHERE chunk = ?", chunk
        ).fetchone()
        if state is None or not state[0]:
            return self._take(wanted, chunk, newest, limit)
        return self._by_index(wanted, newest, limit)

    def _take(self, wanted: Wanted, chunk: int, newest: int, limit: int) -> Found:
        """Return those that are found in a chunk that is not indexed."""
        ids: list[int] = []
        for row in self._keys_of(chunk):
            if row.id <= newest and _is_wanted(wanted, row):
                ids.append(row.id)
                if len(ids) == limit:
                    return Found(ids, row.id)
        return Found(ids, max(chunk * CHUNK_MESSAGES, 1))

    def _keys_of(self, chunk: int) -> list[Row]:
        """Return what decides of a chunk's messages, newest first. That of the last one is
        kept: everybody's search begins with the newest messages."""
        (revision,) = self._database.execute("SELECT last_revision FROM room").fetchone()
        if (self._tail.chunk, self._tail.revision) != (chunk, revision):
            first = max(chunk * CHUNK_MESSAGES, 1)
            rows = list(self._as_they_stand(first, first + CHUNK_MESSAGES - 1))
            if sum(len(row.key) for row in rows) > MOST_KEPT_CHARS:
                return rows
            self._tail = Tail(chunk, revision, rows)
        return self._tail.rows

    def _as_they_stand(self, first: int, newest: int) -> Iterator[Row]:
        rows = self._database.rows(
            f"{_TEXTS} WHERE id BETWEEN ? AND ? AND withdrawn_at_ms = 0 ORDER BY id DESC",
            first,
            newest,
        )
        return starmap(_row, rows)

    def _by_index(self, wanted: Wanted, newest: int, limit: int) -> Found:
        ids: list[int] = []
        looked_at = 0
        through = newest + 1
        for chunk, candidates in self._candidates(wanted, newest // CHUNK_MESSAGES):
            for row in self._rows(chunk, candidates, newest):
                looked_at += 1
                if _is_wanted(wanted, row):
                    ids.append(row.id)
                if len(ids) == limit or looked_at == CANDIDATES_A_STEP:
                    return Found(ids, row.id)
            through = max(chunk * CHUNK_MESSAGES, 1)
        return Found(ids, through)

    def _candidates(self, wanted: Wanted, chunk: int) -> Iterator[tuple[int, Sequence[int]]]:
        """Yield from this chunk on downwards, as long as they are indexed, each with the
        places of its messages that may be wanted, lowest first; one without any is yielded
        only to tell that it was looked at."""
        lowest = max(chunk - CHUNKS_A_STEP + 1, 0)
        grams, beginnings = _grams_asked_for(wanted.terms)
        joins = "".join(
            f" LEFT JOIN search_grams g{n} ON g{n}.chunk = c.chunk AND g{n}.gram = ?"
            + (f" AND g{n - 1}.ids IS NOT NULL" if n else "")
            for n in range(len(grams))
        )
        columns = "".join(f", g{n}.ids" for n in range(len(grams)))
        rows = self._database.rows(
            f"SELECT c.chunk, c.is_current, c.first_ms, c.last_ms{columns} "
            f"FROM search_chunks c{joins} WHERE c.chunk BETWEEN ? AND ? ORDER BY c.chunk DESC",
            *grams,
            lowest,
            chunk,
        )
        expected = chunk
        for at, is_current, first_ms, last_ms, *postings in rows:
            if at != expected or not is_current:
                return
            expected -= 1
            is_past = first_ms >= wanted.to_ms or last_ms < wanted.from_ms
            if is_past or (postings and postings[-1] is None):
                yield at, []
                continue
            if wanted.author:
                postings.append(self._by_author(at, wanted.author))
            if not grams:
                postings += [self._by_beginning(at, beginning) for beginning in beginnings]
            yield at, _common(postings)

    def _by_author(self, chunk: int, author: str) -> bytes:
        return _any_of(
            ids
            for gram, ids in self._grams_from(chunk, AUTHOR)
            if author in gram.removeprefix(AUTHOR)
        )

    def _by_beginning(self, chunk: int, beginning: str) -> bytes:
        return _any_of(ids for _, ids in self._grams_from(chunk, beginning))

    def _grams_from(self, chunk: int, beginning: str) -> Iterator[tuple[str, bytes]]:
        yield from self._database.rows(
            "SELECT gram, ids FROM search_grams WHERE chunk = ? AND gram >= ? AND gram < ?",
            chunk,
            beginning,
            beginning + "\U0010ffff",
        )

    def _rows(self, chunk: int, places: Sequence[int], newest: int) -> Iterator[Row]:
        """Yield the messages at these places of a chunk, newest first, as many of them at
        once as are most likely to be enough."""
        first = chunk * CHUNK_MESSAGES
        ids = [first + place for place in reversed(places) if first + place <= newest]
        for start in range(0, len(ids), 64):
            some = ids[start : start + 64]
            marks = ", ".join("?" * len(some))
            yield from starmap(
                _row,
                self._database.rows(
                    f"{_TEXTS} WHERE id IN ({marks}) AND withdrawn_at_ms = 0 ORDER BY id DESC",
                    *some,
                ),
            )

    # -- the index -------------------------------------------------------------------

    def index_next(self) -> bool:
        """Index one chunk. False: none waits for it, or a text of it has changed
        meanwhile; try later. Not within a transaction."""
        chunk = self._next()
        if chunk is None:
            return False
        first, last = chunk * CHUNK_MESSAGES, (chunk + 1) * CHUNK_MESSAGES - 1
        before = self._newest_change(first, last)
        rows = list(self._as_they_stand(first, last))
        grams = sorted(_index_of(rows, first).items())
        self._forget(chunk)
        times = [row.posted_at_ms for row in rows] or [0]
        for start in range(0, max(len(grams), 1), _ROWS_AT_ONCE):
            some = grams[start : start + _ROWS_AT_ONCE]
            with self._database.transaction():
                for gram, ids in some:
                    self._database.execute(
                        "INSERT OR REPLACE INTO search_grams (chunk, gram, ids) VALUES (?, ?, ?)",
                        *(chunk, gram, ids),
                    )
                if start + _ROWS_AT_ONCE >= len(grams):
                    is_current = self._newest_change(first, last) == before
                    self._database.execute(
                        "INSERT OR REPLACE INTO search_chunks (chunk, is_current, first_ms, "
                        "last_ms) VALUES (?, ?, ?, ?)",
                        *(chunk, int(is_current), min(times), max(times)),
                    )
        return is_current

    def forget_stale(self) -> None:
        """Let go of what is indexed of chunks in which a text has changed since: it may
        tell of one that was withdrawn. Not within a transaction."""
        stale = "SELECT chunk FROM search_chunks WHERE NOT is_current"
        for (chunk,) in self._database.execute(stale).fetchall():
            self._forget(chunk)

    def _forget(self, chunk: int) -> None:
        while True:
            (left,) = self._database.execute(
                "SELECT count(*) FROM search_grams WHERE chunk = ?", chunk
            ).fetchone()
            if not left:
                return
            self._database.execute(
                "DELETE FROM search_grams WHERE chunk = ?1 AND gram IN "
                "(SELECT gram FROM search_grams WHERE chunk = ?1 LIMIT ?2)",
                *(chunk, _ROWS_AT_ONCE),
            )

    def _next(self) -> int | None:
        """Return the newest chunk that is whole and not in the index as it stands."""
        (newest,) = self._database.execute("SELECT coalesce(max(id), 0) FROM messages").fetchone()
        whole = (newest + 1) // CHUNK_MESSAGES
        (known, stale, top) = self._database.execute(
            "SELECT count(*), max(CASE WHEN is_current THEN NULL ELSE chunk END), max(chunk) "
            "FROM search_chunks"
        ).fetchone()
        if known < whole:
            if top != whole - 1:
                return int(whole - 1)
            (gap,) = self._database.execute(
                "SELECT max(chunk) - 1 FROM search_chunks c WHERE chunk > 0 AND NOT EXISTS "
                "(SELECT 1 FROM search_chunks WHERE chunk = c.chunk - 1)"
            ).fetchone()
            return int(gap)
        return None if stale is None else int(stale)

    def _newest_change(self, first: int, last: int) -> int:
        (revision,) = self._database.execute(
            "SELECT coalesce(max(revision), 0) FROM messages WHERE id BETWEEN ? AND ?", first, last
        ).fetchone()
        return int(revision)


def _is_wanted(wanted: Wanted, row: Row) -> bool:
    return (
        wanted.from_ms <= row.posted_at_ms < wanted.to_ms
        and wanted.author in row.author
        and is_found(row.key, wanted.terms)
    )


def _row(message_id: int, text: str, author_name: str, posted_at_ms: int) -> Row:
    return Row(message_id, key_of(text), key_of(author_name), posted_at_ms)


# -- grams -----------------------------------------------------------------------------


def _gram_at(key: str, place: int) -> str:
    return key[place : place + (2 if key[place] >= UNSPACED_FROM else 3)]


def grams_of(key: str) -> set[str]:
    """Return the grams of a text's key. No term begins with a space, so none is looked up
    that does."""
    return {_gram_at(key, place) for place in range(len(key)) if key[place] != " "}


def _grams_asked_for(terms: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the grams that whatever has all these terms has, and the terms of which a
    gram may have more behind them."""
    grams: set[str] = set()
    beginnings: list[str] = []
    for term in terms:
        whole = {one for one in grams_of(term) if len(one) == len(_gram_at(one + "xx", 0))}
        if whole:
            grams |= whole
        else:
            beginnings.append(term)
    ordered = sorted(grams)
    if len(ordered) > MAX_GRAMS:
        ordered = [ordered[len(ordered) * n // MAX_GRAMS] for n in range(MAX_GRAMS)]
    return ordered, beginnings


def _index_of(rows: Iterable[Row], first: int) -> dict[str, bytes]:
    """Return which of these messages have each gram, by their places after the first id."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for row in sorted(rows):
        place = row.id - first
        for gram in grams_of(row.key):
            places[gram].append(place)
        places[AUTHOR + row.author].append(place)
    return {gram: _packed(those) for gram, those in places.items()}


def _packed(places: Sequence[int]) -> bytes:
    """Return places, lowest first, as they are stored: few as numbers of two bytes, many as
    a bit each, the least first."""
    if 2 * len(places) < _BITMAP_BYTES:
        return b"".join(place.to_bytes(2, "little") for place in places)
    bits = 0
    for place in places:
        bits |= 1 << place
    return bits.to_bytes(_BITMAP_BYTES, "little")


def _unpacked(packed: bytes) -> tuple[int, ...]:
    """Return the places, lowest first."""
    if len(packed) == _BITMAP_BYTES:
        return tuple(_places(int.from_bytes(packed, "little")))
    return struct.unpack(f"<{len(packed) // 2}H", packed)


def _common(postings: Sequence[bytes]) -> Sequence[int]:
    """Return the places that all of these have, lowest first; without any, every place."""
    if not postings:
        return range(CHUNK_MESSAGES)
    fewest, *others = sorted(postings, key=len)
    if len(fewest) == _BITMAP_BYTES:
        together = int.from_bytes(fewest, "little")
        for packed in others:
            together &= int.from_bytes(packed, "little")
        return _places(together)
    places: Sequence[int] = _unpacked(fewest)
    for packed in others:
        if not places:
            break
        if len(packed) == _BITMAP_BYTES:
            places = [place for place in places if packed[place >> 3] >> (place & 7) & 1]
        else:
            those = set(_unpacked(packed))
            places = [place for place in places if place in those]
    return places


def _places(bits: int) -> list[int]:
    """Return which bits are set, the lowest first."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


def _any_of(postings: Iterable[bytes]) -> bytes:
    """Return the places that any of these has, packed."""
    return _packed(sorted({place for packed in postings for place in _unpacked(packed)}))
