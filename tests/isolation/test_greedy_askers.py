"""P5: a peer that asks and never reads the answers costs the cap and one answer
more, delays nobody, and has its answers when it does read."""

import socket
from collections import Counter
from collections.abc import Callable

import pytest

from protocol.limits import (
    LENGTH_PREFIX_BYTES,
    MAX_BODY_FROM_CLIENT_BYTES,
    MAX_BODY_FROM_SERVER_BYTES,
)
from protocol.messages import (
    FromServer,
    GetHistory,
    GetPeople,
    Ping,
    Post,
    Sync,
    WireMessage,
)
from server.sessions.session import PUSH_CAP_BYTES
from server.transport.streams import RECEIVE_BYTES
from tests.isolation.asking import Asker
from tests.isolation.conftest import House

Question = Callable[[int], WireMessage]

MANY = 1_000_000
"""More than the system's own buffers hold."""


def post_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def number_in(answer: FromServer) -> int:
    """Which question it answers; 0: none."""
    return int(getattr(answer, "request", 0) or getattr(answer, "token", 0))


@pytest.mark.parametrize(
    ("question", "at_most"),
    [
        pytest.param(Ping, MANY, id="ping"),
        pytest.param(lambda number: Sync(number, 0), 100, id="sync"),
        pytest.param(lambda number: GetHistory(number, 0, 200), 100, id="history"),
        pytest.param(lambda number: Post(number, post_id(number), "x" * 4000), MANY, id="post"),
        pytest.param(lambda number: GetPeople(number, "", 0, 100), MANY, id="not permitted"),
    ],
)
def test_p5_who_asks_and_never_reads_costs_the_cap_and_gets_the_answers_when_he_reads(
    house: House, question: Question, at_most: int
) -> None:
    alice = house.alice()
    for number in range(1, 60):
        alice.post("🔔" * 1000, post_id(MANY + number))
    is_author = isinstance(question(1), Post)
    greedy = house.alice() if is_author else house.member("greedy", 8192)
    greedy.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    session = house.newest_session
    asker = Asker(greedy, question)
    costs: list[tuple[int, int]] = []

    def is_left_unread() -> bool:
        # Not only while more than the cap waits: when the system takes some of the
        # answers, the peer's requests go on waiting until all of them are gone.
        waits = session._paused and not session._in_flight and session.pending_bytes > 0
        if waits:
            costs.append((session.pending_bytes, session._connection.buffered))
        return waits

    asker.ask_until(lambda: house.on_reactor(is_left_unread), at_most)
    alice.barrier()
    held, buffered = costs[-1]
    assert held < PUSH_CAP_BYTES + MAX_BODY_FROM_SERVER_BYTES
    assert buffered < LENGTH_PREFIX_BYTES + MAX_BODY_FROM_CLIENT_BYTES + RECEIVE_BYTES

    heard = asker.read_until(lambda answer: number_in(answer) == asker.asked)
    answered = Counter(number_in(answer) for answer in heard)
    del answered[0]
    assert answered == dict.fromkeys(range(1, asker.asked + 1), 1)
