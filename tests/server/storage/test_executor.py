"""Group commit, order, and what the threads do when the disk fails: over a
real SQLite file."""

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from protocol.messages import Role
from server.domain.errors import NotPermitted, StorageUnavailable
from server.domain.messages.history import Draft
from server.domain.store import Store
from server.domain.user import User
from server.storage.executor import MAX_GROUP_JOBS, StoreExecutor
from server.storage.sqlite import FILE_NAME, create_store, open_store
from server.transport.jobs import Job


class Desk:
    """Where results are handed over: what the reactor is in the server."""

    def __init__(self) -> None:
        self._deliveries: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.outcomes: list[Job[Any]] = []
        self.deliveries = 0

    def deliver(self, callback: Callable[[], None]) -> None:
        self._deliveries.put(callback)

    def done(self, outcome: Job[Any]) -> None:
        self.outcomes.append(outcome)

    def wait_for(self, count: int) -> list[Any]:
        """The first so many outcomes: results, or the errors themselves."""
        while len(self.outcomes) < count:
            self._deliveries.get(timeout=20)()
            self.deliveries += 1
        return [outcome.exception() or outcome.result() for outcome in self.outcomes]


@pytest.fixture
def author(tmp_path: Path) -> User:
    with create_store(tmp_path) as store:
        return store.users.add("alice", "Amelia Hart", Role.ADMIN, "hash", 1)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def storage(tmp_path: Path, author: User, desk: Desk) -> Iterator[StoreExecutor]:
    storage = StoreExecutor(lambda: open_store(tmp_path), desk.deliver)
    yield storage
    storage.close()


def append(author: User, number: int, text: str = "text") -> Callable[[Store], Any]:
    return lambda store: store.history.append(author, number.to_bytes(16, "big"), Draft(text), 1)


def stored_ids(folder: Path) -> list[int]:
    """What another process would find on the disk now."""
    database = sqlite3.connect(folder / FILE_NAME)
    try:
        return [row[0] for row in database.execute("SELECT id FROM messages ORDER BY id")]
    finally:
        database.close()


def test_p1_nothing_is_handed_over_before_it_is_on_the_disk(
    tmp_path: Path, storage: StoreExecutor, author: User, desk: Desk
) -> None:
    seen: list[list[int]] = []

    def done(outcome: Job[Any]) -> None:
        desk.done(outcome)
        seen.append(stored_ids(tmp_path))

    for number in range(1, 21):
        storage.write(append(author, number)).when_done(done)
    results = desk.wait_for(20)
    for (message, is_new), on_disk in zip(results, seen, strict=True):
        assert is_new
        assert message.id in on_disk


def test_p3_results_come_in_the_order_of_the_jobs(
    storage: StoreExecutor, author: User, desk: Desk
) -> None:
    for number in range(1, 1001):
        storage.write(append(author, number)).when_done(desk.done)
    ids = [message.id for message, _ in desk.wait_for(1000)]
    assert ids == list(range(1, 1001))


def test_what_waits_is_committed_together(storage: StoreExecutor, author: User, desk: Desk) -> None:
    release: queue.SimpleQueue[None] = queue.SimpleQueue()
    storage.write(lambda store: release.get()).when_done(desk.done)
    for number in range(1, MAX_GROUP_JOBS + 1):
        storage.write(append(author, number)).when_done(desk.done)
    release.put(None)
    desk.wait_for(MAX_GROUP_JOBS + 1)
    assert desk.deliveries <= 3


def test_p2_a_post_that_comes_twice_within_one_group_is_one_message(
    tmp_path: Path, storage: StoreExecutor, author: User, desk: Desk
) -> None:
    release: queue.SimpleQueue[None] = queue.SimpleQueue()
    storage.write(lambda store: release.get()).when_done(desk.done)
    storage.write(append(author, 7)).when_done(desk.done)
    storage.write(append(author, 7)).when_done(desk.done)
    release.put(None)
    _, first, second = desk.wait_for(3)
    assert first[0] == second[0]
    assert (first[1], second[1]) == (True, False)
    assert stored_ids(tmp_path) == [1]


@contextmanager
def held(storage: StoreExecutor) -> Iterator[None]:
    """What is submitted within is taken together, once it is left."""
    begun, release = threading.Event(), threading.Event()

    def hold(_store: Store) -> None:
        begun.set()
        assert release.wait(20)

    storage.write(hold)
    assert begun.wait(20)
    yield
    release.set()


@pytest.mark.parametrize("error", [ValueError("broken on purpose"), NotPermitted("post")])
def test_a_job_that_fails_undoes_itself_alone_and_leaves_no_gap(
    tmp_path: Path, storage: StoreExecutor, author: User, desk: Desk, error: Exception
) -> None:
    def fails_halfway(store: Store) -> None:
        append(author, 2)(store)
        raise error

    with held(storage):
        storage.write(append(author, 1)).when_done(desk.done)
        storage.write(fails_halfway).when_done(desk.done)
        storage.write(append(author, 3)).when_done(desk.done)
    first, failed, third = desk.wait_for(3)
    assert failed is error
    assert (first[0].id, third[0].id) == (1, 2)
    assert stored_ids(tmp_path) == [1, 2]


