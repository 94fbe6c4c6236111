"""Run jobs on the store, off the reactor's thread: one thread writes, one reads,
one tidies up, and nobody else waits for the disk.

To hand something from one thread to another costs more than most jobs do. So what
the owner submits within one of its turns goes to a thread together, and what a thread
has done within a moment goes back together.

The writer commits in groups. It takes all the jobs that wait, runs them within one
transaction, and commits once; the slower the disk, the larger the groups. A job that
fails takes nothing with it: most fail before they change anything. After one that did
change something the whole group is undone and run once more, each job in a savepoint
of its own. So a job may run twice, and does nothing but to the store. Outcomes are
handed over only after the commit has returned (P1), in the order of the jobs, a whole
group at a time.

Jobs take turns among those who ask (server/storage/turns.py): one person's jobs keep
their order, and a person's flood of them delays that person's own.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Generic, Protocol, TypeVar

from server.clock import SYSTEM, Clock
from server.domain.errors import RequestRefused, StorageUnavailable
from server.domain.store import Store
from server.storage.turns import FairQueue, Whose
from server.transport.jobs import Job

log = logging.getLogger(__name__)

MAX_GROUP_JOBS = 256
"""Jobs in one commit at most, so that the first of them need not wait long for
the last."""

MAX_READS = 64
"""Reads that are taken together, one of each who asks: who comes new waits for one
piece of work of each other one, as before."""

HAND_OVER_AFTER_S = 0.001
"""How long the outcome of a read waits for those of the next ones."""

Result = TypeVar("Result")
Deliver = Callable[[Callable[[], None]], None]


class _Work(Protocol):
    """A job of whatever result, from the queue to its outcome."""

    def run(self, store: Store) -> None:
        """Do it, on the store's thread. Raises what goes wrong."""

    def fail(self, error: Exception) -> None:
        """Let this be the outcome, on the store's thread."""

    def hand_over(self) -> None:
        """Tell the outcome, on the owner's thread."""


_Queue = FairQueue[_Work]
_Take = Callable[[], list[_Work]]
_Serve = Callable[[Store, list[_Work]], None]


class _TypedWork(Generic[Result]):
    """The one implementation; `job` is what its owner waits for."""

    __slots__ = ("_call", "_tell", "job")

    def __init__(self, call: Callable[[Store], Result]) -> None:
        self.job: Job[Result] = Job()
        self._call = call
        self._tell: Callable[[], None]

    def run(self, store: Store) -> None:
        self._tell = partial(self.job.succeed, self._call(store))

    def fail(self, error: Exception) -> None:
        if isinstance(error, RequestRefused):
            # Where it was raised says nothing, and holds on to all that the job knew.
            error.__traceback__ = None
        self._tell = partial(self.job.fail, error)

    def hand_over(self) -> None:
        self._tell()


def _ignore(_seconds: float, _error: str) -> None:
    """Take no notice of how a group went."""


def _at_once(callback: Callable[[], None]) -> None:
    callback()


