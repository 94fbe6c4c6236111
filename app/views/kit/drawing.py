"""Small round images, drawn larger than shown and scaled down, so that their
edges are smooth. They are painted onto the surface's colour: Tk draws an image
without transparency far faster."""

import functools
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.views.kit.script import is_wide

OVERSAMPLING = 4

FONT_FILES: tuple[tuple[str, int], ...] = (
    ("segoeuib.ttf", 0),
    ("Inter-SemiBold.otf", 0),
    ("Inter-SemiBold.ttf", 0),
    ("NotoSans-SemiBold.ttf", 0),
    ("NotoSans-Bold.ttf", 0),
    ("HelveticaNeue.ttc", 1),
    ("DejaVuSans-Bold.ttf", 0),
    ("msyhbd.ttc", 0),
    ("msyh.ttc", 0),
    # This collection's faces are JP, KR, SC, TC, HK in this order.
    ("NotoSansCJK-Bold.ttc", 2),
    ("PingFang.ttc", 0),
    ("wqy-microhei.ttc", 0),
    ("simhei.ttf", 0),
    ("seguisym.ttf", 0),
    ("DejaVuSans.ttf", 0),
)
"""Files that Pillow finds by name in the system's font folders, best first,
with the face to use in a collection."""

NOT_A_CHARACTER = "\U0010ffff"
"""No font has it, so it shows how a font draws what it lacks."""


def disc(diameter_px: int, width_px: int, color: str, surface: str) -> Image.Image:
    """Return a filled circle at the left of an image `width_px` wide."""
    big = diameter_px * OVERSAMPLING
    mask = Image.new("L", (big, big), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, big - 1, big - 1), fill=255)
    mask = mask.resize((diameter_px, diameter_px), Image.Resampling.LANCZOS)
    image = Image.new("RGB", (width_px, diameter_px), surface)
    image.paste(color, (0, 0), mask)
    return image


def lettered_disc(
    letters: str, diameter_px: int, width_px: int, color: str, surface: str
) -> Image.Image:
    """Return a circle with one or two white letters; with the outline of a person where
    no font has them."""
    image = disc(diameter_px, width_px, color, surface)
    big = diameter_px * OVERSAMPLING
    mask = Image.new("L", (big, big), 0)
    draw = ImageDraw.Draw(mask)
    face = font_for(letters, round(big * (0.40 if len(letters) > 1 else 0.46)))
    if face is None:
        _draw_person(draw, big)
    else:
        left, top, right, bottom = draw.textbbox((0, 0), letters, font=face)
        # Centred by the capitals' height, not the letters' own, so that
        # neighbouring avatars share one line.
        _, cap_top, _, cap_bottom = draw.textbbox((0, 0), "H", font=face)
        if is_wide(letters[0]):
            cap_top, cap_bottom = top, bottom
        at = ((big - right - left) / 2, (big - cap_bottom - cap_top) / 2)
        draw.text(at, letters, font=face, fill=255)
    mask = mask.resize((diameter_px, diameter_px), Image.Resampling.LANCZOS)
    image.paste("#ffffff", (0, 0), mask)
    return image


def picture(file: Path, size_px: int, surface: str) -> Image.Image:
    """Return a square picture with transparent parts, as it looks on this surface."""
    image = Image.new("RGB", (size_px, size_px), surface)
    with Image.open(file) as drawn:
        scaled = drawn.convert("RGBA").resize((size_px, size_px), Image.Resampling.LANCZOS)
    image.paste(scaled, (0, 0), scaled)
    return image


@functools.lru_cache(maxsize=64)
def font_for(letters: str, size_px: int) -> ImageFont.FreeTypeFont | None:
    """Return the first font that has all these letters."""
    for file, index in FONT_FILES:
        face = _open(file, index, size_px)
        if face is not None and all(_has(face, letter) for letter in letters):
            return face
    return None


@functools.lru_cache(maxsize=64)
def _open(file: str, index: int, size_px: int) -> ImageFont.FreeTypeFont | None:
    path = _path_of(file)
    try:
        return None if path is None else ImageFont.truetype(path, size_px, index=index)
    except OSError:
        return None


@functools.cache
def _path_of(file: str) -> str | None:
    """Return where the system has this font, None if it has it not. To look for it goes
    through all of the system's font folders, and most of these fonts most systems lack."""
    try:
        return str(ImageFont.truetype(file).path)
    except OSError:
        return None


def _has(face: ImageFont.FreeTypeFont, letter: str) -> bool:
    drawn, missing = face.getmask(letter), face.getmask(NOT_A_CHARACTER)
    return (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))


def _draw_person(draw: ImageDraw.ImageDraw, size: int) -> None:
    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
        return tuple(size * part for part in (left, top, right, bottom))

    draw.ellipse(box(0.37, 0.22, 0.63, 0.48), fill=255)
    draw.pieslice(box(0.26, 0.54, 0.74, 1.02), 180, 360, fill=255)
