"""The local cache: what it keeps, and what it does when the file fails it."""

import contextlib
import shutil
import sqlite3
import time
from pathlib import Path

import msgspec
import pytest

from app.models.room import cache as cache_module
from app.models.room.cache import Cache, Progress
from app.models.room.outbox import Outbox
from app.models.room.outbox_item import Draft, PostState
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
    first, second, third = (outbox.add(Draft(text)) for text in ("one", "two 🔔", "three"))
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
    item = outbox.add(Draft("not lost"))
    assert outbox.items == [item]
    cache.close()


def test_a_message_of_ones_own_settles_its_post_and_anothers_does_not() -> None:
    outbox = Outbox()
    item = outbox.add(Draft("mine"))
    seen = RoomMessage(1, 1, 7, "Amelia", 5, "mine", item.post_id)
    outbox.settle_by(seen, own_id=8)
    assert outbox.items == [item]
    outbox.settle_by(seen, own_id=7)
    assert outbox.items == []


FUTURE_STATE = (
    "UPDATE posts SET body = CAST(replace(CAST(body AS TEXT), 'waiting', 'pending') AS BLOB)"
)


def newer(path: Path, change: str) -> None:
    """A file that a client has left, changed by another kind of client."""
    cache, outbox = Cache(path), Outbox()
    outbox.open(cache)
    outbox.add(Draft("waits in it"))
    cache.store(message(1, 1))
    cache._database.executescript(change)
    cache.close()


@pytest.mark.parametrize(
    "change",
    [
        "PRAGMA user_version = 99",
        "PRAGMA user_version = 99; ALTER TABLE posts ADD COLUMN more TEXT",
        "DROP TABLE facts",
        "ALTER TABLE messages RENAME COLUMN body TO words",
        FUTURE_STATE,
    ],
)
def test_p10_posts_are_taken_over_from_a_file_that_is_set_aside(
    tmp_path: Path, change: str
) -> None:
    newer(tmp_path / "c.db", change)
    for _ in range(2):
        cache = Cache(tmp_path / "c.db")
        assert [(p.text, p.state) for p in cache.posts()] == [("waits in it", PostState.WAITING)]
        assert cache.after(0, 10) == [] and cache.progress is None
        cache.close()
    assert len(list(tmp_path.glob("c.db.damaged-*"))) == 1


OLDER = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, author_id INTEGER NOT NULL,
    author_name TEXT NOT NULL, posted_at_ms INTEGER NOT NULL, text TEXT NOT NULL,
    post_id BLOB NOT NULL
);
CREATE TABLE posts (
    place INTEGER PRIMARY KEY, post_id BLOB NOT NULL UNIQUE, text TEXT NOT NULL,
    written_at_ms INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL);
