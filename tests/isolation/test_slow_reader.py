"""P5: a peer that stops reading costs the cap, delays nobody, and holds every
message, once and in order, after it has read on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.messages import Changed, Lagging, Post, Posted
from server.sessions.session import PUSH_CAP_BYTES
from tests.isolation.conftest import ADMIN, PASSWORD, House
from tests.isolation.usage import MIB, needs_proc, usage_of
from tests.support.server_process import ServerProcess
from tests.support.wire import WireClient, pushed

MESSAGES = 10_000
TEXT = "x" * 1000
"""Ten thousand of these are more than the system's own buffers hold (Linux:
4 MiB for what a socket sends)."""

AT_ONCE = 50
SMALL_BUFFER_BYTES = 8192

RECORD_BYTES = 16 * 1024
RECORD_OVERHEAD_BYTES = 22
"""What TLS 1.3 adds to a record (RFC 8446, section 5.2)."""

TLS_OVERHEAD_BYTES = RECORD_OVERHEAD_BYTES * (PUSH_CAP_BYTES // RECORD_BYTES + 1)


def post_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def post_all(alice: WireClient, count: int, text: str) -> Iterator[int]:
    """Post this often, and yield the newest id when it and all before it are
    confirmed."""
    for number in range(1, count + 1):
        alice.say(Post(alice.number(), post_id(number), text))
        if number % AT_ONCE == 0:
            while alice.expect(Posted).id != number:
                pass
            yield number


def test_p5_a_reader_that_stops_costs_the_cap_delays_nobody_and_misses_nothing(
    house: House,
) -> None:
    alice, bob = house.alice(), house.member("bob")
    slow = house.member("slow", SMALL_BUFFER_BYTES)
    session = house.session_of("slow")
    held = []
    for newest in post_all(alice, MESSAGES, TEXT):
        # Whoever reads has a message by the time at which its author knows
        # that it is stored, whatever the others do.
        bob.barrier()
        last = next(heard for heard in reversed(bob.heard) if isinstance(heard, Changed))
        assert last.message.id == newest
        held.append(session._stream.pending_bytes)
    everything = list(range(1, MESSAGES + 1))
    assert [message.id for message in pushed(bob.heard)] == everything
    assert PUSH_CAP_BYTES / 2 < max(held) <= PUSH_CAP_BYTES + TLS_OVERHEAD_BYTES

    while not isinstance(slow.next(), Lagging):
        pass
    before = [message.id for message in pushed(slow.heard)]
    assert before == everything[: len(before)] and len(before) < MESSAGES
    caught_up = [message.id for message in slow.sync(len(before))]
    assert before + caught_up == everything
    alice.post("and on it goes", post_id(MESSAGES + 1))
    assert slow.expect(Changed).message.id == MESSAGES + 1


@needs_proc
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_p5_many_that_do_not_read_cost_the_cap_each(tmp_path: Path, tls: bool) -> None:
    many, messages, text = 40, 2500, "x" * 4000
    with ServerProcess(tmp_path, tls=tls) as server, WireClient(server.port, tls=tls) as alice:
        assert server._process is not None
        alice.hello()
        token = alice.sign_in(ADMIN, PASSWORD).token
        slow = [WireClient(server.port, SMALL_BUFFER_BYTES, tls) for _ in range(many)]
        for client in slow:
            client.hello()
            client.resume(token)
        before = usage_of(server.pid).memory
        for _ in post_all(alice, messages, text):
            alice.barrier()
        grown = usage_of(server.pid).memory - before
        for client in slow:
            client.close()
        print(f"{many} readers that stopped: {grown / MIB:.1f} MiB more")
        # Without a cap it would be what the system's buffers do not hold: for
        # each reader 10 MB less 4 MiB.
        assert grown < many * PUSH_CAP_BYTES * 2 + 24 * MIB


@needs_proc
def test_a_large_answer_leaves_nothing_behind_in_the_server(tmp_path: Path) -> None:
    many = 60
    with ServerProcess(tmp_path) as server, WireClient(server.port) as alice:
        assert server._process is not None
        alice.hello()
        token = alice.sign_in(ADMIN, PASSWORD).token
        for _ in post_all(alice, 100, "x" * 4000):
            pass
        assert len(alice.sync(0)) == 100
        readers = [WireClient(server.port) for _ in range(many)]
        for client in readers:
            client.hello()
            client.resume(token)
        before = usage_of(server.pid).memory
        for client in readers:
            assert len(client.sync(0)) == 100
        grown = usage_of(server.pid).memory - before
        for client in readers:
            client.close()
    print(f"{many} readers that were sent 400 kB each: {grown / MIB:.1f} MiB more")
    assert grown < many * 100_000
