"""What a process holds, as Linux tells it in /proc (proc(5))."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from protocol.messages import Register, SignedIn
from tests.support.server_process import PASSWORD
from tests.support.wire import WireClient

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


def let_every_hasher_hash(port: int, tls: bool) -> None:
    """So many passwords at once that each of the server's hashers takes one: a
    hasher is started when it is needed, and what one hash takes of memory stays
    with its thread."""
    with ExitStack() as stack:
        newcomers = []
        for _ in range(2 * (os.cpu_count() or 1)):
            newcomers.append(stack.enter_context(WireClient(port, tls=tls)))
            newcomers[-1].hello()
        for number, newcomer in enumerate(newcomers):
            newcomer.say(Register(2, f"mallory.{number}", "M", PASSWORD))
        for newcomer in newcomers:
            newcomer.expect(SignedIn)