def test_after_a_job_that_changed_nothing_the_others_need_not_run_again(
    tmp_path: Path, storage: StoreExecutor, author: User, desk: Desk
) -> None:
    runs: list[int] = []

    def counted(store: Store) -> None:
        runs.append(1)
        append(author, 1)(store)

    def refuse(store: Store) -> None:
        raise NotPermitted("post")

    with held(storage):
        storage.write(counted).when_done(desk.done)
        storage.write(refuse).when_done(desk.done)
    assert isinstance(desk.wait_for(2)[1], NotPermitted)
    assert (runs, stored_ids(tmp_path)) == ([1], [1])


def test_p1_when_the_disk_is_full_nothing_is_confirmed_and_it_recovers(
    tmp_path: Path, storage: StoreExecutor, author: User, desk: Desk
) -> None:
    def limit_pages(pages: int) -> Callable[[Store], Any]:
        return lambda store: store.history._database.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]

    storage.write(append(author, 1)).when_done(desk.done)
    storage.read(lambda store: None).when_done(desk.done)
    desk.wait_for(2)
    desk.outcomes.clear()
    storage.write(limit_pages(1)).when_done(desk.done)
    desk.wait_for(1)
    for number in range(2, 12):
        storage.write(append(author, number, "x" * 4000)).when_done(desk.done)
    outcomes = desk.wait_for(11)[1:]
    confirmed = [outcome[0].id for outcome in outcomes if not isinstance(outcome, Exception)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert refused
    assert all(isinstance(error, StorageUnavailable) for error in refused)
    assert stored_ids(tmp_path) == [1, *confirmed]
    desk.outcomes.clear()
    storage.write(limit_pages(2**30)).when_done(desk.done)
    storage.write(append(author, 50, "there is room again")).when_done(desk.done)
    recovered = desk.wait_for(2)[1][0]
    assert stored_ids(tmp_path) == [1, *confirmed, recovered.id]


def test_a_database_that_another_process_holds_is_waited_for_then_refused(
    tmp_path: Path,
    storage: StoreExecutor,
    author: User,
    desk: Desk,
) -> None:
    storage.write(
        lambda store: store.history._database.execute("PRAGMA busy_timeout = 50")  # type: ignore[attr-defined]
    ).when_done(desk.done)
    desk.wait_for(1)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    storage.write(append(author, 1)).when_done(desk.done)
    assert isinstance(desk.wait_for(2)[1], StorageUnavailable)
    other.execute("ROLLBACK")
    other.close()
    storage.write(append(author, 1)).when_done(desk.done)
    assert desk.wait_for(3)[2][0].id == 1


def test_a_read_sees_what_was_handed_over_before(
    storage: StoreExecutor, author: User, desk: Desk
) -> None:
    for number in range(1, 51):
        storage.write(append(author, number)).when_done(desk.done)
        desk.wait_for(2 * number - 1)
        storage.read(lambda store: store.history.head().id).when_done(desk.done)
        assert desk.wait_for(2 * number)[-1] == number


def test_closing_finishes_what_waits_and_refuses_what_comes_later(
    tmp_path: Path, storage: StoreExecutor, author: User, desk: Desk
) -> None:
    for number in range(1, 101):
        storage.write(append(author, number)).when_done(desk.done)
    storage.close()
    storage.close()
    assert stored_ids(tmp_path) == list(range(1, 101))
    storage.write(append(author, 101)).when_done(desk.done)
    assert isinstance(desk.wait_for(101)[-1], StorageUnavailable)


def test_the_writer_leaves_last_and_so_leaves_the_database_in_order(
    tmp_path: Path, author: User, desk: Desk
) -> None:
    left: list[str] = []
    writer_left = threading.Event()

    def open_and_tell() -> Store:
        store = open_store(tmp_path)
        leave = store.close

        def close() -> None:
            name = threading.current_thread().name
            if name == "reader":
                writer_left.wait(0.2)  # time enough for one that does not wait
            leave()
            left.append(name)
            if name == "writer":
                writer_left.set()

        store.close = close  # type: ignore[method-assign]
        return store

    storage = StoreExecutor(open_and_tell, desk.deliver)
    storage.write(append(author, 1)).when_done(desk.done)
    storage.close()
    assert left == ["reader", "janitor", "writer"]
    assert not (tmp_path / f"{FILE_NAME}-wal").exists()


def test_a_callback_that_fails_does_not_keep_the_others_from_theirs(
    storage: StoreExecutor, author: User, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_outcome: Job[Any]) -> None:
        raise RuntimeError("broken on purpose")

    release: queue.SimpleQueue[None] = queue.SimpleQueue()
    storage.write(lambda store: release.get()).when_done(fail)
    storage.write(append(author, 1)).when_done(desk.done)
    release.put(None)
    assert desk.wait_for(1)[0][0].id == 1
    assert "broken on purpose" in caplog.text


def test_a_store_that_can_not_be_opened_is_told_at_once(tmp_path: Path, desk: Desk) -> None:
    before = threading.active_count()
    with pytest.raises(FileNotFoundError):
        StoreExecutor(lambda: open_store(tmp_path), desk.deliver)
    assert threading.active_count() == before