class StoreExecutor:
    """The store's threads, and what waits for each.

    `open_store` is called on each of the threads for its own connection; what
    it raises, the constructor raises. `deliver` runs a callback on the owner's
    thread, which makes every call and is where jobs are finished. `gather` calls back
    once the owner has submitted what it is about to submit, on its thread.
    `on_written(seconds, error)` is called on the writer's thread after each group,
    with an empty error if all went well.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        deliver: Deliver,
        clock: Clock = SYSTEM,
        on_written: Callable[[float, str], None] = _ignore,
        gather: Deliver = _at_once,
    ) -> None:
        self._deliver = deliver
        self._gather = gather
        self._is_gathering = False
        self._clock = clock
        self._on_written = on_written
        self._writes, self._reads, self._chores = _Queue(), _Queue(), _Queue()
        self._writing = 0
        self._closed = False
        self._threads: dict[threading.Thread, _Queue] = {}
        opened = [
            self._start(
                "reader",
                open_store,
                self._reads,
                lambda: self._reads.take_round(MAX_READS),
                self._read,
            ),
            self._start(
                "janitor", open_store, self._chores, lambda: self._chores.take(1), self._read
            ),
            self._start(
                "writer",
                open_store,
                self._writes,
                lambda: self._writes.take(MAX_GROUP_JOBS),
                self._write,
            ),
        ]
        try:
            for outcome in opened:
                outcome.result()
        except BaseException:
            self.close()
            raise

    def write(self, call: Callable[[Store], Result], whose: Whose = None) -> Job[Result]:
        """Run what changes the store; the job is done once it is on the disk.
        `whose` it is says whose turn it takes."""
        return self._submit(self._writes, call, whose)

    def read(self, call: Callable[[Store], Result], whose: Whose = None) -> Job[Result]:
        """Run what changes nothing. It sees every write whose job was done before.
        `whose` it is says whose turn it takes."""
        return self._submit(self._reads, call, whose)

    def tidy(self, call: Callable[[Store], Result]) -> Job[Result]:
        """Run what nobody waits for and may take long, outside any transaction,
        beside what the others do."""
        return self._submit(self._chores, call, None)

    @property
    def is_writing(self) -> bool:
        """Whether the outcome of a write is still to come."""
        return self._writing > 0

    @property
    def writes_waiting(self) -> int:
        """Count the jobs that the writer has yet to take."""
        return len(self._writes)

    @property
    def reads_waiting(self) -> int:
        """Count the jobs that the reader has yet to take."""
        return len(self._reads)

    def close(self) -> None:
        """Finish what waits, then end. Jobs that come later are refused."""
        if not self._closed:
            self._closed = True
            # One after the other, the writer last: who leaves a database as the
            # last puts it in order, and of two who leave at once neither does.
            for thread, queue in self._threads.items():
                queue.close()
                thread.join()

    def _submit(self, queue: _Queue, call: Callable[[Store], Result], whose: Whose) -> Job[Result]:
        work = _TypedWork(call)
        if self._closed:
            work.fail(StorageUnavailable("the server is stopping"))
            self._deliver(work.hand_over)
        else:
            queue.put(whose, work)
            self._writing += queue is self._writes
            if not self._is_gathering:
                self._is_gathering = True
                self._gather(self._wake)
        return work.job

    def _wake(self) -> None:
        self._is_gathering = False
        for queue in (self._writes, self._reads, self._chores):
            queue.wake()

    def _start(
        self, name: str, open_store: Callable[[], Store], queue: _Queue, take: _Take, serve: _Serve
    ) -> Future[None]:
        """Start a thread. The future tells whether its store could be opened."""
        opened: Future[None] = Future()
        thread = threading.Thread(
            target=self._serve, args=(open_store, opened, take, serve), name=name
        )
        self._threads[thread] = queue
        thread.start()
        return opened

    # -- on the store's own threads ------------------------------------------------

    def _serve(
        self,
        open_store: Callable[[], Store],
        opened: Future[None],
        take: _Take,
        serve: _Serve,
    ) -> None:
        try:
            store = open_store()
        except Exception as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        try:
            while group := take():
                serve(store, group)
        finally:
            store.close()

    def _write(self, store: Store, group: list[_Work]) -> None:
        began, trouble = self._clock.precise_s(), ""
        try:
            _run_together(store, group)
        except Exception as error:
            # Nothing of the group is on the disk, whatever each job returned.
            log.error("%d writes failed together: %s", len(group), error)
            for work in group:
                work.fail(error)
            trouble = str(error)
        self._on_written(self._clock.precise_s() - began, trouble)
        self._hand_over(group, writes=len(group))

    def _read(self, store: Store, group: list[_Work]) -> None:
        done: list[_Work] = []
        began = self._clock.precise_s()
        for work in group:
            try:
                work.run(store)
            except Exception as error:
                work.fail(error)
            done.append(work)
            if self._clock.precise_s() - began >= HAND_OVER_AFTER_S:
                self._hand_over(done)
                done, began = [], self._clock.precise_s()
        if done:
            self._hand_over(done)

    def _hand_over(self, group: Sequence[_Work], writes: int = 0) -> None:
        def run() -> None:
            self._writing -= writes
            for work in group:
                try:
                    work.hand_over()
                except Exception:
                    log.exception("what waited for the store failed")

        self._deliver(run)


class _FailedHalfway(Exception):
    """A job may have changed something before it failed."""


def _run_together(store: Store, group: Sequence[_Work]) -> None:
    try:
        with store.transaction():
            for work in group:
                _run(store, work)
    except _FailedHalfway:
        with store.transaction():
            for work in group:
                _run_in_savepoint(store, work)


def _run(store: Store, work: _Work) -> None:
    changes = store.changes
    try:
        work.run(store)
    except StorageUnavailable:
        raise
    except RequestRefused as refusal:
        if store.changes != changes:
            raise _FailedHalfway from refusal
        work.fail(refusal)
    except Exception as error:
        raise _FailedHalfway from error


def _run_in_savepoint(store: Store, work: _Work) -> None:
    try:
        with store.savepoint():
            work.run(store)
    except StorageUnavailable:
        # The disk, not the job, is at fault; SQLite may have undone the whole
        # transaction by itself, so nothing of the group may be confirmed.
        raise
    except Exception as error:
        work.fail(error)
