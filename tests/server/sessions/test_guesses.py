"""Guessing passwords is slowed down, and nobody is locked out by it."""

import pytest

from protocol.refusals import Refusal
from server.domain.errors import RequestRefused
from server.sessions.guesses import (
    FREE_GUESSES,
    FREE_OF_NETWORK,
    LONGEST_ACCOUNT_WAIT_S,
    MAX_KNOWN_NETWORKS,
    SignInGuard,
)
from server.sessions.rate_limits import FORGET_AFTER_S

HERE, ELSEWHERE = "10.0.0.5", "10.0.0.6"


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard() -> SignInGuard:
    return SignInGuard()


Answer = tuple[str, float]
WRONG: Answer = ("wrong", 0.0)


def told(refusal: RequestRefused | None) -> Answer:
    return WRONG if refusal is None else (refusal.code, refusal.retry_after_ms / 1000)


def waits(seconds: float) -> Answer:
    return (Refusal.TOO_MANY_ATTEMPTS, seconds)


def guess(guard: SignInGuard, clock: Clock, name: str = "alice", address: str = HERE) -> Answer:
    """Try a wrong password; what is told."""
    attempt = guard.begin(name, address, clock.now)
    attempt.is_wrong(clock.now)
    return told(attempt.refusal)


def gets_in(guard: SignInGuard, clock: Clock, name: str = "alice", address: str = HERE) -> bool:
    """Try the right one; whether it was looked at."""
    attempt = guard.begin(name, address, clock.now)
    if attempt.is_looked_at:
        attempt.right()
    else:
        attempt.is_wrong(clock.now)
    return attempt.is_looked_at


def from_elsewhere(guard: SignInGuard, clock: Clock, count: int, name: str = "alice") -> None:
    """Wrong ones at this account, each from another address."""
    for number in range(count):
        guess(guard, clock, name, f"10.1.{number}.1")


def of_others(guard: SignInGuard, clock: Clock, count: int, address: str = HERE) -> None:
    """Wrong ones from this address, each at another account."""
    for number in range(count):
        guess(guard, clock, f"user{number}", address)


def test_the_first_wrong_ones_are_free_and_then_the_wait_doubles(
    guard: SignInGuard, clock: Clock
) -> None:
    assert [guess(guard, clock) for _ in range(FREE_GUESSES)] == [WRONG] * FREE_GUESSES
    for wait in (1, 2, 4, 8, 16):
        assert guess(guard, clock) == waits(wait)
        clock.now += wait - 0.5
        assert guess(guard, clock) == waits(0.5), "asking too early makes it no longer"
        clock.now += 0.5
        assert guess(guard, clock) == WRONG


def test_p7_an_account_that_is_none_is_treated_like_any_other(
    guard: SignInGuard, clock: Clock
) -> None:
    heard = [guess(guard, clock, "nobody") for _ in range(FREE_GUESSES + 2)]
    assert heard == [WRONG] * FREE_GUESSES + [waits(1)] * 2


def test_a_name_in_another_case_is_the_same_account(guard: SignInGuard, clock: Clock) -> None:
    for number in range(FREE_GUESSES):
        guess(guard, clock, "Alice" if number % 2 else "aLICE", f"10.0.1.{number}")
    assert guess(guard, clock, "alice", "10.0.1.99") == waits(1)


def test_many_addresses_are_no_way_around_an_accounts_wait(
    guard: SignInGuard, clock: Clock
) -> None:
    from_elsewhere(guard, clock, FREE_GUESSES)
    assert guess(guard, clock, address=ELSEWHERE) == waits(1)


def test_many_accounts_are_no_way_around_an_addresss_wait(guard: SignInGuard, clock: Clock) -> None:
    of_others(guard, clock, FREE_OF_NETWORK)
    assert guess(guard, clock, "another") == waits(1)
    assert guess(guard, clock, "another", ELSEWHERE) == WRONG


def test_many_at_once_at_an_account_are_no_way_around(guard: SignInGuard, clock: Clock) -> None:
    """None has been answered yet."""
    begun = [
        guard.begin("alice", f"10.0.2.{number}", clock.now) for number in range(FREE_GUESSES + 3)
    ]
    assert [one.is_looked_at for one in begun] == [True] * FREE_GUESSES + [False] * 3
    assert told(begun[-1].refusal)[0] == Refusal.BUSY, "it may be tried again very soon"
    for one in begun:
        one.is_wrong(clock.now)
    assert guess(guard, clock) == waits(1)


def test_many_at_once_from_an_address_are_no_way_around(guard: SignInGuard, clock: Clock) -> None:
    begun = [guard.begin(f"user{number}", HERE, clock.now) for number in range(60)]
    assert sum(one.is_looked_at for one in begun) == FREE_OF_NETWORK


def test_many_at_once_at_a_pair_are_no_way_around(guard: SignInGuard, clock: Clock) -> None:
    guard.signed_in("alice", HERE)
    of_others(guard, clock, FREE_OF_NETWORK)
    begun = [guard.begin("alice", HERE, clock.now) for _ in range(60)]
    assert sum(one.is_looked_at for one in begun) == FREE_GUESSES


def test_a_whole_class_signs_in_at_once_from_behind_one_address(
    guard: SignInGuard, clock: Clock
) -> None:
    begun = [guard.begin(f"pupil{number}", HERE, clock.now) for number in range(30)]
    assert {told(one.refusal)[0] for one in begun} == {"wrong", Refusal.BUSY}
    for one in begun:
        one.right() if one.is_looked_at else one.is_wrong(clock.now)
    assert all(gets_in(guard, clock, f"pupil{number}") for number in range(30))


