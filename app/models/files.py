"""Small files of this program's own, kept whole."""

import contextlib
import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write a file beside and move it over: a crash leaves the old or the new
    one, never half of one. Raises OSError, leaving the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # The process in the name: two windows may write at once.
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