INSERT INTO messages VALUES (1, 1, 1, 'Amelia', 5, 'text', x'00');
INSERT INTO posts VALUES (1, x'0102', 'first', 7, 'sending', '');
INSERT INTO posts VALUES (2, x'0304', 'second', 8, 'refused', 'not_permitted');
INSERT INTO facts VALUES ('progress', x'95c41000000000000000000000000000000000010101c2');
PRAGMA user_version = 1;
"""
"""What a client of the first release leaves."""


def test_p10_an_older_file_is_taken_over_in_place(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "c.db")
    database.executescript(OLDER)
    database.close()
    for _ in range(2):
        cache = Cache(tmp_path / "c.db")
        assert [(one.post_id, one.text, one.state, one.reason) for one in cache.posts()] == [
            (b"\1\2", "first", PostState.SENDING, ""),
            (b"\3\4", "second", PostState.REFUSED, "not_permitted"),
        ]
        assert cache.progress is None and cache.after(0, 9) == [], "it is fetched anew"
        cache.close()
    assert not list(tmp_path.glob("c.db.damaged-*"))


def test_a_withdrawn_text_is_gone_from_the_file(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.db")
    cache.store(message(1, 1, "a text that is taken back"))
    cache.store(message(1, 2, ""))
    cache.close()
    for path in tmp_path.glob("c.db*"):
        assert b"taken back" not in path.read_bytes()


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("c.db*"))


def withdrawn(number: int, revision: int) -> RoomMessage:
    return msgspec.structs.replace(message(number, revision, ""), withdrawn_at_ms=1)


def test_it_is_gone_from_the_log_beside_the_file_while_that_is_open(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.db")
    cache.store(message(1, 1, "a text that is taken back"))
    cache.store(withdrawn(2, 2))
    assert not cache.is_scrub_due, "of a message that was never held nothing is left"
    cache.store(withdrawn(1, 3))
    assert cache.is_scrub_due
    assert b"taken back" in content(tmp_path), "the log still has it"
    assert cache.scrub() and not cache.is_scrub_due
    assert b"taken back" not in content(tmp_path)
    assert cache.after(0, 9)[0].withdrawn_at_ms
    cache.close()


def test_what_is_forgotten_leaves_something_only_where_there_was_something(
    tmp_path: Path,
) -> None:
    cache = Cache(tmp_path / "c.db")
    cache.forget_messages()
    assert not cache.is_scrub_due
    cache.store(message(1, 1, "a text of a room that was set back"))
    cache.forget_messages()
    assert cache.is_scrub_due and cache.scrub()
    assert b"set back" not in content(tmp_path)
    cache.close()


def test_it_is_scrubbed_later_while_another_window_reads_or_a_batch_is_open(
    tmp_path: Path,
) -> None:
    cache = Cache(tmp_path / "c.db")
    cache.store(message(1, 1, "a text that is taken back"))
    with contextlib.closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM messages").fetchone()
        cache.store(withdrawn(1, 2))
        assert not cache.scrub() and cache.is_scrub_due
    with cache.batch():
        assert not cache.scrub()
    assert cache.scrub()
    assert b"taken back" not in content(tmp_path)
    cache.close()


def test_what_a_killed_window_left_is_known_at_the_next_start(tmp_path: Path) -> None:
    left_open = Cache(tmp_path / "c.db")
    left_open.store(message(1, 1, "a text that is taken back"))
    left_open.store(withdrawn(1, 2))
    (tmp_path / "copy").mkdir()
    for path in tmp_path.glob("c.db*"):
        if not path.name.endswith("lock"):
            shutil.copy(path, tmp_path / "copy" / path.name)
    left_open.close()
    assert b"taken back" in content(tmp_path / "copy")
    again = Cache(tmp_path / "copy" / "c.db")
    assert again.is_scrub_due and again.scrub()
    assert b"taken back" not in content(tmp_path / "copy")
    again.close()


def test_a_large_file_is_written_anew_when_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "SMALL_BYTES", 0)
    cache = Cache(tmp_path / "c.db")
    cache.store(message(1, 1, "a text that is taken back"))
    cache.store(withdrawn(1, 2))
    assert cache.scrub() and not cache.is_scrub_due
    assert b"taken back" not in content(tmp_path)
    cache.close()
    again = Cache(tmp_path / "c.db")
    assert not again.is_scrub_due
    again.close()


def test_rubbish_for_the_progress_means_that_nothing_is_held(tmp_path: Path) -> None:
    newer(tmp_path / "c.db", "INSERT INTO facts VALUES ('progress', x'c1')")
    cache = Cache(tmp_path / "c.db")
    assert cache.progress is None and len(cache.posts()) == 1
    cache.close()


def test_a_folder_in_the_place_of_the_file_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "c.db" / "child").mkdir(parents=True)
    cache = Cache(tmp_path / "c.db")
    assert cache.store(message(1, 1))
    cache.close()


def test_p4_two_windows_do_not_take_messages_from_under_each_other(tmp_path: Path) -> None:
    first, second = Cache(tmp_path / "c.db"), Cache(tmp_path / "c.db")
    first.store(message(1, 1))
    first.set_progress(Progress(bytes(16), 1, 1, 1))
    assert second.progress is None, "it fetches for itself"
    second.forget_messages()
    second.set_progress(Progress(bytes(16), 9, 1, 9))
    assert len(first.after(0, 10)) == 1 and first.progress == Progress(bytes(16), 1, 1, 1)
    second.close()
    first.close()
    again = Cache(tmp_path / "c.db")
    assert again.progress == Progress(bytes(16), 1, 1, 1)
    again.close()


def test_p10_posts_of_a_second_window_outlive_it(tmp_path: Path) -> None:
    first, second = Cache(tmp_path / "c.db"), Cache(tmp_path / "c.db")
    for cache, text in ((first, "of the first"), (second, "of the second")):
        outbox = Outbox()
        outbox.open(cache)
        assert outbox.items == [], "each sends its own"
        with cache.batch():
            outbox.add(Draft(text))
    second.close()
    first.close()
    again = Cache(tmp_path / "c.db")
    assert sorted(post.text for post in again.posts()) == ["of the first", "of the second"]
    again.close()


def test_p10_a_full_disk_is_an_error_of_the_batch_and_takes_no_post(tmp_path: Path) -> None:
    cache, outbox = Cache(tmp_path / "c.db"), Outbox()
    outbox.open(cache)
    pages = cache._database.execute("PRAGMA page_count").fetchone()[0]
    cache._database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"), cache.batch():
        for number in range(1, 1000):
            cache.store(message(number, number, "x" * 1000))
    item = outbox.add(Draft("y" * 4000))
    assert outbox.items == [item]
    cache.close()
    cache = Cache(tmp_path / "c.db")
    assert cache.after(0, 10) == []
    cache.close()


def test_closing_never_fails(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.db")
    with cache.batch():
        cache.store(message(1, 1))
        cache._database.set_progress_handler(lambda: 1, 1)
        cache.close()
    cache.close()


def test_a_hundred_thousand_messages_are_held_and_paged_in_no_time(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.db")
    began = time.process_time()
    with cache.batch():
        for number in range(1, 100_001):
            cache.store(message(number, number))
    stored_s = time.process_time() - began
    began = time.process_time()
    for before in range(1, 100_001, 1000):
        page = cache.before(before, 50) + cache.after(before, 50)
    paged_s = time.process_time() - began
    assert len(page) == 100 and stored_s < 10 and paged_s < 1, (stored_s, paged_s)
    cache.close()
