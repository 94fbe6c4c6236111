"""Small files, kept whole."""

from pathlib import Path

import pytest

from app.models.files import replace_file


def test_it_makes_the_folder_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.json"
    for content in (b"one", b"two"):
        replace_file(path, content)
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_one_that_cant_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.mkdir()
    (path / "child").touch()
    with pytest.raises(OSError):
        replace_file(path, b"new")
    assert list(tmp_path.iterdir()) == [path], "no draft is left"


def test_a_file_that_another_program_has_open_costs_the_change_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Windows has it."""

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(13, "Access is denied", str(target))

    path = tmp_path / "file.json"
    replace_file(path, b"old")
    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(PermissionError):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
