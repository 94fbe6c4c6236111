"""A disk that is full, a folder that can't be written, a database that another
program holds: posts are refused in words, reading goes on, and the server
recovers by itself."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.messages import GetSessions, Post, Posted, Refused, Sessions
from protocol.refusals import Refusal
from server.operations.lock import DataFolderLock
from server.storage.sqlite import FILE_NAME
from server.storage.sqlite.checks.verify import findings
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess
from tests.support.wire import WireClient

DISK_BYTES = 6 * 1024 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a disk of its own takes Linux and root")
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "rostrum", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def signed_in(server: ServerProcess) -> WireClient:
    client = WireClient(server.port, tls=False)
    client.hello()
    client.sign_in(ADMIN, PASSWORD)
    return client


def post_until_refused(client: WireClient, text: str) -> tuple[list[Posted], Refused]:
    posted: list[Posted] = []
    while True:
        number = client.number()
        client.say(Post(number, number.to_bytes(16, "big"), text))
        while not isinstance(answer := client.next(), Posted | Refused):
            pass
        if isinstance(answer, Refused):
            return posted, answer
        posted.append(answer)
        assert len(posted) < 20_000, "the disk never fills up"


@pytest.mark.timeout(120)
def test_p1_on_a_full_disk_posts_are_refused_and_nothing_is_lost(disk: Path) -> None:
    with ServerProcess(disk, tls=False) as server:
        alice = signed_in(server)
        with WireClient(server.port, tls=False) as first:
            first.hello()
            token = first.sign_in(ADMIN, PASSWORD).token
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(DISK_BYTES // 3))
        posted, refused = post_until_refused(alice, "y" * 4000)
        assert refused.code == Refusal.STORAGE_UNAVAILABLE
        assert len(posted) > 10
        with WireClient(server.port, tls=False) as again:
            again.hello()
            assert again.resume(token).last_id == posted[-1].id
            assert len(again.sync(0)) == len(posted)
        # Reading goes on, and so does everything that writes nothing.
        held = alice.whole_history()
        assert [one.id for one in held] == [one.id for one in posted]
        assert alice.ask(GetSessions(alice.number()), Sessions).sessions
        alice.barrier()
        ballast.unlink()
        number = alice.number()
        at_last = alice.post("there is room again", number.to_bytes(16, "big"))
        assert at_last.id == posted[-1].id + 1, "what was refused has left no gap"
        alice.close()
        assert server.stop() == 0
        assert findings(server.data_dir / FILE_NAME) == []


@pytest.mark.timeout(120)
def test_p1_a_server_killed_on_a_full_disk_comes_back_whole(disk: Path) -> None:
    with ServerProcess(disk, tls=False) as server:
        alice = signed_in(server)
        ballast = disk / "ballast"
        ballast.write_bytes(bytes(DISK_BYTES // 3))
        posted, _refused = post_until_refused(alice, "y" * 4000)
        alice.close()
        server.kill()
        ballast.unlink()
        server.start()
        again = signed_in(server)
        assert [one.id for one in again.whole_history()] == [one.id for one in posted]
        again.close()


@pytest.mark.timeout(120)
def test_p1_a_database_that_another_program_holds_is_waited_for_then_said(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, tls=False) as server:
        alice, bob = signed_in(server), signed_in(server)
        alice.post("before", (1).to_bytes(16, "big"))
        holder = sqlite3.connect(server.data_dir / FILE_NAME, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        alice.say(Post(alice.number(), (2).to_bytes(16, "big"), "while it is held"))
        assert [one.text for one in bob.whole_history()] == ["before"], "reading goes on"
        while not isinstance(answer := alice.next(), Posted | Refused):
            pass
        assert isinstance(answer, Refused) and answer.code == Refusal.STORAGE_UNAVAILABLE
        holder.execute("ROLLBACK")
        holder.close()
        assert alice.post("while it is held", (2).to_bytes(16, "big")).id == 2
        alice.close()
        bob.close()


@pytest.mark.parametrize(
    "command",
    [("serve", "--port", "0"), ("verify",), ("user", "list"), ("restore", "x.zip", "--overwrite")],
)
def test_a_folder_that_cant_be_written_is_said_and_not_called_damaged(
    disk: Path, command: tuple[str, ...]
) -> None:
    server = ServerProcess(disk, tls=False)
    server.make_room()
    with DataFolderLock(server.data_dir):
        pass  # it was served once, and so has the lock's file
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "server", *command, "--data", str(server.data_dir)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 1 and done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert "Traceback" not in line and "damaged" not in line
    assert "unable to open" in line or "Read-only" in line
