"""The icons and translations are there, whole, in every size that is named."""

import struct

import pytest
from PIL import Image
from PIL.IcoImagePlugin import IcoImageFile

from app import assets
from app.i18n import LANGUAGES

ICO_SIZES_PX = (16, 24, 32, 48, 64, 128, 256)
"""All that an .ico can hold: its directory has one byte for a size."""


@pytest.mark.parametrize("size_px", assets.ICON_SIZES_PX)
def test_the_icon_is_there_in_this_size(size_px: int) -> None:
    with Image.open(assets.icon(size_px)) as icon:
        icon.load()
        assert icon.format == "PNG"
        assert icon.size == (size_px, size_px)
        assert icon.convert("RGBA").getchannel("A").getextrema() == (0, 255), "no free corners"


def test_no_icon_is_there_that_is_not_named() -> None:
    there = {path.name for path in assets.path("icons").iterdir() if path.suffix == ".png"}
    assert there == {f"rostrum-{size}.png" for size in assets.ICON_SIZES_PX}


def test_the_windows_icon_holds_every_size() -> None:
    with Image.open(assets.path("icons/rostrum.ico")) as icon:
        assert isinstance(icon, IcoImageFile)
        assert icon.info["sizes"] == {(size, size) for size in ICO_SIZES_PX}
        for size in ICO_SIZES_PX:
            assert icon.ico.getimage((size, size)).size == (size, size)


def test_the_windows_icons_directory_lies_within_the_file() -> None:
    content = assets.path("icons/rostrum.ico").read_bytes()
    _, kind, count = struct.unpack_from("<HHH", content)
    assert (kind, count) == (1, len(ICO_SIZES_PX))
    for entry in range(count):
        length, start = struct.unpack_from("<8xII", content, 6 + 16 * entry)
        assert length > 0 and start + length <= len(content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_read_as_utf_8(language: str) -> None:
    text = assets.read_text(f"translations/{language}.toml")
    assert "…" in text and "\r" not in text


def test_an_asset_that_is_not_there_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        assets.read_text("translations/tlh.toml")
