"""When to try again."""

import pytest

from app.net.backoff import LONGEST_FLOOR_S, Backoff, BackoffPolicy

POLICY = BackoffPolicy(first_s=1.0, cap_s=30.0, stable_s=10.0)


def test_the_first_attempt_after_a_good_connection_is_made_at_once() -> None:
    assert Backoff(POLICY, lambda: 1.0).after_break(lived_s=60) == 0


def test_the_bound_doubles_up_to_the_cap() -> None:
    backoff = Backoff(POLICY, lambda: 1.0)
    waits = [backoff.after_failure() for _ in range(8)]
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize("chance", [0.0, 0.25, 0.999])
def test_the_wait_is_drawn_from_all_of_it(chance: float) -> None:
    backoff = Backoff(POLICY, lambda: chance)
    assert [backoff.after_failure() for _ in range(3)] == [chance, 2 * chance, 4 * chance]


def test_connections_that_break_at_once_do_not_make_a_hot_loop() -> None:
    backoff = Backoff(POLICY, lambda: 1.0)
    assert [backoff.after_break(lived_s=0.1) for _ in range(4)] == [0, 1, 2, 4]
    assert backoff.after_break(lived_s=11) == 0


def test_the_server_can_ask_for_a_wait() -> None:
    assert Backoff(POLICY, lambda: 0.5).after_break(60, floor_s=1.0) == 1.0


def test_a_person_who_says_now_begins_anew() -> None:
    backoff = Backoff(POLICY, lambda: 1.0)
    for _ in range(5):
        backoff.after_failure()
    backoff.reset()
    assert backoff.after_failure() == 1


def test_a_month_of_failures_does_not_overflow() -> None:
    backoff = Backoff(POLICY, lambda: 1.0)
    assert max(backoff.after_failure() for _ in range(5000)) == 30


def test_no_server_is_granted_more_than_ten_minutes() -> None:
    assert Backoff(POLICY, lambda: 0.0).after_break(60, floor_s=9e15) == LONGEST_FLOOR_S
