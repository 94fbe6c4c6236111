"""The store's threads: one writes, one reads, one tidies up, and nobody else
waits for the disk.

The writer commits in groups. It takes all the jobs that wait, runs each in its
own savepoint within one transaction, and commits once; the slower the disk, the
larger the groups. Results are handed over only after the commit has returned
(P1), in the order of the jobs, a whole group at a time.

They take turns among those who ask (server/storage/turns.py): one person's jobs keep
their order, and a person's flood of them delays that person's own.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from server.domain.errors import RequestRefused, StorageUnavailable
from server.domain.store import Store
from server.storage.turns import FairQueue, Whose

log = logging.getLogger(__name__)

MAX_GROUP_JOBS = 256
"""Jobs in one commit at most, so that the first of them need not wait long for
the last."""

Job = Callable[[Store], Any]
Done = Callable[[Future[Any]], None]
Deliver = Callable[[Callable[[], None]], None]
_Work = tuple[Job, Done]
_Queue = FairQueue[_Work]


def _ignore(_seconds: float, _error: str) -> None:
    """Nobody wants to know."""


class StoreExecutor:
    """Runs jobs on the store, off the caller's thread.

    `open_store` is called on each of the threads for its own connection; what
    it raises, the constructor raises. `deliver` runs a callback on the caller's
    thread; each job's `done` gets a future there that is already done. Owned by
    one thread, which makes every call. `on_written(seconds, error)` is called on
    the writer's thread after each group, with an empty error if all went well.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        deliver: Deliver,
        on_written: Callable[[float, str], None] = _ignore,
    ) -> None:
        self._deliver = deliver
        self._on_written = on_written
        self._writes, self._reads, self._chores = _Queue(), _Queue(), _Queue()
        self._closed = False
        self._threads: dict[threading.Thread, _Queue] = {}
        opened = [
            # One at a time: who comes while it is being read is next, or nearly.
            self._start("reader", open_store, self._reads, 1, self._read),
            self._start("janitor", open_store, self._chores, 1, self._read),
            self._start("writer", open_store, self._writes, MAX_GROUP_JOBS, self._write),
        ]
        try:
            for outcome in opened:
                outcome.result()
        except BaseException:
            self.close()
            raise

    def write(self, job: Job, done: Done, whose: Whose = None) -> None:
        """Run a job that changes the store; `done` after it is on the disk.
        `whose` it is says whose turn it takes."""
        self._submit(self._writes, job, done, whose)

    def read(self, job: Job, done: Done, whose: Whose = None) -> None:
        """Run a job that changes nothing. It sees every write whose `done` was
        delivered before. `whose` it is says whose turn it takes."""
        self._submit(self._reads, job, done, whose)

    def tidy(self, job: Job, done: Done) -> None:
        """Run a job that nobody waits for and that may take long, outside any
        transaction, beside what the others do."""
        self._submit(self._chores, job, done, None)

    @property
    def writes_waiting(self) -> int:
        """Jobs that the writer has yet to take."""
        return len(self._writes)

    @property
    def reads_waiting(self) -> int:
        """Jobs that the reader has yet to take."""
        return len(self._reads)

    def close(self) -> None:
        """Finish what waits, then end. Jobs that come later are refused."""
        if not self._closed:
            self._closed = True
            # One after the other, the writer last: who leaves a database as the
            # last puts it in order, and of two who leave at once neither does.
            for thread, work in self._threads.items():
                work.close()
                thread.join()

    def _submit(self, work: _Queue, job: Job, done: Done, whose: Whose) -> None:
        if self._closed:
            future: Future[Any] = Future()
            future.set_exception(StorageUnavailable("the server is stopping"))
            self._deliver(lambda: done(future))
        else:
            work.put(whose, (job, done))

    def _start(
        self,
        name: str,
        open_store: Callable[[], Store],
        work: _Queue,
        most: int,
        serve: Callable[[Store, list[_Work]], None],
    ) -> Future[None]:
        """Start a thread. The future tells whether its store could be opened."""
        opened: Future[None] = Future()
        thread = threading.Thread(
            target=self._serve, args=(open_store, opened, work, most, serve), name=name
        )
        self._threads[thread] = work
        thread.start()
        return opened

    # -- on the store's own threads ------------------------------------------------

    def _serve(
        self,
        open_store: Callable[[], Store],
        opened: Future[None],
        work: _Queue,
        most: int,
        serve: Callable[[Store, list[_Work]], None],
    ) -> None:
        try:
            store = open_store()
        except Exception as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        try:
            while group := work.take(most):
                serve(store, group)
        finally:
            store.close()

    def _write(self, store: Store, group: list[_Work]) -> None:
        outcomes: list[Future[Any]] = []
        began, trouble = time.perf_counter(), ""
        try:
            with store.transaction():
                for job, _ in group:
                    outcomes.append(_run_in_savepoint(store, job))
        except Exception as error:
            # Nothing of the group is on the disk, whatever each job returned.
            log.error("%d writes failed together: %s", len(group), error)
            outcomes = [_failed(error) for _ in group]
            trouble = str(error)
        self._on_written(time.perf_counter() - began, trouble)
        dones = [done for _, done in group]
        self._hand_over(list(zip(dones, outcomes, strict=True)))

    def _read(self, store: Store, group: list[_Work]) -> None:
        for job, done in group:
            self._hand_over([(done, _run(store, job))])

    def _hand_over(self, results: list[tuple[Done, Future[Any]]]) -> None:
        def run() -> None:
            for done, outcome in results:
                try:
                    done(outcome)
                except Exception:
                    log.exception("what waited for the store failed")

        if results:
            self._deliver(run)


def _run(store: Store, job: Job) -> Future[Any]:
    outcome: Future[Any] = Future()
    try:
        outcome.set_result(job(store))
    except Exception as error:
        return _failed(error)
    return outcome


def _run_in_savepoint(store: Store, job: Job) -> Future[Any]:
    outcome: Future[Any] = Future()
    try:
        with store.savepoint():
            result = job(store)
        outcome.set_result(result)
    except StorageUnavailable:
        # The disk, not the job, is at fault; SQLite may have undone the whole
        # transaction by itself, so nothing of the group may be confirmed.
        raise
    except Exception as error:
        return _failed(error)
    return outcome


def _failed(error: Exception) -> Future[Any]:
    if isinstance(error, RequestRefused):
        # Where it was raised says nothing, and holds on to all that the job knew.
        error.__traceback__ = None
    outcome: Future[Any] = Future()
    outcome.set_exception(error)
    return outcome
