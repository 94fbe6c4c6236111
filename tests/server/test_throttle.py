"""Guessing passwords is slowed down, and nobody is locked out by it."""

import pytest

from protocol.refusals import Refusal
from server.throttle import (
    FORGET_AFTER_S,
    FREE_ATTEMPTS,
    LONGEST_ACCOUNT_WAIT_S,
    LONGEST_ADDRESS_WAIT_S,
    MAX_KEYS,
    SignInGuard,
    Throttle,
    TooManyAttempts,
    network_of,
)

HERE, ELSEWHERE = "10.0.0.5", "10.0.0.6"


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


def guess(guard: SignInGuard, clock: Clock, name: str = "alice", address: str = HERE) -> float:
    """Try a wrong password. How long one has to wait instead, or 0."""
    try:
        guard.begin(name, address, clock.now)
    except TooManyAttempts as error:
        return error.retry_after_ms / 1000
    guard.failed(address, clock.now)
    return 0.0


def test_the_first_wrong_ones_are_free_and_then_the_wait_doubles(clock: Clock) -> None:
    guard = SignInGuard()
    assert [guess(guard, clock) for _ in range(FREE_ATTEMPTS)] == [0] * FREE_ATTEMPTS
    for wait in (1, 2, 4, 8, 16):
        assert guess(guard, clock) == wait
        clock.now += wait - 0.5
        assert guess(guard, clock) == 0.5, "asking too early makes it no longer"
        clock.now += 0.5
        assert guess(guard, clock) == 0


def test_the_waits_have_a_bound(clock: Clock) -> None:
    throttle = Throttle(LONGEST_ADDRESS_WAIT_S)
    for _ in range(5000):
        throttle.count("key", clock.now)
    assert throttle.wait_s("key", clock.now) == LONGEST_ADDRESS_WAIT_S


def test_p7_an_account_that_is_none_is_treated_like_any_other(clock: Clock) -> None:
    guard = SignInGuard()
    assert [guess(guard, clock, "nobody") for _ in range(7)] == [0] * FREE_ATTEMPTS + [1, 1]


def test_a_name_in_another_case_is_the_same_account(clock: Clock) -> None:
    guard = SignInGuard()
    for number in range(FREE_ATTEMPTS):
        guess(guard, clock, "Alice" if number % 2 else "aLICE", f"10.0.1.{number}")
    assert guess(guard, clock, "alice", "10.0.1.99") == 1


def test_many_addresses_are_no_way_around_an_accounts_wait(clock: Clock) -> None:
    guard = SignInGuard()
    for number in range(FREE_ATTEMPTS):
        guess(guard, clock, address=f"10.0.1.{number}")
    assert guess(guard, clock, address=ELSEWHERE) == 1


def test_many_accounts_are_no_way_around_an_addresss_wait(clock: Clock) -> None:
    guard = SignInGuard()
    for number in range(FREE_ATTEMPTS):
        guess(guard, clock, f"user{number}")
    assert guess(guard, clock, "another") == 1
    assert guess(guard, clock, "another", ELSEWHERE) == 0


def test_many_at_once_are_no_way_around(clock: Clock) -> None:
    """None has been answered yet."""
    guard = SignInGuard()
    for number in range(FREE_ATTEMPTS):
        guard.begin("alice", f"10.0.2.{number}", clock.now)
    with pytest.raises(TooManyAttempts) as refused:
        guard.begin("alice", HERE, clock.now)
    assert refused.value.code is Refusal.TOO_MANY_ATTEMPTS


def test_an_account_of_ones_own_washes_off_no_guess_at_anothers(clock: Clock) -> None:
    guard = SignInGuard()
    for _ in range(FREE_ATTEMPTS):
        guess(guard, clock, "alice")
        guard.begin("mallory", ELSEWHERE, clock.now)
        guard.succeeded("mallory", HERE)
    assert guess(guard, clock, "bob") == 1


def test_the_right_password_ends_the_accounts_wait(clock: Clock) -> None:
    guard = SignInGuard()
    for number in range(FREE_ATTEMPTS - 1):
        guess(guard, clock, address=f"10.0.1.{number}")
    guard.begin("alice", HERE, clock.now)
    guard.succeeded("alice", HERE)
    assert guess(guard, clock, address=ELSEWHERE) == 0


def test_nobody_can_lock_out_who_was_here_before(clock: Clock) -> None:
    guard = SignInGuard()
    guard.begin("alice", HERE, clock.now)
    guard.succeeded("alice", HERE)
    for number in range(200):
        guess(guard, clock, address=f"10.1.{number}.1")
        clock.now += 0.1
    guard.begin("alice", HERE, clock.now)


def test_nobody_can_lock_out_a_newcomer_for_long(clock: Clock) -> None:
    guard = SignInGuard()
    for number in range(200):
        guess(guard, clock, address=f"10.1.{number}.1")
        clock.now += 100
    assert guess(guard, clock) <= LONGEST_ACCOUNT_WAIT_S


def test_it_is_forgotten_in_time(clock: Clock) -> None:
    guard = SignInGuard()
    for _ in range(FREE_ATTEMPTS):
        guess(guard, clock)
    clock.now += FORGET_AFTER_S + 1
    assert [guess(guard, clock) for _ in range(FREE_ATTEMPTS)] == [0] * FREE_ATTEMPTS


def test_p9_what_is_remembered_is_bounded(clock: Clock) -> None:
    throttle = Throttle(1.0)
    for number in range(MAX_KEYS + 100):
        throttle.count(f"key {number}", clock.now)
    assert len(throttle) == MAX_KEYS


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "no address"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network
