"""The loop: sockets, timers, hand-over from other threads."""

import functools
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from server.transport import reactor as reactor_module
from server.transport.reactor import READ, WRITE, Reactor


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    reactor = Reactor()
    yield reactor
    reactor.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_ready_socket_calls_back(
    reactor: Reactor, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    seen: list[bytes] = []
    reactor.register(ours, READ, lambda mask: seen.append(ours.recv(100)))
    theirs.sendall(b"hello")
    reactor.turn(5)
    assert seen == [b"hello"]


def test_modify_and_unregister_change_what_is_waited_for(
    reactor: Reactor, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair
    masks: list[int] = []
    reactor.register(ours, READ, masks.append)
    reactor.turn(0)
    assert masks == []
    reactor.modify(ours, READ | WRITE, masks.append)
    reactor.turn(5)
    assert masks == [WRITE]
    reactor.unregister(ours)
    theirs.sendall(b"x")
    reactor.turn(0)
    assert masks == [WRITE]


def test_timers_fire_in_the_order_of_their_time_and_not_when_cancelled(reactor: Reactor) -> None:
    fired: list[str] = []
    reactor.call_later(0.02, lambda: fired.append("second"))
    reactor.call_later(0.01, lambda: fired.append("first"))
    reactor.call_later(0.01, lambda: fired.append("never")).cancel()
    reactor.call_later(0.03, reactor.stop)
    reactor.run()
    assert fired == ["first", "second"]


def test_a_timer_does_not_fire_before_its_time(reactor: Reactor) -> None:
    due = reactor.now + 0.05
    fired_at: list[float] = []
    reactor.call_later(0.05, lambda: fired_at.append(time.monotonic()))
    reactor.call_later(0.05, reactor.stop)
    reactor.run()
    assert fired_at[0] >= due


def test_another_thread_wakes_the_loop_and_keeps_its_order(reactor: Reactor) -> None:
    done: list[int] = []

    def work() -> None:
        for number in range(100):
            reactor.call_soon_threadsafe(functools.partial(done.append, number))
        reactor.call_soon_threadsafe(reactor.stop)

    thread = threading.Thread(target=work)
    thread.start()
    reactor.run()
    thread.join()
    assert done == list(range(100))


def test_what_a_callback_hands_over_does_not_keep_the_loop_from_the_sockets(
    reactor: Reactor, pair: tuple[socket.socket, socket.socket]
) -> None:
    ours, theirs = pair

    def again() -> None:
        reactor.call_soon_threadsafe(again)

    again()
    theirs.sendall(b"x")
    reactor.register(ours, READ, lambda mask: reactor.stop())
    reactor.run()


@pytest.mark.parametrize("delay_s", [0.0, 1e-17], ids=["none", "less than the clock can tell"])
def test_a_timer_that_sets_itself_anew_does_not_keep_the_loop_from_the_sockets(
    reactor: Reactor, pair: tuple[socket.socket, socket.socket], delay_s: float
) -> None:
    ours, theirs = pair

    def again() -> None:
        reactor.call_later(delay_s, again)

    again()
    theirs.sendall(b"x")
    reactor.register(ours, READ, lambda mask: reactor.stop())
    reactor.run()


def test_a_timer_cancelled_by_another_that_is_due_with_it_does_not_fire(reactor: Reactor) -> None:
    fired: list[str] = []
    reactor.call_later(0, lambda: second.cancel())
    second = reactor.call_later(0, lambda: fired.append("never"))
    reactor.turn(0)
    assert fired == []


def test_what_is_left_for_the_next_turn_waits_for_nothing_but_lets_others_go_first(
    reactor: Reactor,
) -> None:
    order: list[str] = []
    reactor.call_soon_threadsafe(lambda: reactor.call_next_turn(lambda: order.append("next")))
    reactor.before_waiting(lambda: order.append("last of this"))
    reactor.turn()
    assert order == ["last of this"]
    reactor.turn()
    assert order == ["last of this", "next"]


def test_before_waiting_comes_last_in_the_turn_that_asked_for_it(reactor: Reactor) -> None:
    order: list[str] = []
    reactor.call_soon_threadsafe(lambda: reactor.before_waiting(lambda: order.append("last")))
    reactor.call_soon_threadsafe(lambda: order.append("first"))
    reactor.turn(5)
    assert order == ["first", "last"]


@pytest.fixture
def ready(
    reactor: Reactor, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[list[socket.socket], list[socket.socket]]]:
    """Three sockets that are ready, one of which is served a turn; and those served."""
    monkeypatch.setattr(reactor_module, "SERVED_A_TURN", 1)
    served: list[socket.socket] = []
    pairs = [socket.socketpair() for _ in range(3)]
    for ours, theirs in pairs:
        theirs.sendall(b"x")
        reactor.register(
            ours, READ, functools.partial(lambda sock, _mask: served.append(sock), ours)
        )
    yield [ours for ours, _ in pairs], served
    for ours, theirs in pairs:
        ours.close()
        theirs.close()


def test_p5_what_is_handed_over_does_not_wait_for_all_sockets(
    reactor: Reactor, ready: tuple[list[socket.socket], list[socket.socket]]
) -> None:
    sockets, served = ready
    seen: list[int] = []
    for _ in range(3):
        reactor.call_next_turn(lambda: seen.append(len(served)))
        reactor.turn(5)
    assert seen == [1, 2, 3]
    assert set(served) == set(sockets), "each in its turn, though all stay ready"


def test_what_a_socket_was_ready_for_and_is_not_waited_for_any_more_is_not_served(
    reactor: Reactor, ready: tuple[list[socket.socket], list[socket.socket]]
) -> None:
    sockets, served = ready
    reactor.turn(5)
    gone, other = [one for one in sockets if one not in served]
    reactor.unregister(gone)
    modes: list[int] = []
    reactor.modify(other, WRITE, modes.append)
    reactor.turn(5)
    reactor.turn(5)
    assert len(served) == 1 and modes == []
    reactor.turn(5)
    reactor.turn(5)
    assert gone not in served and modes and set(modes) == {WRITE}


def test_p5_what_is_in_no_hurry_is_done_a_part_at_a_time_after_everything_else(
    reactor: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reactor_module, "UNHURRIED_A_TURN", 2)
    done: list[object] = []
    for number in range(3):
        reactor.call_unhurried(functools.partial(done.append, number))
    reactor.before_waiting(lambda: done.append("first"))
    reactor.turn(5)
    assert done == ["first", 0, 1]
    reactor.before_waiting(lambda: done.append("meanwhile"))
    reactor.turn(5)
    assert done == ["first", 0, 1, "meanwhile", 2]


def test_what_is_in_no_hurry_is_done_at_once_where_somebody_waits_for_it(
    reactor: Reactor,
) -> None:
    done: list[int] = []
    for number in range(1000):
        reactor.call_unhurried(functools.partial(done.append, number))
    reactor.hurry()
    assert done == list(range(1000))


def test_p9_a_failing_callback_is_logged_and_the_rest_is_served(
    reactor: Reactor, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fail() -> None:
        raise RuntimeError("broken on purpose")

    reactor.call_soon_threadsafe(fail)
    reactor.call_soon_threadsafe(lambda: done.append("served"))
    reactor.before_waiting(fail)
    reactor.call_later(0, fail)
    reactor.turn(0)
    assert done == ["served"]
    assert caplog.text.count("broken on purpose") >= 3


def test_handing_over_to_a_closed_reactor_does_nothing() -> None:
    reactor = Reactor()
    reactor.close()
    reactor.call_soon_threadsafe(lambda: None)
