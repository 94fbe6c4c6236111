"""The connection's state tells of every change, once."""

import msgspec

from app.models.connection.status import Phase, RoomInfo, Snapshot, Status
from protocol.messages import Limits, Registration

ROOM = RoomInfo(bytes(16), "Room", "", Registration.OPEN, Limits())


def test_a_change_is_told_once_and_whole() -> None:
    status = Status()
    heard: list[Snapshot] = []
    status.subscribe(lambda: heard.append(status.now))
    status.update(phase=Phase.WAITING, reason="lost", retry_at=1.0)
    status.update(phase=Phase.WAITING, reason="lost")
    assert heard == [Snapshot(Phase.WAITING, "", 1.0, "lost")]


def test_a_room_is_introduced_once_and_again_when_it_has_changed() -> None:
    status = Status()
    heard: list[RoomInfo | None] = []
    status.subscribe(lambda: heard.append(status.room))
    renamed = msgspec.structs.replace(ROOM, name="Hall")
    for room in (ROOM, ROOM, renamed):
        status.introduce(room)
    assert heard == [ROOM, renamed]


def test_whoever_has_left_hears_nothing_more() -> None:
    status = Status()
    heard: list[str] = []

    def first() -> None:
        heard.append("first")
        leave_second()

    status.subscribe(first)
    leave_second = status.subscribe(lambda: heard.append("second"))
    status.update(online=1)
    leave_second()
    assert heard == ["first"]
