"""The room: everyone hears the same bytes in the same order."""

from collections.abc import Callable

from protocol.codec import decode_from_server
from protocol.messages import AccountState, Changed, Presence, Role, RoomMessage
from server.domain.messages.history import Head
from server.domain.room import Room
from server.domain.user import User


class Listener:
    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def deliver(self, frame: bytes) -> None:
        self.heard.append(frame)


def user(number: int) -> User:
    return User(number, f"user{number}", "Name", Role.MEMBER, AccountState.ACTIVE, "", 0)


def message(number: int) -> RoomMessage:
    return RoomMessage(number, number, 1, "Amelia", 5, f"message {number}", bytes(16))


class Loop:
    """Where all is done at once."""

    now = 0.0

    def before_waiting(self, callback: Callable[[], None]) -> None:
        callback()

    def call_next_turn(self, callback: Callable[[], None]) -> None:
        callback()

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        callback()


def room(changes: list[int] | None = None) -> Room:
    noted = changes if changes is not None else []
    return Room(Head(0, 0), 3, lambda: noted.append(1), Loop(), lambda: False)


def test_p3_all_hear_the_same_bytes_in_the_order_of_revisions() -> None:
    here = room()
    listeners = [Listener(), Listener()]
    for number, listener in enumerate(listeners):
        here.enter(listener, user(number))
    here.publish(message(1))
    here.publish(message(2))
    assert listeners[0].heard[0] is listeners[1].heard[0], "encoded once"
    decoded = [decode_from_server(frame[4:]) for frame in listeners[0].heard]
    assert decoded == [Changed(message(1)), Changed(message(2))]
    assert here.head == Head(2, 2)


def test_who_left_hears_no_more() -> None:
    here = room()
    listener = Listener()
    here.enter(listener, user(1))
    here.leave(listener)
    here.leave(listener)
    here.publish(message(1))
    assert listener.heard == []


def test_presence_counts_people() -> None:
    changes: list[int] = []
    here = room(changes)
    listeners = [Listener(), Listener(), Listener()]
    for listener, number in zip(listeners, (1, 1, 2), strict=True):
        here.enter(listener, user(number))
    assert here.presence == Presence(2, 3)
    here.leave(listeners[0])
    assert here.presence == Presence(2, 3)
    here.leave(listeners[1])
    assert here.presence == Presence(1, 3)
    here.set_members(4)
    assert here.presence == Presence(1, 4)
    assert len(changes) == 6


def test_p5_one_who_leaves_while_hearing_does_not_disturb_the_others() -> None:
    here = room()

    class Leaving(Listener):
        def deliver(self, frame: bytes) -> None:
            here.leave(self)

    leaving, staying = Leaving(), Listener()
    here.enter(leaving, user(1))
    here.enter(staying, user(2))
    here.publish(message(1))
    assert len(staying.heard) == 1
