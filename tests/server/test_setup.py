"""Making a room, once."""

import threading
from pathlib import Path

import pytest

from server.domain.errors import RequestRefused
from server.domain.user import User
from server.settings import SettingsError
from server.setup import RoomExists, make_room, require_no_room
from server.storage.sqlite import create_store, open_store

PASSWORD = "a long enough password"


def test_a_room_is_made_once(tmp_path: Path) -> None:
    require_no_room(tmp_path)
    make_room(tmp_path, {}, "alice", "", PASSWORD)
    with pytest.raises(RoomExists):
        require_no_room(tmp_path)
    with pytest.raises(RoomExists):
        make_room(tmp_path, {}, "mallory", "", PASSWORD)


def test_of_two_that_make_a_room_at_once_one_does(tmp_path: Path) -> None:
    barrier = threading.Barrier(2)
    made: list[User | Exception] = []

    def make(name: str) -> None:
        barrier.wait(20)
        try:
            made.append(make_room(tmp_path, {}, name, "", PASSWORD))
        except Exception as error:
            made.append(error)

    create_store(tmp_path).close()
    threads = [threading.Thread(target=make, args=(name,)) for name in ("alice", "mallory")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(type(outcome).__name__ for outcome in made) == ["RoomExists", "User"]
    with open_store(tmp_path) as store:
        assert store.users.count_active() == 1


@pytest.mark.parametrize(
    ("chosen", "username", "password"),
    [
        ({}, "no good!", PASSWORD),
        ({}, "alice", "short"),
        ({"port": -1}, "alice", PASSWORD),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_made(
    tmp_path: Path, chosen: dict[str, object], username: str, password: str
) -> None:
    with pytest.raises((RequestRefused, SettingsError)):
        make_room(tmp_path / "room", chosen, username, "", password)
    assert not (tmp_path / "room").exists()


def test_a_room_whose_making_stopped_halfway_can_be_made(tmp_path: Path) -> None:
    create_store(tmp_path).close()
    require_no_room(tmp_path)
    assert make_room(tmp_path, {"port": 7001}, "alice", "", PASSWORD).display_name == "alice"
    assert "port = 7001" in (tmp_path / "rostrum.toml").read_text(encoding="utf-8")
