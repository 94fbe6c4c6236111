"""Who was signed in where."""

from pathlib import Path

import pytest

from app.models import profile as profiles
from app.models.connection.status import RoomInfo
from app.models.profile import FILE_NAME, Profile
from protocol.messages import Limits, Person, Registration, Role

ROOM = RoomInfo(b"r" * 16, "Northgate", "", Registration.OPEN, Limits())
PROFILE = Profile("服务器:7450", ROOM, Person(3, "amelia", "Amelia 🔔", Role.ADMIN))


def test_it_survives_and_is_forgotten(tmp_path: Path) -> None:
    assert profiles.load(tmp_path) is None
    profiles.save(tmp_path / "deep", PROFILE)
    assert profiles.load(tmp_path / "deep") == PROFILE
    profiles.forget(tmp_path / "deep", "somebody@elsewhere:1")
    assert profiles.load(tmp_path / "deep") == PROFILE, "that is another window's"
    profiles.forget(tmp_path / "deep", PROFILE.account)
    profiles.forget(tmp_path / "deep", PROFILE.account)
    assert profiles.load(tmp_path / "deep") is None
    assert list((tmp_path / "deep").iterdir()) == []


def test_it_holds_nothing_secret_and_names_a_file_of_its_own(tmp_path: Path) -> None:
    assert PROFILE.account == "amelia@服务器:7450"
    other = Profile(PROFILE.server, ROOM, Person(4, "amelia", "Amelia", Role.MEMBER))
    assert other.cache_path(tmp_path) != PROFILE.cache_path(tmp_path)
    assert PROFILE.cache_path(tmp_path).parent == tmp_path / "rooms"


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"\xff", b"[]", b'{"server": "a:1"}', b"null"),
        b'{"unknown": ' + b"[" * 200_000,
        b'{"server":"a:1","room":{"room_id":"*","name":"","description":"","registration":"open"}}',
    ],
)
def test_rubbish_is_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert profiles.load(tmp_path) is None
    profiles.save(tmp_path, PROFILE)
    assert profiles.load(tmp_path) == PROFILE


def test_a_folder_in_its_place_is_nobody_and_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME / "child").mkdir(parents=True)
    assert profiles.load(tmp_path) is None
    profiles.save(tmp_path, PROFILE)
    profiles.forget(tmp_path, PROFILE.account)
    assert profiles.load(tmp_path) is None
