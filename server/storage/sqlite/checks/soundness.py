"""A damaged room is never served: looks at it before it is.

To look at everything takes as long as reading everything, so it is done where
there is reason to: after an end that was none in order, and where the file is
not the one that was left. An end in order leaves a seal, a small file that says
how the database looked then.
"""

import json
import logging
from pathlib import Path

from server.clock import SYSTEM
from server.domain.store import CorruptRoom
from server.storage.sqlite.checks import verify
from server.storage.sqlite.store import FILE_NAME, open_store

log = logging.getLogger(__name__)

SEAL_NAME = "room.sealed"

SLOW_S = 1.0
"""A look that takes longer is worth a line in the log."""


def require_sound(data_dir: Path) -> None:
    """Break the seal of the room in this folder; where it does not hold, look at
    everything, and upgrade the room if it is an older one.

    Raises CorruptRoom, and what `open_store` does.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
        raise FileNotFoundError(f"there is no room in {data_dir}")
    if _break_seal(path):
        return
    began = SYSTEM.monotonic_s()
    _require_none(path, verify.damage(path))
    open_store(data_dir).close()
    _require_none(path, verify.nonsense(path))
    # It may be served all the same: who can write the file can do worse.
    for found in verify.tampering(path):
        log.error("somebody changed the room past the server: %s", found)
    if (took_s := SYSTEM.monotonic_s() - began) > SLOW_S:
        log.info("the room was looked through after an end out of order: %.1f s", took_s)


def seal(data_dir: Path) -> None:
    """Note that the room was left in order, and nobody has it open any more. Without the
    seal, where the disk does not take it, the next start looks at everything."""
    path = data_dir / FILE_NAME
    # Where something still has it open, its log stays: then there is no seal.
    if path.with_name(f"{FILE_NAME}-wal").exists():
        return
    try:
        path.with_name(SEAL_NAME).write_text(json.dumps(_looks(path)), encoding="ascii")
    except OSError as error:
        log.warning("the room is left in order but unsealed: %s", error)


def _break_seal(path: Path) -> bool:
    sealed = path.with_name(SEAL_NAME)
    try:
        told = json.loads(sealed.read_text(encoding="ascii"))
        sealed.unlink()
    except (OSError, ValueError):
        return False
    return bool(told == _looks(path) and not path.with_name(f"{FILE_NAME}-wal").exists())


def _looks(path: Path) -> dict[str, int]:
    status = path.stat()
    return {"bytes": status.st_size, "changed_ns": status.st_mtime_ns}


def _require_none(path: Path, found: list[str]) -> None:
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise CorruptRoom(
            f"the room in {path.parent} is damaged and is not served: {found[0]}{more}. Keep the "
            "folder, and put the last backup in its place: rostrum-server restore"
        )
