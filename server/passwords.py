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
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import argon2

from server.domain.errors import Busy
from server.storage.turns import Turns, Whose

log = logging.getLogger(__name__)

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
    """argon2id's encoded hash, with its salt and parameters. Blocks."""
    return _argon2.hash(_composed(password))


def verify_password(stored_hash: str, password: str) -> bool:
    """Whether the password is the hashed one. Blocks."""
    try:
        return _argon2.verify(stored_hash, _composed(password))
    except argon2.exceptions.VerificationError:
        return False


def is_outdated(stored_hash: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _argon2.check_needs_rehash(stored_hash)


def _composed(password: str) -> str:
    # Keyboards differ in whether they compose an accented letter; the password
    # is the same (RFC 8265, OpaqueString).
    return unicodedata.normalize("NFC", password)


class PasswordPool:
    """Hashes and verifies off the caller's thread, in turns among those who ask.

    `deliver` runs a callback on the caller's thread. At most `max_waiting` jobs
    wait or run, and a small number for each who asks. One more gets `Busy`, by the
    same way as any other outcome, and so does any that comes after `close`. Where
    somebody comes new and there is no room left, it is the newest job of who has
    most that gets it.
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
        self._turns: Turns[_Job] = Turns()
        self._held: Counter[Whose] = Counter()
        """How many of each wait or run."""
        self._nobodys_hash = hash_password("nobody's")

    def hash(self, password: str, done: Callable[[Future[str]], None], whose: Whose) -> None:
        """Hash a new password."""
        self._submit(lambda: hash_password(password), done, whose)

    def verify(
        self,
        stored_hash: str | None,
        password: str,
        done: Callable[[Future[bool]], None],
        whose: Whose,
    ) -> None:
        """Verify a password. With None, for an account that does not exist, it
        takes the same time and the answer is no (P7)."""
        if stored_hash is None:
            nobodys_hash = self._nobodys_hash
            self._submit(lambda: verify_password(nobodys_hash, password) and False, done, whose)
        else:
            self._submit(lambda: verify_password(stored_hash, password), done, whose)

    @property
    def waiting(self) -> int:
        """Passwords that are being hashed, or wait for it."""
        return self._held.total()

    def close(self) -> None:
        """Let what runs end, drop what waits."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(
        self, work: Callable[[], Any], done: Callable[[Future[Any]], None], whose: Whose
    ) -> None:
        job = _Job(whose, work, done)
        most = MAX_OF_PERSON if isinstance(whose, int) else MAX_OF_NETWORK
        with self._lock:
            refused = self._make_room(job) if self._held[whose] < most else job
            if refused is not job:
                self._turns.put(whose, job)
                self._held[whose] += 1
        if refused is not None:
            busy: Future[Any] = Future()
            busy.set_exception(Busy(BUSY_RETRY_MS))
            self._hand_over(refused, busy)
        if refused is not job:
            self._pool.submit(self._work_on_next)

    def _make_room(self, job: "_Job") -> "_Job | None":
        """Who has to go for this one to come in: nobody, another or itself."""
        if self._closed:
            return job
        if self._held.total() < self._max_waiting:
            return None
        longest = self._turns.longest() if self._turns else job.whose
        if self._turns.waiting(longest) <= self._held[job.whose] + 1:
            return job
        self._release(longest)
        return self._turns.drop_last(longest)

    def _release(self, whose: Whose) -> None:
        self._held[whose] -= 1
        if not self._held[whose]:
            del self._held[whose]

    def _hand_over(self, job: "_Job", outcome: Future[Any]) -> None:
        self._deliver(lambda: job.done(outcome))

    # -- on a hasher's thread ---------------------------------------------------------

    def _work_on_next(self) -> None:
        with self._lock:
            if not self._turns:
                return  # what this was for had to go
            job = self._turns.take()
        outcome: Future[Any] = Future()
        try:
            outcome.set_result(job.work())
        except Exception as error:
            outcome.set_exception(error)
        with self._lock:
            self._release(job.whose)
        self._hand_over(job, outcome)


class _Job(NamedTuple):
    whose: Whose
    work: Callable[[], Any]
    done: Callable[[Future[Any]], None]
