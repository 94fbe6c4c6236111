"""What a process holds, as Linux tells it in /proc (proc(5))."""

import os
from pathlib import Path
from typing import NamedTuple

import pytest

MIB = 1024 * 1024

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="what a process holds is read from /proc"
)


class Usage(NamedTuple):
    """Memory that is resident, in bytes; open descriptors; threads."""

    memory: int
    descriptors: int
    threads: int


def usage_of(pid: int) -> Usage:
    """What this process holds now."""
    process = Path("/proc") / str(pid)
    resident_pages = int((process / "statm").read_text().split()[1])
    return Usage(
        resident_pages * os.sysconf("SC_PAGE_SIZE"),
        len(list((process / "fd").iterdir())),
        len(list((process / "task").iterdir())),
    )
