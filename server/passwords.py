"""Passwords, hashed by argon2id in a small pool off the reactor.

Parameters: the OWASP Password Storage Cheat Sheet's first choice for argon2id
(19 MiB of memory, 2 iterations, 1 lane). One hash takes some tens of
milliseconds of one core, with the interpreter's lock released.
"""

import logging
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeVar

import argon2

from server.domain.errors import Busy
from server.storage.turns import Turns, Whose
from server.transport.jobs import Job

log = logging.getLogger(__name__)

Result = TypeVar("Result")

MEMORY_KIB = 19 * 1024
ITERATIONS = 2
LANES = 1

BUSY_RETRY_MS = 2000

MAX_OF_PERSON = 2
"""Passwords of one person that are being hashed or wait for it. No client asks
for more than one at a time; a person may have two desktops."""

MAX_OF_NETWORK = 16
"""Of those who are not signed in yet, by network: a class, behind one address."""

_argon2 = argon2.PasswordHasher(
    time_cost=ITERATIONS, memory_cost=MEMORY_KIB, parallelism=LANES, type=argon2.Type.ID
)


def hash_password(password: str) -> str:
    """Return argon2id's encoded hash, with its salt and parameters. Blocks."""
    return _argon2.hash(_composed(password))


def verify_password(stored_hash: str, password: str) -> bool:
    """Tell whether the password is the hashed one. Blocks."""
    try:
        return _argon2.verify(stored_hash, _composed(password))
    except argon2.exceptions.VerificationError:
        return False


def is_outdated(stored_hash: str) -> bool:
    """Tell whether it was made with other parameters than today's."""
    return _argon2.check_needs_rehash(stored_hash)


def _composed(password: str) -> str:
    # Keyboards differ in whether they compose an accented letter; the password
    # is the same (RFC 8265, OpaqueString).
    return unicodedata.normalize("NFC", password)


class PasswordPool:
    """Hashes and verifies off the caller's thread, in turns among those who ask.

    `deliver` runs a callback on the caller's thread, where jobs are finished. At most
    `max_waiting` jobs wait or run, and a small number for each who asks. One more
    fails with `Busy`, as does any that comes after `close`. Where somebody comes new
    and there is no room left, it is the newest job of who has most that fails so.
    """

    def __init__(
        self,
        workers: int,
        max_waiting: int,
        deliver: Callable[[Callable[[], None]], None],
    ) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="hasher")
        self._max_waiting = max_waiting
        self._deliver = deliver
        self._closed = False
        self._lock = threading.Lock()
        # Under the lock:
        self._turns: Turns[_Work] = Turns()
        self._held: Counter[Whose] = Counter()
        """How many of each wait or run."""
        self._nobodys_hash = hash_password("nobody's")

    def hash(self, password: str, whose: Whose) -> Job[str]:
        """Hash a new password."""
        return self._submit(lambda: hash_password(password), whose)

    def verify(self, stored_hash: str | None, password: str, whose: Whose) -> Job[bool]:
        """Verify a password. With None, for an account that does not exist, it
        takes the same time and the answer is no (P7)."""
        if stored_hash is None:
            nobodys_hash = self._nobodys_hash
            return self._submit(lambda: verify_password(nobodys_hash, password) and False, whose)
        return self._submit(lambda: verify_password(stored_hash, password), whose)

    @property
    def waiting(self) -> int:
        """Count the passwords that are being hashed, or wait for it."""
        return self._held.total()

    def close(self) -> None:
        """Let what runs end, drop what waits."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, call: Callable[[], Result], whose: Whose) -> Job[Result]:
        job: Job[Result] = Job()

        def run() -> Callable[[], None]:
            try:
                return partial(job.succeed, call())
            except Exception as error:
                return partial(job.fail, error)

        self._admit(_Work(whose, run, lambda: job.fail(Busy(BUSY_RETRY_MS))))
        return job

    def _admit(self, work: "_Work") -> None:
        most = MAX_OF_PERSON if isinstance(work.whose, int) else MAX_OF_NETWORK
        with self._lock:
            refused = self._make_room(work) if self._held[work.whose] < most else work
            if refused is not work:
                self._turns.put(work.whose, work)
                self._held[work.whose] += 1
        if refused is not None:
            self._deliver(refused.refuse)
        if refused is not work:
            self._pool.submit(self._work_on_next)

    def _make_room(self, work: "_Work") -> "_Work | None":
        """Return who has to go for this one to come in: nobody, another or itself."""
        if self._closed:
            return work
        if self._held.total() < self._max_waiting:
            return None
        longest = self._turns.longest() if self._turns else work.whose
        if self._turns.waiting(longest) <= self._held[work.whose] + 1:
            return work
        self._release(longest)
        return self._turns.drop_last(longest)

    def _release(self, whose: Whose) -> None:
        self._held[whose] -= 1
        if not self._held[whose]:
            del self._held[whose]

    # -- on a hasher's thread ---------------------------------------------------------

    def _work_on_next(self) -> None:
        with self._lock:
            if not self._turns:
                return  # what this was for had to go
            work = self._turns.take()
        tell = work.run()
        with self._lock:
            self._release(work.whose)
        self._deliver(tell)


class _Work(NamedTuple):
    whose: Whose
    run: Callable[[], Callable[[], None]]
    """Do it, on a hasher's thread; what it returns tells the outcome, on the owner's."""
    refuse: Callable[[], None]
    """Tell that there was no room, on the owner's thread."""
