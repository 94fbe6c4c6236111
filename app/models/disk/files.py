"""Small files of this program's own: kept whole, and from others' eyes.

On Windows a person's data folder is theirs alone already, and modes say nothing;
elsewhere folders get the mode 0700 and files 0600.
"""

import contextlib
import os
import stat
import sys
import time
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600

REPLACE_TRIES = 40
REPLACE_PAUSE_S = 0.005
"""How often a file that somebody reads is tried to be replaced, and how long it is waited
between: to read a small file takes less."""


def private_folder(path: Path) -> None:
    """Make this folder, with those above it, readable by its owner alone. One
    that is there is made so, too, if it is this person's and not for more than
    this program. Raises OSError where it can't be made."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another window was quicker
            folder.mkdir(FOLDER_MODE)
    if not path.is_dir():
        raise NotADirectoryError(f"{path} is no folder")
    with contextlib.suppress(OSError, RuntimeError):  # a system may know no home
        if os.name == "posix" and not missing and path != Path.home():
            found = path.stat()
            if found.st_uid == os.getuid() and not found.st_mode & stat.S_ISVTX:
                path.chmod(FOLDER_MODE)


def private_file(path: Path) -> None:
    """See that this file is readable by its owner alone from its first byte on:
    make it empty where there is none. Raises OSError."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, FILE_MODE))
    with contextlib.suppress(OSError):
        path.chmod(FILE_MODE)


def _replace(draft: Path, path: Path) -> None:
    """Move a file over another. On Windows one that somebody reads just now, another
    window or a virus scanner, can't be replaced: it is tried for a moment."""
    for tries_left in range(REPLACE_TRIES - 1, -1, -1):
        try:
            os.replace(draft, path)
            return
        except PermissionError:
            if sys.platform != "win32" or not tries_left:
                raise
            time.sleep(REPLACE_PAUSE_S)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file beside and move it over: a crash leaves the old or the new
    one, never half of one. Raises OSError, leaving the old one."""
    private_folder(path.parent)
    # The process in the name: two windows may write at once.
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        private_file(draft)
        draft.write_bytes(content)
        _replace(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
