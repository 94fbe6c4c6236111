"""Files on this computer: whole or not at all, and gone when they are to be."""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from app.models.disk import pictures
from app.models.room.files import Files
from protocol.limits import PART_BYTES

DATA = b"the plan of the wing " * 4_000
SHA = hashlib.sha256(DATA).digest()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "数据" / "files")


def test_one_is_kept_once_and_read_in_parts(files: Files) -> None:
    assert not files.has(SHA)
    assert files.keep(DATA) == files.keep(DATA) == SHA
    assert files.has(SHA) and len(list(files.path(SHA).parent.iterdir())) == 1
    assert files.part(SHA, 0) == DATA[:PART_BYTES]
    assert files.part(SHA, 2 * PART_BYTES) == DATA[2 * PART_BYTES :]


def test_one_that_is_fetched_is_there_when_it_is_whole_and_right(files: Files) -> None:
    assert files.fetched(SHA) == 0
    files.add(SHA, 0, DATA[:PART_BYTES])
    files.add(SHA, PART_BYTES, b"broken off")
    assert files.fetched(SHA) == PART_BYTES, "a part that is not whole is fetched anew"
    assert not files.has(SHA)
    for at in range(PART_BYTES, len(DATA), PART_BYTES):
        files.add(SHA, at, DATA[at : at + PART_BYTES])
    assert files.finish(SHA) and files.path(SHA).read_bytes() == DATA
    files.add(b"o" * 32, 0, b"other")
    assert not files.finish(b"o" * 32) and not files.fetched(b"o" * 32)


def test_what_is_dropped_is_gone(files: Files) -> None:
    files.keep(DATA)
    other = files.keep(b"other")
    files.add(b"o" * 32, 0, b"x" * PART_BYTES)
    files.keep_only({other})
    assert [path.name for path in files.path(SHA).parent.iterdir()] == [other.hex()]
    files.drop(other)
    files.drop(other)
    assert not files.has(other)


def test_a_copy_is_what_it_was(files: Files, tmp_path: Path) -> None:
    files.keep(DATA)
    files.copy(SHA, tmp_path / "plan.txt")
    assert (tmp_path / "plan.txt").read_bytes() == DATA
    with pytest.raises(OSError):
        files.copy(SHA, tmp_path / "nowhere" / "plan.txt")


# -- pictures --------------------------------------------------------------------------


def picture(kind: str, width: int = 30, height: int = 20) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#204060").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_a_picture_is_known_by_its_bytes_and_made_to_fit(kind: str, tmp_path: Path) -> None:
    data = picture(kind)
    assert pictures.size_of(data) == (30, 20)
    (tmp_path / "x").write_bytes(data)
    assert pictures.decode(tmp_path / "x", 15, 15).size == (15, 10)
    assert pictures.decode(tmp_path / "x", 300, 300).size == (30, 20)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        picture("PNG")[:40],
        picture("TIFF"),
        picture("PNG", pictures.MAX_SIDE + 1, 1),
    ],
)
def test_p9_nothing_else_is_one(data: bytes, tmp_path: Path) -> None:
    assert pictures.size_of(data) == (0, 0) or data[:4] == b"\x89PNG"
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(pictures.NoPicture):
        pictures.decode(tmp_path / "x", 15, 15)


@pytest.mark.parametrize("side", [7_000, 16_000])
def test_p9_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, side: int) -> None:
    file = io.BytesIO()
    Image.new("1", (side, side)).save(file, "PNG")
    assert len(file.getvalue()) < 100_000
    assert pictures.size_of(file.getvalue()) == (0, 0)
    (tmp_path / "bomb").write_bytes(file.getvalue())
    with pytest.raises(pictures.NoPicture):
        pictures.decode(tmp_path / "bomb", 15, 15)
    with pytest.raises(pictures.NoPicture):
        pictures.decode(tmp_path / "none", 15, 15)
