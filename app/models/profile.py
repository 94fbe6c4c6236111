"""Who was signed in where, so that the room shows at once at the next start,
also with no server in reach. Holds nothing secret."""

import logging
from pathlib import Path

import msgspec

from app.models.connection.status import RoomInfo
from app.models.disk.files import replace_file
from protocol.messages import Person

log = logging.getLogger(__name__)

FILE_NAME = "profile.json"


class Profile(msgspec.Struct, frozen=True):
    """A signed-in account as it was last seen."""

    server: str
    room: RoomInfo
    person: Person

    @property
    def account(self) -> str:
        """What the credential store calls it: one name per server and person."""
        return f"{self.person.username}@{self.server}"

    def cache_path(self, data_dir: Path) -> Path:
        """Return where the local cache of this room and account is."""
        return data_dir / "rooms" / f"{self.room.room_id.hex()}-{self.person.id}.db"

    def files_path(self, data_dir: Path) -> Path:
        """Return the folder of the files that go with messages of this room and account."""
        return self.cache_path(data_dir).with_suffix(".files")


def load(data_dir: Path) -> Profile | None:
    """Return the profile of the last start, if there is a sound one."""
    try:
        return msgspec.json.decode((data_dir / FILE_NAME).read_bytes(), type=Profile)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        log.warning("the profile was not read: %s", error)
        return None


def save(data_dir: Path, profile: Profile) -> None:
    """Remember a profile."""
    try:
        replace_file(data_dir / FILE_NAME, msgspec.json.encode(profile))
    except OSError as error:
        log.warning("the profile was not saved: %s", error)


def forget(data_dir: Path, account: str) -> None:
    """Remember this account no more. Another one, of another window on this
    folder, stays."""
    kept = load(data_dir)
    if kept is not None and kept.account != account:
        return
    try:
        (data_dir / FILE_NAME).unlink(missing_ok=True)
    except OSError as error:
        log.warning("the profile was not forgotten: %s", error)
