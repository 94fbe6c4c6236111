"""Making a room: the data folder, its settings, its first administrator.

Safe to repeat: if it was interrupted, it finishes what is missing; a room that
has an administrator is never touched.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from protocol.messages import Role
from server import settings
from server.accounts import check_display_name, check_password, check_username
from server.passwords import hash_password
from server.storage.sqlite import create_store
from server.user import User


class RoomExists(Exception):
    """The folder holds a finished room."""


def has_room(data_dir: Path) -> bool:
    """Whether there is a room with an administrator in this folder."""
    if not (data_dir / settings.FILE_NAME).exists():
        return False
    with create_store(data_dir) as store:
        return store.users.count_active() > 0


def make_room(
    data_dir: Path,
    chosen: Mapping[str, object],
    username: str,
    display_name: str,
    password: str,
) -> User:
    """Make the room and its first administrator.

    Raises RoomExists; SettingsError or Rejected before anything was written;
    OSError if the folder can't be written.
    """
    username = check_username(username)
    display_name = check_display_name(display_name or username)
    check_password(password, username)
    settings.check_chosen(chosen)
    data_dir.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        # Password hashes and everybody's messages: the operator's alone.
        data_dir.chmod(0o700)
    if has_room(data_dir):
        raise RoomExists(f"there is a room in {data_dir} already; it was left as it is")
    if not (data_dir / settings.FILE_NAME).exists():
        settings.write_new(data_dir, chosen)
    with create_store(data_dir) as store:
        return store.users.add(
            username,
            display_name,
            Role.ADMIN,
            hash_password(password),
            time.time_ns() // 1_000_000,
        )
