"""P7: nobody learns by the clock whether an account exists.

Both kinds of attempt are timed in turns over a real connection and compared by
the Mann-Whitney U statistic (Annals of Mathematical Statistics 18, 1947): the
probability that one of a kind takes longer than one of the other, 0.5 where the
two are alike. Of 40 each its standard deviation is 0.065, so chance does not
reach the bound in a billion runs; where no password is hashed for an account
that does not exist, the probability is 1.
"""

import time
from collections.abc import Callable

import pytest

from protocol.messages import RedeemReset, SignIn, WireMessage
from server.service import Service
from server.sessions.guesses import SignInGuard
from tests.server.conftest import ADMIN, Connect
from tests.support.wire import WireClient

PAIRS = 40
MAX_SKEW = 0.4

Attempt = Callable[[int, str], WireMessage]


def superiority(one: list[float], other: list[float]) -> float:
    """How probable it is that one of the first takes longer than one of the
    second: U over the number of pairs."""
    wins = sum((a > b) + 0.5 * (a == b) for a in one for b in other)
    return wins / (len(one) * len(other))


def sign_in(number: int, name: str) -> WireMessage:
    return SignIn(number, name, "not the right one")


def redeem(number: int, name: str) -> WireMessage:
    return RedeemReset(number, name, "K7QM-2XVN-PD4R", "not the right one")


@pytest.mark.real_passwords
@pytest.mark.parametrize("attempt", [sign_in, redeem])
def test_p7_an_unknown_account_takes_as_long_as_a_wrong_password(
    service: Service, connect: Connect, attempt: Attempt
) -> None:
    client = connect()
    took: dict[str, list[float]] = {ADMIN: [], "nobody": []}
    for name in (ADMIN, "nobody") * 2:
        timed(service, client, attempt, name)  # what is done once only
    for _ in range(PAIRS):
        for name, seconds in took.items():
            seconds.append(timed(service, client, attempt, name))
    assert abs(superiority(took[ADMIN], took["nobody"]) - 0.5) < MAX_SKEW


def timed(service: Service, client: WireClient, attempt: Attempt, name: str) -> float:
    # Otherwise the waits after wrong guesses would be what is measured.
    object.__setattr__(service.context, "sign_ins", SignInGuard())
    message = attempt(client.number(), name)
    began = time.perf_counter()
    client.refusal(message)
    return time.perf_counter() - began


def test_the_statistic_tells_kinds_apart() -> None:
    assert superiority([3.0, 4.0], [1.0, 2.0]) == 1
    assert superiority([1.0, 2.0], [1.0, 2.0]) == 0.5
