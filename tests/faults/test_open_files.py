"""The system's limit of open files: who comes too late is told, and does not
wait in vain."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from protocol.messages import Goodbye
from protocol.refusals import Farewell
from server.operations.open_files import FILES_RESERVE
from tests.support.server_process import ServerProcess
from tests.support.wire import WireClient

ROOM_FOR = 20

if sys.platform == "win32":
    pytest.skip("sockets are no files there", allow_module_level=True)


@contextmanager
def served(folder: Path, limit: str) -> Iterator[int]:
    """A server that was started under such a limit; its port."""
    server = ServerProcess(folder)
    server.make_room()
    process = subprocess.Popen(
        [
            *("sh", "-c", f'ulimit {limit}; exec "$0" -m server serve --data "$1" --port 0'),
            *(sys.executable, str(server.data_dir)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline().rsplit(":", 1)[1])
    finally:
        process.kill()
        process.communicate()


def test_where_no_more_files_may_be_open_the_room_is_full(tmp_path: Path) -> None:
    with served(tmp_path, f"-n {ROOM_FOR + FILES_RESERVE}") as port, ExitStack() as stack:
        for _ in range(ROOM_FOR):
            stack.enter_context(WireClient(port)).hello()
        for _ in range(3):
            late = stack.enter_context(WireClient(port))
            assert [Goodbye(Farewell.ROOM_FULL, 30_000)] == late.drain()


def test_the_limit_is_raised_as_far_as_the_system_lets_it(tmp_path: Path) -> None:
    limit = f"-n {2 * ROOM_FOR + FILES_RESERVE}; ulimit -S -n {FILES_RESERVE}"
    with served(tmp_path, limit) as port, ExitStack() as stack:
        for _ in range(2 * ROOM_FOR):
            stack.enter_context(WireClient(port)).hello()
