"""A copy of the whole room in one file, and back.

A backup is a ZIP file: the database, copied while it may be in use and then
verified, the settings, the certificate and its key. Whoever has it can read all
messages and pose as the server, so only its owner may read it.
"""

import contextlib
import itertools
import json
import os
import shutil
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

from protocol.version import VERSION
from server import settings
from server.certificates import CERTIFICATE_NAME, KEY_NAME
from server.clock import SYSTEM
from server.domain.audit import OPERATOR, AuditAction
from server.domain.errors import RequestRefused
from server.domain.store import CorruptRoom, SchemaTooNew
from server.operations.lock import DataFolderLock
from server.private_files import create_private
from server.settings import Settings
from server.storage.sqlite import FILE_NAME as DATABASE_NAME
from server.storage.sqlite import open_store
from server.storage.sqlite.checks.attachments import amiss
from server.storage.sqlite.checks.verify import findings
from server.storage.sqlite.messages.attachments import FILE_NAME as ATTACHMENTS_NAME

MANIFEST_NAME = "backup.json"
FORMAT = 1

_WORK_NAME = ".restoring"

COPIES = 3
"""How often is tried to copy the room and its files as they belong together."""


class BackupError(Exception):
    """It can't be made or used; the text says why."""


def make_backup(data_dir: Path, destination: Path, chosen: Settings, overwrite: bool) -> list[str]:
    """Write a backup of the room in this folder. Returns what belongs to the room
    and is kept elsewhere, and so is not in it. Raises BackupError, OSError, and
    what opening the store raises."""
    if destination.is_dir():
        raise BackupError(f"{destination} is a folder; name a file")
    if destination.exists() and not overwrite:
        raise BackupError(f"{destination} is there already; --overwrite replaces it")
    # By names of this process, as another may write a backup there, too.
    copy, files, draft = (
        destination.with_name(f"{destination.name}.{os.getpid()}{suffix}.part")
        for suffix in (".db", ".files", "")
    )
    try:
        with open_store(data_dir) as store:
            for _ in range(COPIES):
                for path in (copy, files, draft):
                    path.unlink(missing_ok=True)
                    # Nobody else may read it, at no moment.
                    os.close(create_private(path))
                store.copy_to(copy)
                has_files = store.attachments.copy_to(files)
                # A message may have been withdrawn in between, and its file with it.
                if not amiss(copy, files):
                    break
            room_id = store.room_id.hex()
        if wrong := findings(copy) or amiss(copy, files):
            raise BackupError(f"the copy is not sound: {wrong[0]}")
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MANIFEST_NAME, json.dumps(_manifest(room_id)))
            archive.write(copy, DATABASE_NAME)
            if has_files:
                archive.write(files, ATTACHMENTS_NAME)
            for name in _files_beside(data_dir, chosen):
                archive.write(data_dir / name, name)
        with draft.open("r+b") as file:
            os.fsync(file.fileno())
        draft.replace(destination)
    finally:
        for path in (copy, files, draft):
            path.unlink(missing_ok=True)
    return [name for name in _of_the_operator(chosen) if not _is_plain(name)]


