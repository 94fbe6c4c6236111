"""A backup holds the room with its files, and restoring again at once loses nothing of what
was put aside."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from protocol.limits import PART_BYTES
from protocol.messages import Attachment
from server import settings
from server.domain.messages.history import Draft
from server.operations.backup import BackupError, make_backup
from server.operations.backup import restore as restore_backup
from server.storage.sqlite import FILE_NAME as ROOM_NAME
from server.storage.sqlite import open_store
from server.storage.sqlite.checks.attachments import amiss
from server.storage.sqlite.messages.attachments import FILE_NAME
from tests.server.conftest import ADMIN
from tests.support.running import Operator


def test_two_restores_within_a_second_are_put_aside_apart(data_dir: Path) -> None:
    target = data_dir.parent / f"{data_dir.name}.backup"
    make_backup(data_dir, target, settings.load(data_dir, {}, {}), overwrite=False)
    asides = [restore_backup(target, data_dir, overwrite=True) for _ in range(4)]
    assert len(set(asides)) == 4
    assert all(aside is not None and (aside / "room.db").is_file() for aside in asides)


DATA = b"the plan " * 8_000
FILE = Attachment(hashlib.sha256(DATA).digest(), "plan.txt", len(DATA))


def with_file(data_dir: Path) -> None:
    """Have a message in the room with a file, and one with none."""
    with open_store(data_dir) as store:
        author = store.users.by_name(ADMIN)
        assert author is not None
        store.attachments.begin(FILE.sha256, FILE.size, 1)
        for offset in range(0, len(DATA), PART_BYTES):
            part = DATA[offset : offset + PART_BYTES]
            if offset + PART_BYTES < len(DATA):
                store.attachments.add(FILE.sha256, offset, part, 1)
            else:
                assert store.attachments.finish(FILE.sha256, offset, part, 1)
        with store.transaction():
            store.history.append(author, bytes(16), Draft("See.", attachments=(FILE,)), 1)
            store.history.append(author, b"x" * 16, Draft("Nothing."), 1)


def found(data_dir: Path) -> list[str]:
    return amiss(data_dir / ROOM_NAME, data_dir / FILE_NAME)


def test_files_are_in_a_backup_and_come_back_from_it(data_dir: Path, tmp_path: Path) -> None:
    with_file(data_dir)
    target = tmp_path / "room.backup"
    make_backup(data_dir, target, settings.load(data_dir, {}, {}), overwrite=False)
    other = tmp_path / "elsewhere"
    restore_backup(target, other, overwrite=False)
    assert found(other) == []
    with open_store(other) as store:
        assert store.attachments.part(FILE.sha256, PART_BYTES) == DATA[PART_BYTES : 2 * PART_BYTES]
    # What was there when another room is put in its place is put aside with it.
    aside = restore_backup(target, other, overwrite=True)
    assert aside is not None and (aside / FILE_NAME).exists()


def test_a_room_without_files_leaves_none_of_the_room_before(
    data_dir: Path, tmp_path: Path
) -> None:
    target = tmp_path / "room.backup"
    make_backup(data_dir, target, settings.load(data_dir, {}, {}), overwrite=False)
    with_file(data_dir)
    restore_backup(target, data_dir, overwrite=True)
    assert not (data_dir / FILE_NAME).exists()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        ("DELETE FROM files", "is missing"),
        ("UPDATE files SET there = 1", "is missing"),
        ("UPDATE parts SET data = zeroblob(9) WHERE number = 1", "is damaged"),
        ("DELETE FROM parts WHERE number = 2", "is damaged"),
        ("DROP TABLE parts", "can't be read"),
    ],
)
def test_a_file_that_is_missing_or_damaged_is_found(
    data_dir: Path, tmp_path: Path, harm: str, words: str
) -> None:
    with_file(data_dir)
    assert found(data_dir) == []
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as file:
        file.execute(harm)
        file.commit()
    (finding,) = found(data_dir)
    assert words in finding
    assert Operator(data_dir).run("verify").exit_code == 1
    with pytest.raises(BackupError, match="not sound"):
        make_backup(
            data_dir, tmp_path / "room.backup", settings.load(data_dir, {}, {}), overwrite=False
        )
    (data_dir / FILE_NAME).unlink()
    (finding,) = found(data_dir)
    assert "attachments.db is missing" in finding
