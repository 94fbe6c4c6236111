"""Passwords, hashed by argon2id in a small pool off the reactor.

Parameters: the OWASP Password Storage Cheat Sheet's first choice for argon2id
(19 MiB of memory, 2 iterations, 1 lane). One hash takes some tens of
milliseconds of one core, with the interpreter's lock released.
"""

import logging
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import argon2

from server.rejection import Busy

log = logging.getLogger(__name__)

MEMORY_KIB = 19 * 1024
ITERATIONS = 2
LANES = 1

BUSY_RETRY_MS = 2000

Result = TypeVar("Result")

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
    """Hashes and verifies off the caller's thread.

    `deliver` runs a callback on the caller's thread. At most `max_waiting` jobs
    wait or run; one more gets `Busy`, by the same way as any other outcome, and
    so does any that comes after `close`.
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
        self._waiting = 0
        self._closed = False
        self._lock = threading.Lock()
        self._nobodys_hash = hash_password("nobody's")

    def hash(self, password: str, done: Callable[[Future[str]], None]) -> None:
        """Hash a new password."""
        self._submit(lambda: hash_password(password), done)

    def verify(
        self, stored_hash: str | None, password: str, done: Callable[[Future[bool]], None]
    ) -> None:
        """Verify a password. With None, for an account that does not exist, it
        takes the same time and the answer is no (P7)."""
        if stored_hash is None:
            nobodys_hash = self._nobodys_hash
            self._submit(lambda: verify_password(nobodys_hash, password) and False, done)
        else:
            self._submit(lambda: verify_password(stored_hash, password), done)

    @property
    def waiting(self) -> int:
        """Passwords that are being hashed, or wait for it."""
        return self._waiting

    def close(self) -> None:
        """Let what runs end, drop what waits."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, job: Callable[[], Result], done: Callable[[Future[Result]], None]) -> None:
        with self._lock:
            is_full = self._closed or self._waiting >= self._max_waiting
            self._waiting += not is_full
        if is_full:
            refused: Future[Result] = Future()
            refused.set_exception(Busy(BUSY_RETRY_MS))
            self._deliver(lambda: done(refused))
            return

        def finished(future: Future[Result]) -> None:
            with self._lock:
                self._waiting -= 1
            if not future.cancelled():
                self._deliver(lambda: done(future))

        self._pool.submit(job).add_done_callback(finished)
