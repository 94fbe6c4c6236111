"""Restoring again at once loses nothing of what was put aside."""

from pathlib import Path

from server import settings
from server.operations.backup import make_backup
from server.operations.backup import restore as restore_backup


def test_two_restores_within_a_second_are_put_aside_apart(data_dir: Path) -> None:
    target = data_dir.parent / f"{data_dir.name}.backup"
    make_backup(data_dir, target, settings.load(data_dir, {}, {}), overwrite=False)
    asides = [restore_backup(target, data_dir, overwrite=True) for _ in range(4)]
    assert len(set(asides)) == 4
    assert all(aside is not None and (aside / "room.db").is_file() for aside in asides)
