"""The stores and the migrations, over real SQLite files."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.codec import encoded_bytes
from protocol.messages import Role
from protocol.spans import Spans
from server.domain.errors import StorageUnavailable, UsernameTaken
from server.domain.messages.history import Draft, Head
from server.domain.store import CorruptRoom, SchemaTooNew
from server.domain.user import User
from server.domain.users import new_token, token_digest
from server.storage.sqlite import (
    FILE_NAME,
    SqliteStore,
    create_store,
    database,
    migrations,
    open_store,
    sessions,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with create_store(tmp_path) as store:
        yield store


@pytest.fixture
def alice(store: SqliteStore) -> User:
    return store.users.add("Alice", "Amelia Hart", Role.ADMIN, "hash", 1)


def fill(store: SqliteStore, author: User, count: int, text: str = "text") -> None:
    with store.transaction():
        for number in range(1, count + 1):
            store.history.append(author, number.to_bytes(16, "big"), Draft(text), number)


def test_an_empty_room(store: SqliteStore) -> None:
    assert store.history.head() == Head(0, 0)
    assert store.history.changes_after(0, 10, 1000) == []
    assert store.history.before(0, 10, 1000) == ([], False)


def test_a_room_keeps_its_id_and_its_content(tmp_path: Path) -> None:
    with create_store(tmp_path) as store:
        room_id = store.room_id
        author = store.users.add("alice", "Amelia Hart", Role.ADMIN, "hash", 1)
        message, _ = store.history.append(author, bytes(16), Draft("多行\nlines 🔔"), 5)
    with open_store(tmp_path) as store:
        assert store.room_id == room_id
        assert len(room_id) == 16
        assert store.history.before(0, 10, 1000) == ([message], False)
        assert store.users.by_name("alice") == author


def test_two_rooms_have_different_ids(tmp_path: Path) -> None:
    ids = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with create_store(tmp_path / name) as store:
            ids.add(store.room_id)
    assert len(ids) == 2


def test_pages_are_bounded_by_count_and_by_size(store: SqliteStore, alice: User) -> None:
    fill(store, alice, 10, "x" * 100)
    assert [m.id for m in store.history.changes_after(3, 4, 10_000)] == [4, 5, 6, 7]
    two = sum(map(encoded_bytes, store.history.changes_after(3, 2, 10_000)))
    assert [m.id for m in store.history.changes_after(3, 100, two)] == [4, 5]
    assert [m.id for m in store.history.changes_after(3, 100, two - 1)] == [4]
    assert [m.id for m in store.history.changes_after(3, 100, 1)] == [4], "one at least"
    page, more = store.history.before(0, 4, 10_000)
    assert [m.id for m in page] == [10, 9, 8, 7]
    assert more
    page, more = store.history.before(4, 3, 10_000)
    assert [m.id for m in page] == [3, 2, 1]
    assert not more
    page, more = store.history.before(4, 3, 150)
    assert [m.id for m in page] == [3]
    assert more


def test_p2_a_post_id_counts_for_its_author_only(store: SqliteStore, alice: User) -> None:
    bob = store.users.add("bob", "Ben", Role.ADMIN, "hash", 1)
    first = store.history.append(alice, bytes(16), Draft("mine"), 1)
    assert store.history.append(alice, bytes(16), Draft("mine again"), 2) == (first[0], False)
    assert store.history.append(bob, bytes(16), Draft("his"), 3)[0].id == 2


@pytest.mark.parametrize("name", ["alice", "ALICE", "ａｌｉｃｅ", "ᴬlice"])
def test_a_username_is_taken_however_it_is_written(
    store: SqliteStore, alice: User, name: str
) -> None:
    with pytest.raises(UsernameTaken):
        store.users.add(name, "Another", Role.MEMBER, "hash", 1)
    assert store.users.by_name(name) == alice
    assert store.users.count_active() == 1


def test_sessions_open_and_close(store: SqliteStore, alice: User) -> None:
    digest = token_digest(new_token())
    assert store.sessions.holder(digest) is None
    store.sessions.open(alice.id, digest, "desk", "192.0.2.7", 1)
    holder = store.sessions.holder(digest)
    assert holder is not None and holder.user.id == alice.id
    store.sessions.touch(digest, "192.0.2.8", 10**12)
    store.sessions.close(digest)
    assert store.sessions.holder(digest) is None


def test_a_token_is_stored_only_as_its_digest(
    tmp_path: Path, store: SqliteStore, alice: User
) -> None:
    token = new_token()
    store.sessions.open(alice.id, token_digest(token), "desk", "192.0.2.7", 1)
    store.close()
    for path in tmp_path.iterdir():
        assert token not in path.read_bytes()


def test_a_folder_without_a_room(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_store(tmp_path)
    assert list(tmp_path.iterdir()) == [], "looking makes nothing"


def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database, but long enough to look at" * 100)
    with pytest.raises(CorruptRoom):
        open_store(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes().startswith(b"not a database")


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    create_store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as newer, newer:
        newer.execute("INSERT INTO migrations VALUES ('9999_from_the_future', 1)")
    with pytest.raises(SchemaTooNew, match="9999_from_the_future"):
        open_store(tmp_path)


def test_an_upgrade_copies_the_file_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with create_store(tmp_path) as store:
        store.users.add("alice", "Amelia Hart", Role.ADMIN, "hash", 1)
    known = list(migrations.MIGRATIONS)
    following = migrations.MIGRATIONS | {"9000_test": ("CREATE TABLE added (x INTEGER) STRICT",)}
    monkeypatch.setattr(migrations, "MIGRATIONS", following)
    open_store(tmp_path).close()
    copy = sqlite3.connect(tmp_path / "room.before-9000_test.db")
    assert copy.execute("SELECT username FROM users").fetchall() == [("alice",)]
    assert copy.execute("SELECT name FROM migrations").fetchall() == [(name,) for name in known]
    copy.close()
    with open_store(tmp_path) as store:
        assert store.users.count_active() == 1


def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_store(tmp_path).close()
    broken = migrations.MIGRATIONS | {
        "9000_broken": ("CREATE TABLE half (x INTEGER) STRICT", "CREATE TABLE users (x INTEGER)")
    }
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "MIGRATIONS", broken)
        with pytest.raises(Exception, match="users"):
            open_store(tmp_path)
    with open_store(tmp_path) as store:
        tables = store._database.execute("SELECT name FROM sqlite_master").fetchall()
        assert ("half",) not in tables


def test_p9_a_person_has_a_bounded_number_of_sessions(
    store: SqliteStore, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MAX_SESSIONS", 3)
    bob = store.users.add("bob", "Bob", Role.MEMBER, "hash", 0)
    digests = [token_digest(new_token()) for _ in range(6)]
    store.sessions.open(bob.id, digests[5], "bob's", "192.0.2.7", 0)
    for number, digest in enumerate(digests[:3]):
        store.sessions.open(alice.id, digest, "desk", "192.0.2.7", number)
    store.sessions.touch(digests[0], "192.0.2.7", 10_000_000)
    store.sessions.open(alice.id, digests[3], "desk", "192.0.2.7", 10_000_001)
    assert [one.digest for one in store.sessions.of(alice.id)] == [
        digests[3],
        digests[0],
        digests[2],
    ], "the one that was unused for longest has ended"
    holder = store.sessions.holder(digests[5])
    assert holder is not None and holder.user == bob


def test_a_session_in_use_is_noted_once_an_hour(store: SqliteStore, alice: User) -> None:
    digest = token_digest(new_token())
    store.sessions.open(alice.id, digest, "desk", "192.0.2.7", 0)
    noted = []
    for minute in (30, 61, 90, 122):
        store.sessions.touch(digest, "192.0.2.7", minute * 60_000)
        noted.append(
            store._database.execute("SELECT last_used_ms FROM sessions").fetchone()[0] // 60_000
        )
    assert noted == [0, 61, 61, 122]


def test_a_row_that_can_not_be_read_is_the_systems_fault(store: SqliteStore) -> None:
    rows = store._database.rows(
        # The second row overflows, after the first was read.
        "SELECT abs(column1) FROM (VALUES (1), (-9223372036854775808))"
    )
    with pytest.raises(StorageUnavailable):
        list(rows)


def test_rows_read_together_are_those_read_one_by_one(store: SqliteStore) -> None:
    values = "VALUES ('Zoë \"Ö\" \\ O''Neil', 1), ('你好 😀\t\n', -9223372036854775808), ('', NULL)"
    query = f"SELECT column1 AS name, column2 AS number FROM ({values})"
    together = store._database.rows_together("name, number", query)
    assert sorted(map(tuple, together)) == sorted(store._database.rows(query))
    assert store._database.rows_together("name, number", f"{query} WHERE 0") == []


def test_rows_read_together_that_can_not_be_read_are_the_systems_fault(
    store: SqliteStore,
) -> None:
    query = "SELECT abs(column1) AS number FROM (VALUES (1), (-9223372036854775808))"
    with pytest.raises(StorageUnavailable):
        store._database.rows_together("number", query)


def test_a_transaction_that_sqlite_undid_is_not_taken_for_the_jobs_error(
    store: SqliteStore,
) -> None:
    def lose_the_transaction() -> None:
        with store.transaction(), store.savepoint():
            store._database.execute("ROLLBACK")
            raise MemoryError

    with pytest.raises(StorageUnavailable, match="undone"):
        lose_the_transaction()


def test_a_file_that_another_program_holds_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT_S", 0.05)
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageUnavailable, match="locked"):
            create_store(tmp_path)


def test_a_folder_that_is_not_there_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        create_store(tmp_path / "missing")


def test_an_unfinished_room_is_finished_by_making_it_again(tmp_path: Path) -> None:
    create_store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as unfinished, unfinished:
        unfinished.execute("DELETE FROM room")
    with pytest.raises(CorruptRoom, match="init"):
        open_store(tmp_path)
    create_store(tmp_path).close()
    open_store(tmp_path).close()


def test_an_older_sqlite_makes_the_same_tables_unchecked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with create_store(tmp_path) as store:
        assert store.users.add("alice", "Amelia Hart", Role.ADMIN, "hash", 1).id == 1
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as made:
        schema = "".join(row[0] or "" for row in made.execute("SELECT sql FROM sqlite_master"))
    assert "AUTOINCREMENT" in schema
    assert "STRICT" not in schema


def test_this_sqlite_checks_the_types_of_columns(store: SqliteStore) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.users.add("alice", "Amelia Hart", Role.ADMIN, "hash", "noon")  # type: ignore[arg-type]


def test_a_transaction_left_by_an_error_is_undone_and_the_next_one_works(
    store: SqliteStore, alice: User
) -> None:
    def fail_halfway() -> None:
        with store.transaction():
            store.history.append(alice, bytes(16), Draft("never"), 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert store.history.head() == Head(0, 0)
    fill(store, alice, 1)
    assert store.history.head() == Head(1, 1)


SAID = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 30), st.integers(1, 30)).map(
        lambda drawn: (drawn[0], min(drawn[1:]), max(drawn[1:]))
    ),
    max_size=20,
)


def test_what_people_have_seen_is_kept_in_fewest_runs(store: SqliteStore) -> None:
    people = [store.users.add(name, name, Role.MEMBER, "hash", 0).id for name in ("ann", "bob")]

    @settings(deadline=None)
    @given(SAID)
    def check(said: list[tuple[int, int, int]]) -> None:
        store._database.execute("DELETE FROM seen")
        expected = {user_id: Spans() for user_id in people}
        with store.transaction():
            for place, first, last in said:
                store.receipts.mark_seen({people[place]: [(first, last)]})
                expected[people[place]].add(first, last)
        for user_id in people:
            kept = [run[:2] for run in store.receipts.seen_between(1, 99, user_id)]
            assert sorted(kept) == list(expected[user_id])
        covered = sum(last - first + 1 for runs in expected.values() for first, last in runs)
        everybody = store.receipts.seen_between(1, 99)
        assert sum((last - first + 1) * people for first, last, people in everybody) == covered

    check()


def test_people_stand_in_the_order_in_which_one_counts(store: SqliteStore) -> None:
    wanted = ["pupil2", "pupil10", "pupil010a", "pupil100", "room3"]
    for name in reversed(wanted):
        store.users.add(name, name, Role.MEMBER, "hash", 0)
    page, total = store.users.page("", 0, 50)
    assert [user.username for user in page] == wanted and total == len(wanted)
    page, _ = store.users.page("", 1, 2)
    assert [user.username for user in page] == wanted[1:3], "page by page, too"