def test_an_account_of_ones_own_washes_off_no_guess_at_anothers(
    guard: SignInGuard, clock: Clock
) -> None:
    for number in range(FREE_OF_NETWORK):
        guess(guard, clock, f"user{number}")
        assert gets_in(guard, clock, "mallory", HERE)
    assert guess(guard, clock, "bob") == waits(1)


def test_the_right_password_ends_the_accounts_wait(guard: SignInGuard, clock: Clock) -> None:
    from_elsewhere(guard, clock, FREE_GUESSES - 1)
    assert gets_in(guard, clock)
    assert guess(guard, clock, address=ELSEWHERE) == WRONG


def test_nobody_who_was_here_is_locked_out_by_guesses_at_the_account(
    guard: SignInGuard, clock: Clock
) -> None:
    guard.signed_in("alice", HERE)
    for _ in range(200):
        from_elsewhere(guard, clock, 1)
        clock.now += 0.1
    assert gets_in(guard, clock)


def test_nobody_who_was_here_is_locked_out_by_guesses_behind_the_address(
    guard: SignInGuard, clock: Clock
) -> None:
    guard.signed_in("alice", HERE)
    for _ in range(10):
        of_others(guard, clock, FREE_OF_NETWORK)
        clock.now += 60
    assert guess(guard, clock, "bob")[0] == Refusal.TOO_MANY_ATTEMPTS
    assert gets_in(guard, clock)


def test_nobody_who_was_here_is_locked_out_by_many_at_once(
    guard: SignInGuard, clock: Clock
) -> None:
    guard.signed_in("alice", HERE)
    for number in range(60):
        guard.begin(f"user{number}", HERE, clock.now)
        guard.begin("alice", f"10.1.{number}.1", clock.now)
    assert gets_in(guard, clock)


def test_a_pairs_own_allowance_ends_and_comes_back(guard: SignInGuard, clock: Clock) -> None:
    guard.signed_in("alice", HERE)
    of_others(guard, clock, FREE_OF_NETWORK)
    for _ in range(FREE_GUESSES):
        assert guess(guard, clock) == waits(1), "though it was looked at"
    assert not gets_in(guard, clock)
    clock.now += LONGEST_ACCOUNT_WAIT_S
    assert gets_in(guard, clock)


def test_where_people_are_known_survives_a_restart(clock: Clock) -> None:
    guard = SignInGuard([("alice", HERE)])
    from_elsewhere(guard, clock, FREE_GUESSES)
    assert gets_in(guard, clock)


def test_a_machine_is_known_by_its_whole_network(guard: SignInGuard, clock: Clock) -> None:
    guard.signed_in("alice", "2001:db8:1:2::1")
    from_elsewhere(guard, clock, FREE_GUESSES)
    assert gets_in(guard, clock, address="2001:db8:1:2:ffff::9")
    from_elsewhere(guard, clock, FREE_GUESSES)
    assert not gets_in(guard, clock, address="2001:db8:1:3::1")


def test_nobody_makes_an_account_forget_where_another_one_is_known(
    guard: SignInGuard, clock: Clock
) -> None:
    guard.signed_in("alice", HERE)
    for number in range(MAX_KNOWN_NETWORKS * 1000):
        guard.signed_in("mallory", f"2001:db8:{number:x}::1")
    from_elsewhere(guard, clock, FREE_GUESSES)
    assert gets_in(guard, clock)


@pytest.mark.parametrize("before", ["elsewhere", "others", "at once", "both", "itself", "nothing"])
def test_p7_no_answer_tells_where_an_account_was_signed_in_from(before: str, clock: Clock) -> None:
    """Whatever a stranger does first, and however often: a pair that is known and
    one that is not hear the same, word by word."""
    heard = []
    for known in ([], [("alice", HERE)]):
        guard, now = SignInGuard(known), Clock()
        if before in ("elsewhere", "both"):
            from_elsewhere(guard, now, FREE_GUESSES + 2)
        if before in ("others", "both"):
            of_others(guard, now, FREE_OF_NETWORK + 2)
        if before == "at once":
            for number in range(60):
                guard.begin(f"user{number}", HERE, now.now)
        if before == "itself":
            for _ in range(FREE_GUESSES + 2):
                guess(guard, now)
        answers = []
        for number in range(40):
            answers.append(guess(guard, now))
            answers.append(guess(guard, now, address=ELSEWHERE))
            answers.append(guess(guard, now, "bob"))
            if number == 20:
                guard.begin("alice", "10.2.2.2", now.now + 1000).right()
            now.now += 0.7
        heard.append(answers)
    assert heard[0] == heard[1]


def test_nobody_can_lock_out_a_newcomer_for_long(guard: SignInGuard, clock: Clock) -> None:
    for number in range(200):
        guess(guard, clock, address=f"10.1.{number}.1")
        clock.now += 100
    assert guess(guard, clock)[1] <= LONGEST_ACCOUNT_WAIT_S


def test_it_is_forgotten_in_time(guard: SignInGuard, clock: Clock) -> None:
    for _ in range(FREE_GUESSES):
        guess(guard, clock)
    clock.now += FORGET_AFTER_S + 1
    assert [guess(guard, clock) for _ in range(FREE_GUESSES)] == [WRONG] * FREE_GUESSES


def test_a_try_that_nobody_looked_at_counts_nothing(guard: SignInGuard, clock: Clock) -> None:
    for _ in range(50):
        guard.begin("alice", HERE, clock.now).undecided()
    assert guess(guard, clock) == WRONG
