"""The index finds what looking at every message finds, before and after it is built,
and whatever becomes of a message."""

import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from protocol.messages import Role
from protocol.search import is_found, key_of, terms_of
from server.domain.messages.history import Draft, Wanted
from server.domain.user import User
from server.storage.sqlite import SqliteStore, create_store
from server.storage.sqlite.messages import search as searching
from server.storage.sqlite.messages.search import CHUNK_MESSAGES

COUNT = 2 * CHUNK_MESSAGES + 100
MINUTE_MS = 60_000

WORDS = [
    "fire",
    "drill",
    "lift",
    "out",
    "of",
    "order",
    "in",
    "block",
    "C",
    "lunch",
    "is",
    "served",
    "the",
    "sports",
    "hall",
    "menu",
    "parking",
    "closes",
    "tonight",
    "please",
    "use",
    "north",
    "exit",
    "café",
    "STRASSE",
    "10:30",
    "room",
    "3B",
    "IT",
    "xylophone",
]
CHINESE = "本周六上午九点图书馆系统停机维护预计两小时期间无法借还敬请谅解明天气温下降"

QUERIES = (
    *("fire", "fire drill", '"fire drill"', "drill fire", "ire", "xylo", "it", "3b", "z", "e"),
    *("qq", "Ｃａｆｅ\u0301", "straße", "图书", "图", "天气", "天气 lunch", "龘", "10:30"),
    *("no such thing", "lift out of order in block", '"menu parking closes"'),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A room of two whole chunks and a part of a third."""
    chance = random.Random(18)
    with create_store(tmp_path_factory.mktemp("room")) as store:
        authors = [
            store.users.add("amelia", "Amelia Hart", Role.ADMIN, "hash", 1),
            store.users.add("liming", "李明", Role.ADMIN, "hash", 1),
        ]
        with store.transaction():
            for number in range(1, COUNT + 1):
                post(store, authors[chance.random() < 0.1], text_by(chance), number)
        yield store


def text_by(chance: random.Random) -> str:
    if chance.random() < 0.3:
        start = chance.randrange(len(CHINESE) - 5)
        return CHINESE[start : start + chance.randrange(5, 20)]
    return chance.choice([" ", "\n"]).join(chance.choices(WORDS, k=chance.randrange(2, 9)))


def post(store: SqliteStore, author: User, text: str, number: int) -> None:
    draft = Draft(text)
    store.history.append(author, number.to_bytes(16, "big"), draft, number * MINUTE_MS)


def found(
    store: SqliteStore, wanted: Wanted, limit: int = 10_000, before_id: int = 1 << 60
) -> list[int]:
    ids: list[int] = []
    while before_id > 1 and len(ids) < limit:
        step = store.history.search(wanted, before_id, limit - len(ids))
        assert step.through_id < before_id, "each step comes further"
        ids += step.ids
        before_id = step.through_id
    return ids


def looked_for(store: SqliteStore, wanted: Wanted) -> list[int]:
    """What there is to be found, by looking at every message."""
    return [
        one.id
        for one in reversed(list(store.history.whole()))
        if not one.withdrawn_at_ms
        and is_found(key_of(one.text), wanted.terms)
        and wanted.author in key_of(one.author_name)
        and wanted.from_ms <= one.posted_at_ms < wanted.to_ms
    ]


def index_all(store: SqliteStore) -> int:
    count = 0
    while store.index.index_next():
        count += 1
    return count


def every_wanted() -> list[Wanted]:
    wanted = [Wanted(terms_of(query)) for query in QUERIES]
    early, late = 100 * MINUTE_MS, (CHUNK_MESSAGES + 300) * MINUTE_MS
    wanted += [
        Wanted((), "李明"),
        Wanted(("fire",), "hart"),
        Wanted(("fire",), "nobody"),
        Wanted(("图书",), "", early, late),
        Wanted((), "", late, late + 5 * MINUTE_MS),
        Wanted((), "李", late, 1 << 60),
    ]
    return wanted


def test_the_index_finds_what_looking_at_each_finds(store: SqliteStore) -> None:
    expected = {wanted: looked_for(store, wanted) for wanted in every_wanted()}
    assert sum(map(bool, expected.values())) > 18, "of most of it there is something"
    for wanted, ids in expected.items():
        assert found(store, wanted) == ids, f"without an index: {wanted}"
    assert index_all(store) == 2
    for wanted, ids in expected.items():
        assert found(store, wanted) == ids, f"with it: {wanted}"
        assert found(store, wanted, limit=7) == ids[:7]
        if len(ids) > 20:
            assert found(store, wanted, before_id=ids[10]) == ids[11:], "from there on"


def test_what_was_changed_is_found_by_what_it_says_now(store: SqliteStore) -> None:
    index_all(store)
    lift, gone = Wanted(("xylophone",)), Wanted(("marmalade",))
    first = found(store, lift)[-1]
    assert first < CHUNK_MESSAGES, "it is in the index"
    message = store.history.by_id(first)
    assert message is not None
    store.history.change(msgspec.structs.replace(message, text="marmalade", edited_at_ms=1))
    assert first not in found(store, lift) and found(store, gone) == [first]
    assert index_all(store) == 1, "its chunk is indexed anew"
    assert first not in found(store, lift) and found(store, gone) == [first]
    pinned = store.history.by_id(first)
    assert pinned is not None
    store.history.change(msgspec.structs.replace(pinned, pinned_at_ms=1))
    assert index_all(store) == 0, "no text has changed"


def test_what_is_withdrawn_is_found_by_nothing_and_leaves_nothing(store: SqliteStore) -> None:
    secret = "quincunx"
    number = CHUNK_MESSAGES + 5
    message = store.history.by_id(number)
    assert message is not None
    message = store.history.change(msgspec.structs.replace(message, text=secret))
    index_all(store)
    assert found(store, Wanted((secret,))) == [number]
    assert grams_like(store, "qui%") == 1
    store.history.change(msgspec.structs.replace(message, text="", withdrawn_at_ms=5))
    assert found(store, Wanted((secret,))) == []
    posted_at_ms = message.posted_at_ms
    assert found(store, Wanted((), "", posted_at_ms, posted_at_ms + 1)) == []
    while not store.scrubber.scrub():
        pass
    assert grams_like(store, "qui%") == 0, "before anything is indexed anew"
    index_all(store)
    assert grams_like(store, "qui%") == 0
    assert found(store, Wanted((secret,))) == []


def grams_like(store: SqliteStore, pattern: str) -> int:
    query = "SELECT count(*) FROM search_grams WHERE gram LIKE ?"
    return int(store._database.execute(query, pattern).fetchone()[0])


def test_a_text_that_changes_while_it_is_indexed_is_indexed_again(
    store: SqliteStore,
) -> None:
    index_all(store)
    message = store.history.by_id(9)
    assert message is not None
    message = store.history.change(msgspec.structs.replace(message, text="first kiwi"))
    real = searching._index_of

    def index_of(rows: list[searching.Row], first: int) -> dict[str, bytes]:
        store.history.change(msgspec.structs.replace(message, text="second guava"))
        return real(rows, first)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "_index_of", index_of)
        assert not store.index.index_next()
    assert found(store, Wanted(("guava",))) == [9]
    assert index_all(store) == 1
    assert found(store, Wanted(("guava",))) == [9] and found(store, Wanted(("kiwi",))) == []


def test_a_search_stops_for_others(store: SqliteStore) -> None:
    index_all(store)
    common = Wanted(("e",), "nobody at all")
    step = store.history.search(common, COUNT + 1, 50)
    assert step.ids == [] and step.through_id == 2 * CHUNK_MESSAGES, "the newest, as they stand"


def test_an_empty_room_has_nothing_to_find(tmp_path: Path) -> None:
    with create_store(tmp_path) as empty:
        assert found(empty, Wanted(("a",))) == []
        assert not empty.index.index_next()
