"""Failures are counted by key, and the waits grow."""

import pytest

from server.sessions.rate_limits import FORGET_AFTER_S, MAX_KEYS, Throttle, network_of

FREE = 3
LONGEST_S = 60.0
NOW = 1000.0


@pytest.fixture
def throttle() -> Throttle:
    return Throttle(FREE, LONGEST_S)


def test_the_first_are_free_and_then_the_wait_doubles(throttle: Throttle) -> None:
    waits = []
    for _ in range(FREE + 4):
        throttle.fail("key", NOW)
        waits.append(throttle.wait_s("key", NOW))
    assert waits == [0, 0, 1, 2, 4, 8, 16]
    assert throttle.wait_s("key", NOW + 10) == 6
    assert throttle.wait_s("another", NOW) == 0


def test_the_waits_have_a_bound(throttle: Throttle) -> None:
    for _ in range(5000):
        throttle.fail("key", NOW)
    assert throttle.wait_s("key", NOW) == LONGEST_S


def test_failures_are_forgotten_in_time(throttle: Throttle) -> None:
    for _ in range(FREE):
        throttle.fail("key", NOW)
    assert throttle.wait_s("key", NOW) > 0
    later = NOW + FORGET_AFTER_S + 1
    throttle.fail("key", later)
    assert throttle.wait_s("key", later) == 0


def test_as_many_are_under_way_as_may_still_fail(throttle: Throttle) -> None:
    throttle.fail("key", NOW)
    throttle.enter("key")
    assert not throttle.is_crowded("key", NOW)
    throttle.enter("key")
    assert throttle.is_crowded("key", NOW)
    throttle.leave("key")
    assert not throttle.is_crowded("key", NOW)


def test_after_a_wait_there_is_one_at_a_time(throttle: Throttle) -> None:
    for _ in range(FREE):
        throttle.fail("key", NOW)
    assert not throttle.is_crowded("key", NOW)
    throttle.enter("key")
    assert throttle.is_crowded("key", NOW)


def test_p9_what_is_remembered_is_bounded(throttle: Throttle) -> None:
    for number in range(MAX_KEYS + 100):
        throttle.fail(f"key {number}", NOW)
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
