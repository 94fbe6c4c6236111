"""What kind of picture a file is and how large, without decoding it; and decoding one that
is not too large.

A file from elsewhere may claim anything: only a few well-kept formats are looked at, and
what would take more memory than a picture for a screen does (a decompression bomb) is
refused before a pixel is decoded.
"""

import io
import warnings
from pathlib import Path

from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")

MAX_PIXELS = 40_000_000
"""As many as a good camera's picture has: 160 MB while it is decoded."""

MAX_SIDE = 16_384


class NoPicture(Exception):
    """It is none, or one that is not to be decoded."""


def size_of(data: bytes) -> tuple[int, int]:
    """Return a picture's width and height in pixels; (0, 0): it is none that can be shown."""
    try:
        with _open(io.BytesIO(data)) as picture:
            return picture.size
    except NoPicture:
        return 0, 0


def decode(path: Path, width: int, height: int) -> Image.Image:
    """Return the picture in this file, made small enough for so many pixels, as RGBA; of one
    that moves, the first frame. May be called on any thread. Raises NoPicture."""
    try:
        with path.open("rb") as file, _open(file) as picture:
            picture.draft("RGB", (width * 2, height * 2))  # a JPEG need not be decoded whole
            picture.thumbnail((width, height), Image.Resampling.LANCZOS)
            return picture.convert("RGBA")
    except NoPicture:
        raise
    except Exception as error:  # a decoder may raise anything at a damaged file
        raise NoPicture(str(error)) from None


def _open(file: object) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # The bound is our own, below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(file, formats=FORMATS)  # type: ignore[arg-type]
    except Exception as error:
        raise NoPicture(str(error)) from None
    width, height = picture.size
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        picture.close()
        raise NoPicture(f"{width} x {height} pixels")
    return picture
