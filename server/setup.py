"""Making a room: the data folder, its settings, its first administrator, or the
invite by which somebody becomes that.

Safe to repeat: if it was interrupted, it finishes what is missing; a room that
is finished is never touched.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from protocol.messages import Role
from server import settings
from server.certificates import make_certificate
from server.clock import SYSTEM
from server.domain.accounts import check_display_name, check_password, check_username
from server.domain.administration import add_person, create_invite
from server.domain.audit import OPERATOR
from server.domain.invites import new_secret
from server.domain.store import Store
from server.domain.user import User
from server.passwords import hash_password
from server.storage.sqlite import FILE_NAME as DATABASE_NAME
from server.storage.sqlite import create_store

FIRST_INVITE_VALID_MS = 30 * 24 * 60 * 60 * 1000
"""A month to begin; the operator can make another at any time."""


class RoomExists(Exception):
    """The folder holds a finished room."""


def require_no_room(data_dir: Path) -> None:
    """Raises RoomExists if there is a finished room in this folder, and what
    opening the store raises."""
    if (data_dir / DATABASE_NAME).exists():
        with create_store(data_dir) as store:
            _require_unfinished(store, data_dir)


def make_room(
    data_dir: Path,
    chosen: Mapping[str, object],
    username: str,
    display_name: str,
    password: str,
) -> User:
    """Make the room and its first administrator.

    Raises RequestRefused, or SettingsError, before anything is written; RoomExists;
    SettingsError where a settings file is there and says otherwise; OSError or
    StorageUnavailable if the folder can't be written; and what opening the store
    raises.
    """
    username = check_username(username)
    display_name = check_display_name(display_name or username)
    check_password(password, username)
    password_hash = hash_password(password)
    with _making(data_dir, chosen) as store:
        return add_person(
            store, OPERATOR, username, display_name, Role.ADMIN, password_hash, SYSTEM.now_ms()
        )


def make_room_by_invite(
    data_dir: Path, chosen: Mapping[str, object], tell: Callable[[bytes], str]
) -> str:
    """Make the room; whoever first uses the invite with the secret that `tell`
    gets becomes its administrator. Returns what `tell` makes of it; where it
    raises, no room is made. Raises what `make_room` does."""
    secret = new_secret()
    with _making(data_dir, chosen) as store:
        told = tell(secret)
        create_invite(
            store,
            OPERATOR,
            secret,
            Role.ADMIN,
            uses=1,
            valid_for_ms=FIRST_INVITE_VALID_MS,
            note="first administrator",
            now_ms=SYSTEM.now_ms(),
        )
    return told


@contextmanager
def _making(data_dir: Path, chosen: Mapping[str, object]) -> Iterator[Store]:
    in_force = settings.check_chosen(chosen)
    data_dir.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        # Password hashes and everybody's messages: the operator's alone.
        data_dir.chmod(0o700)
    # One transaction, so that of two that run at once only one makes the room.
    with create_store(data_dir) as store, store.transaction():
        _require_unfinished(store, data_dir)
        if in_force.tls and not in_force.tls_certificate:
            make_certificate(data_dir, in_force.room_name)
        if (data_dir / settings.FILE_NAME).exists():
            settings.require_in_file(data_dir, chosen)
        else:
            settings.write_new(data_dir, chosen)
        yield store


def _require_unfinished(store: Store, data_dir: Path) -> None:
    if store.audit.head() > 0 or store.users.count_active() > 0:
        raise RoomExists(f"there is a room in {data_dir} already; it was left as it is")
