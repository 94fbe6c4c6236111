"""Small files, kept whole, and from others' eyes."""

import os
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.disk.files import (
    REPLACE_PAUSE_S,
    REPLACE_TRIES,
    private_file,
    private_folder,
    replace_file,
)
from app.models.room.cache import Cache
from app.models.settings import Settings


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


# -- whose eyes ----------------------------------------------------------------------

posix = pytest.mark.skipif(os.name != "posix", reason="modes say nothing on Windows")


def modes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@posix
@pytest.mark.usefixtures("usual_umask")
def test_what_a_client_keeps_is_readable_by_its_person_alone(tmp_path: Path) -> None:
    folder = tmp_path / "Rostrum"
    Settings(folder / "settings.json").change(theme="dark")
    cache = Cache(folder / "rooms" / "room.db")
    cache.set_answers({1: 1})
    found = modes(folder)
    assert {"rooms/room.db", "rooms/room.db-wal", "settings.json"} <= set(found)
    for name, mode in found.items():
        is_folder = (folder / name).is_dir()
        assert mode == (0o700 if is_folder else 0o600), name
    cache.close()


@posix
def test_what_an_older_client_left_open_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "Rostrum" / "rooms" / "room.db"
    path.parent.mkdir(parents=True, mode=0o755)
    path.touch(0o644)
    Cache(path).close()
    found = modes(path.parent)
    assert found["."] == 0o700 and found["room.db"] == 0o600


@posix
def test_a_folder_that_is_for_others_too_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, home = tmp_path / "shared", tmp_path / "home"
    for folder, mode in ((shared, 0o1777), (home, 0o755)):
        folder.mkdir()
        folder.chmod(mode)
    monkeypatch.setenv("HOME", str(home))
    for folder, mode in ((shared, 0o1777), (home, 0o755)):
        private_folder(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == mode
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        private_folder(tmp_path / "file" / "below")


def test_a_private_file_keeps_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"kept")
    private_file(path)
    assert path.read_bytes() == b"kept"


@pytest.mark.skipif(sys.platform != "win32", reason="elsewhere a file that is read can be replaced")
def test_a_file_that_is_read_just_now_is_replaced_a_moment_later(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"old")
    is_open = threading.Event()

    def read() -> None:
        with path.open("rb"):
            is_open.set()
            time.sleep(REPLACE_PAUSE_S * 4)

    reader = threading.Thread(target=read)
    reader.start()
    is_open.wait()
    replace_file(path, b"new")
    reader.join()
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(("refusals", "is_replaced"), [(3, True), (REPLACE_TRIES, False)])
def test_windows_may_refuse_to_replace_a_file_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusals: int, is_replaced: bool
) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"old")
    left = [refusals]
    replace = os.replace

    def refuse(draft: Path, over: Path) -> None:
        if left[0]:
            left[0] -= 1
            raise PermissionError("somebody reads it")
        replace(draft, over)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(os, "replace", refuse)
    if is_replaced:
        replace_file(path, b"new")
    else:
        with pytest.raises(PermissionError):
            replace_file(path, b"new")
    assert path.read_bytes() == (b"new" if is_replaced else b"old")
    assert list(tmp_path.iterdir()) == [path], "and no draft is left"
