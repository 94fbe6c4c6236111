"""The local cache: what it keeps, and what it does when the file fails it."""

import sqlite3
from pathlib import Path

import pytest

from app.models.cache import Cache, Progress
from app.models.outbox import Outbox
from app.models.outbox_item import PostState
from protocol.messages import RoomMessage


def message(number: int, revision: int, text: str = "text") -> RoomMessage:
    return RoomMessage(number, revision, 1, "Amelia", 5, text, bytes(16))


def test_messages_are_kept_and_found_by_their_place(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "deep" / "数据.db")
    for number in range(1, 11):
        assert cache.store(message(number, number))
    cache.close()
    cache = Cache(tmp_path / "deep" / "数据.db")
    assert [m.id for m in cache.before(8, 3)] == [5, 6, 7]
    assert [m.id for m in cache.after(8, 5)] == [9, 10]
    cache.close()


def test_an_older_revision_never_goes_over_a_newer_one(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.db")
    assert cache.store(message(1, 5, "new"))
    assert not cache.store(message(1, 3, "old"))
    assert not cache.store(message(1, 5, "new"))
    assert cache.store(message(1, 6, "newer"))
    assert cache.after(0, 1)[0].text == "newer"
    cache.close()


def test_a_batch_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.db")
    progress = Progress(bytes(16), 1, 1, 1)
    with pytest.raises(ValueError, match="on purpose"), cache.batch():
        cache.store(message(1, 1))
        cache.set_progress(progress)
        raise ValueError("on purpose")
    assert cache.progress is None and cache.after(0, 10) == []
    with cache.batch(), cache.batch():
        cache.set_progress(progress)
    assert cache.progress == progress
    cache.close()


def test_closing_within_a_batch_keeps_what_it_has(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.db")
    with cache.batch():
        cache.store(message(1, 1))
        cache.close()
    cache = Cache(tmp_path / "c.db")
    assert len(cache.after(0, 10)) == 1
    cache.close()


@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\0garbage" * 99]
)
def test_a_damaged_file_is_set_aside_and_begun_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(content)
    cache = Cache(path)
    cache.store(message(1, 1))
    cache.close()
    aside = list(tmp_path.glob("c.db.damaged-*"))
    assert len(aside) == 1 and aside[0].read_bytes() == content
    cache = Cache(path)
    assert len(cache.after(0, 10)) == 1
    cache.close()


def test_a_file_of_another_schema_is_set_aside(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "c.db")
    database.execute("PRAGMA user_version = 99")
    database.close()
    Cache(tmp_path / "c.db").close()
    assert len(list(tmp_path.glob("c.db.damaged-*"))) == 1


def test_a_folder_that_cant_be_written_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    cache = Cache(tmp_path / "file" / "c.db")
    assert cache.store(message(1, 1))
    cache.close()


def test_p2_posts_survive_with_their_ids_in_the_order_of_writing(tmp_path: Path) -> None:
    cache, outbox = Cache(tmp_path / "c.db"), Outbox()
    outbox.open(cache)
    first, second, third = (outbox.add(text) for text in ("one", "two 🔔", "three"))
    outbox.mark(first.post_id, PostState.SENDING)
    outbox.mark(third.post_id, PostState.REFUSED, "not_permitted")
    outbox.settle(second.post_id)
    cache.close()
    cache, outbox = Cache(tmp_path / "c.db"), Outbox()
    outbox.open(cache)
    assert [(item.post_id, item.text, item.state, item.reason) for item in outbox.items] == [
        (first.post_id, "one", PostState.WAITING, ""),
        (third.post_id, "three", PostState.REFUSED, "not_permitted"),
    ]
    cache.close()


def test_p10_a_post_is_kept_in_memory_where_the_disk_fails(tmp_path: Path) -> None:
    cache, outbox = Cache(tmp_path / "c.db"), Outbox()
    outbox.open(cache)
    cache._database.execute("PRAGMA query_only = ON")
    item = outbox.add("not lost")
    assert outbox.items == [item]
    cache.close()


def test_a_message_of_ones_own_settles_its_post_and_anothers_does_not() -> None:
    outbox = Outbox()
    item = outbox.add("mine")
    seen = RoomMessage(1, 1, 7, "Amelia", 5, "mine", item.post_id)
    outbox.settle_by(seen, own_id=8)
    assert outbox.items == [item]
    outbox.settle_by(seen, own_id=7)
    assert outbox.items == []