def restore(backup: Path, data_dir: Path, overwrite: bool) -> Path | None:
    """Put a backup's room into this folder. Returns where what was there has
    been put aside, None where there was nothing.

    The room gets a new id: what clients hold may be newer than the backup, and
    so they begin anew. Raises BackupError, AlreadyServing and OSError; nothing
    that was there is touched before the backup was found to be sound.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with DataFolderLock(data_dir):
        if (data_dir / DATABASE_NAME).exists() and not overwrite:
            raise BackupError(f"there is a room in {data_dir} already; --overwrite replaces it")
        work = data_dir / _WORK_NAME
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        try:
            names = _unpack(backup, work)
            _begin_anew(work, backup)
            room = work / DATABASE_NAME
            if wrong := findings(room) or amiss(room, work / ATTACHMENTS_NAME):
                raise BackupError(f"the room in {backup} is not sound: {wrong[0]}")
            in_the_way = _in_the_way(data_dir, names)
            if in_the_way and not overwrite:
                raise BackupError(
                    f"{data_dir / in_the_way[0]} is there already; --overwrite puts it aside"
                )
            aside = _put_aside(data_dir, in_the_way) if in_the_way else None
            # The database last: a folder without one is not served, and so never
            # without its certificate, should the machine stop here.
            for name in sorted(names, key=DATABASE_NAME.__eq__):
                os.replace(work / name, data_dir / name)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    if os.name == "posix":
        data_dir.chmod(0o700)
    return aside


def _manifest(room_id: str) -> dict[str, object]:
    made_at = datetime.fromtimestamp(SYSTEM.now_ms() // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"format": FORMAT, "rostrum": VERSION, "made_at": made_at, "room_id": room_id}


def _files_beside(data_dir: Path, chosen: Settings) -> list[str]:
    """Return what belongs to the room beside its database, by names within the folder."""
    names = [settings.FILE_NAME, CERTIFICATE_NAME, KEY_NAME]
    names += filter(_is_plain, _of_the_operator(chosen))
    return [name for name in dict.fromkeys(names) if (data_dir / name).is_file()]


def _of_the_operator(chosen: Settings) -> list[str]:
    """Return the operator's own certificate and key, by the names in the settings."""
    return [name for name in (chosen.tls_certificate, chosen.tls_key) if name]


def _is_plain(name: str) -> bool:
    """Tell whether it is the name of a file right in the folder, on any system."""
    return bool(name) and not set(name) & set('/\\:*?"<>|') and name.strip(". ") == name


def _unpack(backup: Path, work: Path) -> list[str]:
    """Return the names of the files that were unpacked. Raises BackupError."""
    try:
        with zipfile.ZipFile(backup) as archive:
            manifest = json.loads(archive.read(MANIFEST_NAME))
            if manifest.get("format") != FORMAT:
                raise BackupError(f"{backup} was made by a newer version of Rostrum")
            names = [name for name in archive.namelist() if name != MANIFEST_NAME]
            if DATABASE_NAME not in names or not all(map(_is_plain, names)):
                raise BackupError(f"{backup} is no backup of a room")
            needed = sum(archive.getinfo(name).file_size for name in names)
            if needed > shutil.disk_usage(work).free:
                raise BackupError(f"there is no room for {needed} bytes in {work.parent}")
            for name in names:
                # Opened anew, so that a key is readable by nobody else.
                target = create_private(work / name)
                with archive.open(name) as packed, os.fdopen(target, "wb") as file:
                    shutil.copyfileobj(packed, file)
                    file.flush()
                    os.fsync(file.fileno())
            return names
    except FileNotFoundError:
        raise BackupError(f"there is no file {backup}") from None
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError),
        # An encryption or compression that zipfile does not know.
        RuntimeError,
        *(KeyError, ValueError, AttributeError),
    ) as error:
        raise BackupError(f"{backup} is no backup of a room: {error}") from error


def _begin_anew(work: Path, backup: Path) -> None:
    try:
        with open_store(work) as store, store.transaction():
            store.renew_room_id()
            now_ms = SYSTEM.now_ms()
            store.audit.append(OPERATOR, AuditAction.RESTORED, now_ms, subject=backup.name)
    except (CorruptRoom, SchemaTooNew, RequestRefused) as error:
        raise BackupError(f"the room in {backup} can't be used: {error}") from error


def _in_the_way(data_dir: Path, names: list[str]) -> list[str]:
    """Return what is there already under these names, or as a database or a log of one:
    SQLite would write that into the restored one."""
    files = [
        name + suffix
        for name in (DATABASE_NAME, ATTACHMENTS_NAME)
        for suffix in ("", "-wal", "-shm")
    ]
    return [name for name in dict.fromkeys([*names, *files]) if (data_dir / name).exists()]


def _put_aside(data_dir: Path, names: list[str]) -> Path:
    now = datetime.fromtimestamp(SYSTEM.now_ms() // 1000)
    name = now.strftime("before-restore-%Y%m%d-%H%M%S")
    # Two within a second, or a clock that was set back, are told apart by a number.
    for number in itertools.count(1):
        aside = data_dir / (name if number == 1 else f"{name}-{number}")
        with contextlib.suppress(FileExistsError):
            aside.mkdir(mode=0o700)
            break
    for name in names:
        os.replace(data_dir / name, aside / name)
    return aside
