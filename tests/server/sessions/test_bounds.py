"""Every number of every request, at its bounds: answered or refused by a code
that says why, and never as an error of the server's own (P9)."""

from collections.abc import Iterator

import msgspec
import pytest
from msgspec import inspect

from protocol.limits import MAX_EXPIRY_AHEAD_MS, MAX_INTEGER, MAX_TIME_MS
from protocol.messages import (
    GetTallies,
    Goodbye,
    Post,
    Refused,
    SetExpiry,
    TalliesOf,
    WireMessage,
)
from protocol.refusals import Refusal
from protocol.states import REQUESTS, TRANSITIONS, State
from server.operations.export import iso_time
from tests.protocol.samples import FROM_CLIENT, plain
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD, Connect, Jump
from tests.support.wire import WireClient


@pytest.fixture
def alice(connect: Connect, jump: Jump) -> WireClient:
    client = connect()
    client.sign_in(ADMIN, PASSWORD)
    client.post("Something to ask about.", bytes(16))
    return client


def at_their_bounds(kind: type[WireMessage]) -> Iterator[tuple[str, int]]:
    """The message's numbers, each with the least and the greatest it may be."""
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    for field in described.fields:
        if isinstance(field.type, inspect.IntType) and field.name != "request":
            assert field.type.ge is not None and field.type.le is not None, field.name
            yield field.name, field.type.ge
            yield field.name, field.type.le


CASES = [
    pytest.param(kind, name, value, id=f"{kind.__name__}.{name}={value}")
    for kind in sorted(FROM_CLIENT, key=lambda kind: kind.__name__)
    if kind in REQUESTS and (State.SIGNED_IN, kind) in TRANSITIONS
    for name, value in at_their_bounds(kind)
]


@pytest.mark.parametrize(("kind", "name", "value"), CASES)
def test_p9_no_number_within_its_bounds_is_the_servers_fault(
    alice: WireClient, kind: type[WireMessage], name: str, value: int
) -> None:
    number = alice.number()
    alice.say(msgspec.structs.replace(plain(kind), request=number, **{name: value}))
    while getattr(answer := alice.next(), "request", None) != number:
        assert not isinstance(answer, Goodbye)
    if isinstance(answer, Refused):
        assert answer.code != Refusal.INTERNAL, answer.detail


def test_tallies_are_told_up_to_the_greatest_number_there_is(alice: WireClient) -> None:
    told = alice.ask(GetTallies(alice.number(), 0, MAX_INTEGER), TalliesOf)
    assert [one.message_id for one in told.tallies] == [1]


@pytest.mark.parametrize("expires_at_ms", [NOW_MS + MAX_EXPIRY_AHEAD_MS + 1, MAX_TIME_MS])
def test_p10_an_expiry_in_the_far_future_is_refused_by_name(
    alice: WireClient, expires_at_ms: int
) -> None:
    post = Post(alice.number(), bytes(range(16)), "For ever?", expires_at_ms=expires_at_ms)
    assert alice.refusal(post).code == Refusal.EXPIRY_INVALID
    late = SetExpiry(alice.number(), 1, expires_at_ms)
    assert alice.refusal(late).code == Refusal.EXPIRY_INVALID


def test_a_time_beyond_the_calendar_does_not_break_an_export() -> None:
    assert iso_time(MAX_INTEGER) == iso_time(MAX_TIME_MS) == "9999-12-31T23:59:59.999+00:00"
    assert iso_time(NOW_MS) == "2026-11-23T15:00:00.000+00:00"
