"""One window has a file for its own."""

import subprocess
import sys
from pathlib import Path

from app.models.disk.file_lock import FileLock

HOLD = """
import sys
from pathlib import Path
from app.models.disk.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.take(), flush=True)
sys.stdin.read()
"""


def test_the_second_does_not_get_it_and_the_next_does(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "a.db"), FileLock(tmp_path / "a.db")
    assert first.take() and not second.take()
    assert FileLock(tmp_path / "b.db").take(), "another file is another matter"
    first.release()
    first.release()
    assert second.take()
    second.release()


def test_no_lock_outlives_its_process(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "a.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None and holder.stdin is not None
    assert holder.stdout.readline().strip() == b"True"
    lock = FileLock(tmp_path / "a.db")
    assert not lock.take()
    holder.kill()
    holder.wait(20)
    holder.stdout.close()
    holder.stdin.close()
    assert lock.take()
    lock.release()


def test_where_there_can_be_no_lock_none_is_taken(tmp_path: Path) -> None:
    assert not FileLock(tmp_path / "no such folder" / "a.db").take()
