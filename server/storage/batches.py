"""Read for many what they ask for at the same time, as one job.

When a network comes back, ten thousand clients ask the same few things within
seconds. A job for each of them costs more in handing it to the reader's thread and
back than in reading.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

from server.domain.store import Store
from server.storage.executor import StoreExecutor
from server.transport.jobs import Job, start_unwatched

Key = TypeVar("Key")
Result = TypeVar("Result")
Gather = Callable[[Callable[[], None]], None]


class Batch(Generic[Key, Result]):
    """Reads of one kind. `call` finds what there is for many keys; `gather` calls back
    once the owner has asked for what it is about to ask for.

    Used from the owner's thread only.
    """

    def __init__(
        self,
        storage: StoreExecutor,
        gather: Gather,
        call: Callable[[Store, Collection[Key]], Mapping[Key, Result]],
    ) -> None:
        self._storage = storage
        self._gather = gather
        self._call = call
        self._waiting: dict[Key, list[Job[Result | None]]] = {}

    def read(self, key: Key) -> Job[Result | None]:
        """Read what there is under this key; None: nothing."""
        job: Job[Result | None] = Job()
        is_first = not self._waiting
        self._waiting.setdefault(key, []).append(job)
        if is_first:
            self._gather(self._read_all)
        return job

    def _read_all(self) -> None:
        waiting, self._waiting = self._waiting, {}
        start_unwatched(self._serve(waiting))

    async def _serve(self, waiting: dict[Key, list[Job[Result | None]]]) -> None:
        keys = list(waiting)
        try:
            found = await self._storage.read(lambda store: self._call(store, keys))
        except Exception as error:
            for jobs in waiting.values():
                for job in jobs:
                    job.fail(error)
            return
        for key, jobs in waiting.items():
            for job in jobs:
                job.succeed(found.get(key))
