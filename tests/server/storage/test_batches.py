"""What many ask for within one turn is read by one job."""

import queue
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from protocol.messages import Role
from server.domain.errors import StorageUnavailable
from server.domain.store import Store
from server.domain.users import token_digest
from server.storage.batches import Batch
from server.storage.executor import StoreExecutor
from server.storage.sqlite import create_store, open_store
from server.storage.sqlite.sessions import LOOKED_UP_TOGETHER
from server.transport.jobs import Job


class Desk:
    """The owner's thread: its turns end, and outcomes are handed over, when it says so."""

    def __init__(self, folder: Path) -> None:
        create_store(folder).close()
        self.at_end: list[Callable[[], None]] = []
        self.outcomes: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.storage = StoreExecutor(lambda: open_store(folder), self.outcomes.put)
        self.asked: list[list[str]] = []

    def batch(self) -> Batch[str, int]:
        return Batch(self.storage, self.at_end.append, self._lengths)

    def end_turn(self) -> None:
        for callback in self.at_end:
            callback()
        self.at_end.clear()
        self.outcomes.get(timeout=20)()

    def _lengths(self, store: Store, keys: Collection[str]) -> Mapping[str, int]:
        self.asked.append(list(keys))
        if "broken" in keys:
            raise StorageUnavailable("broken on purpose")
        return {key: len(key) for key in keys if key}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.storage.close()


def test_each_who_asks_is_told_and_the_same_is_looked_for_once(desk: Desk) -> None:
    batch = desk.batch()
    jobs = [batch.read(key) for key in ("ann", "robert", "ann", "")]
    desk.end_turn()
    assert [job.result() for job in jobs] == [3, 6, 3, None]
    assert desk.asked == [["ann", "robert", ""]]


def test_what_is_asked_for_later_is_read_later(desk: Desk) -> None:
    batch = desk.batch()
    first = batch.read("ann")
    desk.end_turn()
    second = batch.read("ann")
    assert not second.is_done
    desk.end_turn()
    assert (first.result(), second.result()) == (3, 3)
    assert desk.asked == [["ann"], ["ann"]]


def test_where_it_can_not_be_read_everybody_is_told(desk: Desk) -> None:
    batch = desk.batch()
    jobs: list[Job[Any]] = [batch.read(key) for key in ("ann", "broken", "ann")]
    desk.end_turn()
    assert all(isinstance(job.exception(), StorageUnavailable) for job in jobs)


def test_more_tokens_than_a_statement_takes_are_looked_up(tmp_path: Path) -> None:
    with create_store(tmp_path) as store:
        wanted = [token_digest(bytes([place % 256, place // 256])) for place in range(1200)]
        for name, place in (("ann", 0), ("bob", LOOKED_UP_TOGETHER), ("eve", 1199)):
            user = store.users.add(name, name.title(), Role.MEMBER, "hash", 1)
            store.sessions.open(user.id, wanted[place], "", "192.0.2.1", place)
        found = store.sessions.holders(wanted)
        assert {digest: (one.user.username, one.last_used_ms) for digest, one in found.items()} == {
            wanted[0]: ("ann", 0),
            wanted[LOOKED_UP_TOGETHER]: ("bob", LOOKED_UP_TOGETHER),
            wanted[1199]: ("eve", 1199),
        }
