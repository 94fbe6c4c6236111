"""Files that nobody but their owner may read, on systems that know of owners."""

import os
from pathlib import Path

# Windows would translate line ends.
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def create_private(path: Path) -> int:
    """Return the descriptor of a new, empty file. Raises FileExistsError, and OSError."""
    return os.open(path, _NEW, 0o600)
