"""Files that go with messages, on this computer: by the SHA-256 of their bytes, in a folder
of the account's own.

One that is being fetched lies beside under another name until it is there whole and is the
one that was meant. Main thread only; `path` may be read on any.
"""

import contextlib
import hashlib
import logging
import os
import shutil
from pathlib import Path

from app.models.disk.files import private_file, private_folder, replace_file
from protocol.limits import PART_BYTES

log = logging.getLogger(__name__)

_PART = ".part"


class Files:
    """The folder, which is made when it is first needed. What the disk can't do raises
    OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: bytes) -> Path:
        """Return where this file is, if it is here."""
        return self._folder / sha256.hex()

    def has(self, sha256: bytes) -> bool:
        """Tell whether it is here whole."""
        return self.path(sha256).is_file()

    def keep(self, data: bytes) -> bytes:
        """Keep a file with these bytes, and return their SHA-256."""
        sha256 = hashlib.sha256(data).digest()
        if not self.has(sha256):
            replace_file(self.path(sha256), data)
        return sha256

    def part(self, sha256: bytes, offset: int) -> bytes:
        """Return the bytes from here on, as many as go into one message."""
        with self.path(sha256).open("rb") as file:
            file.seek(offset)
            return file.read(PART_BYTES)

    def fetched(self, sha256: bytes) -> int:
        """Return how many bytes of one that is not here whole are: as many as whole parts
        make."""
        with contextlib.suppress(OSError):
            size = self._unfinished(sha256).stat().st_size
            return size - size % PART_BYTES
        return 0

    def add(self, sha256: bytes, offset: int, data: bytes) -> None:
        """Keep these bytes of one that is being fetched."""
        private_folder(self._folder)
        private_file(self._unfinished(sha256))
        with self._unfinished(sha256).open("r+b") as file:
            file.seek(offset)
            file.write(data)
            file.truncate()

    def finish(self, sha256: bytes) -> bool:
        """Have the file here that was fetched. False: it is another one, and nothing of it is
        kept."""
        unfinished = self._unfinished(sha256)
        with unfinished.open("rb") as file:
            is_right = hashlib.file_digest(file, "sha256").digest() == sha256
        if is_right:
            unfinished.replace(self.path(sha256))
        else:
            _erase(unfinished)
        return is_right

    def copy(self, sha256: bytes, target: Path) -> None:
        """Write it there for the person, marked as what came from elsewhere."""
        shutil.copyfile(self.path(sha256), target)
        _mark_as_from_elsewhere(target)

    def drop(self, sha256: bytes) -> bool:
        """Keep nothing of it. False: the system does not let go of it now."""
        erased = [_erase(path) for path in (self.path(sha256), self._unfinished(sha256))]
        return all(erased)

    def keep_only(self, wanted: set[bytes]) -> None:
        """Keep nothing but these."""
        if not self._folder.is_dir():
            return
        names = {sha256.hex() for sha256 in wanted}
        for path in self._folder.iterdir():
            if path.name.removesuffix(_PART) not in names:
                _erase(path)

    def _unfinished(self, sha256: bytes) -> Path:
        return self._folder / f"{sha256.hex()}{_PART}"


def _erase(path: Path) -> bool:
    """Remove a file, overwritten: its bytes may belong to what was withdrawn. False: that
    can't be done now."""
    try:
        if path.is_file():
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
            path.unlink()
    except OSError as error:
        log.warning("a file that is not wanted any more is still there: %s", error)
        return False
    return True


def _mark_as_from_elsewhere(path: Path) -> None:
    """Have Windows warn before it is opened ("mark of the web"): its zone is the internet's,
    in a stream of the file's own."""
    if os.name == "nt":
        with contextlib.suppress(OSError):
            Path(f"{path}:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n", "ascii")
