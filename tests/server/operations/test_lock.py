"""One server for a data folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.operations.lock import AlreadyServing, DataFolderLock

HOLD = """
import sys
from pathlib import Path
from server.operations.lock import DataFolderLock
with DataFolderLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_held_by_one_and_given_back(tmp_path: Path) -> None:
    with DataFolderLock(tmp_path), pytest.raises(AlreadyServing), DataFolderLock(tmp_path):
        pass
    with DataFolderLock(tmp_path):
        pass


def test_a_process_that_is_killed_lets_go(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"held"
    with pytest.raises(AlreadyServing), DataFolderLock(tmp_path):
        pass
    process.kill()
    process.communicate()
    with DataFolderLock(tmp_path):
        pass


def test_a_folder_that_is_not_there_is_told_from_one_in_use(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), DataFolderLock(tmp_path / "missing"):
        pass
