"""Hashing off the caller's thread, bounded."""

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from server import passwords
from server.domain.errors import Busy
from server.passwords import PasswordPool, hash_password, verify_password
from server.transport.jobs import Job

pytestmark = pytest.mark.real_passwords

WHOSE = "192.0.2.7"

Deliveries = queue.SimpleQueue[Callable[[], None]]


@pytest.fixture
def deliveries() -> Deliveries:
    return queue.SimpleQueue()


@pytest.fixture
def pool(deliveries: Deliveries) -> Iterator[PasswordPool]:
    pool = PasswordPool(workers=1, max_waiting=2, deliver=deliveries.put)
    yield pool
    pool.close()


def outcome_of(deliveries: Deliveries, outcomes: list[Job[Any]]) -> Job[Any]:
    deliveries.get(timeout=20)()
    return outcomes[-1]


def test_the_hash_is_argon2id_with_owasp_parameters() -> None:
    assert hash_password("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hash_password("same") != hash_password("same"), "each has its own salt"


def test_a_password_is_verified(pool: PasswordPool, deliveries: Deliveries) -> None:
    outcomes: list[Job[Any]] = []
    pool.hash("密码 password", WHOSE).when_done(outcomes.append)
    stored = outcome_of(deliveries, outcomes).result()
    assert verify_password(stored, "密码 password")
    pool.verify(stored, "密码 password", WHOSE).when_done(outcomes.append)
    assert outcome_of(deliveries, outcomes).result() is True
    pool.verify(stored, "another", WHOSE).when_done(outcomes.append)
    assert outcome_of(deliveries, outcomes).result() is False


def test_p7_an_account_that_does_not_exist_costs_a_real_verification(
    pool: PasswordPool, deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    real = passwords.verify_password

    def watching(stored: str, password: str) -> bool:
        verified.append(stored)
        return real(stored, password)

    monkeypatch.setattr(passwords, "verify_password", watching)
    outcomes: list[Job[Any]] = []
    pool.verify(None, "nobody's", WHOSE).when_done(outcomes.append)
    assert outcome_of(deliveries, outcomes).result() is False, "even the right guess is wrong"
    assert verified[0].split("$")[3] == "m=19456,t=2,p=1"


def test_beyond_its_bound_the_pool_is_busy_and_later_it_is_not(
    pool: PasswordPool, deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(passwords, "hash_password", lambda password: str(release.wait(20)))
    outcomes: list[Job[Any]] = []
    for _ in range(3):
        pool.hash("x", WHOSE).when_done(outcomes.append)
    busy = outcome_of(deliveries, outcomes).exception()
    assert isinstance(busy, Busy)
    assert busy.retry_after_ms > 0
    release.set()
    assert outcome_of(deliveries, outcomes).result() == "True"
    assert outcome_of(deliveries, outcomes).result() == "True"
    pool.hash("x", WHOSE).when_done(outcomes.append)
    assert outcome_of(deliveries, outcomes).result() == "True"


def test_what_runs_on_the_pool_is_not_the_callers_thread(
    pool: PasswordPool, deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def noting(_password: str) -> str:
        threads.append(threading.get_ident())
        return "hash"

    monkeypatch.setattr(passwords, "hash_password", noting)
    outcomes: list[Job[Any]] = []
    pool.hash("x", WHOSE).when_done(outcomes.append)
    outcome_of(deliveries, outcomes)
    assert threads != [threading.get_ident()]


def test_an_accented_letter_is_the_same_however_it_was_typed() -> None:
    assert verify_password(hash_password("Zoe\u0308 and nine more"), "Zo\u00eb and nine more")


def test_what_comes_after_the_end_is_refused_as_any_other(
    pool: PasswordPool, deliveries: Deliveries
) -> None:
    pool.close()
    outcomes: list[Job[Any]] = []
    pool.hash("too late", WHOSE).when_done(outcomes.append)
    assert isinstance(outcome_of(deliveries, outcomes).exception(), Busy)
