"""Round pictures of people and rooms: their initials on a colour of their own."""

import unicodedata
import zlib

import ttkbootstrap as ttk
from PIL import Image, ImageTk

from app import assets
from app.views.kit import drawing, palette
from app.views.kit.script import is_wide
from app.views.kit.theme import px

COLORS = (
    "#0a58ca",
    "#146c43",
    "#9a3412",
    "#6f42c1",
    "#b02a37",
    "#0f6674",
    "#8a4b08",
    "#a61e69",
    "#495057",
)
"""White letters reach a contrast of 4.5 on each of these."""

ICON = "\0"
"""Stands for the application's own icon among the letters."""

_Key = tuple[str, str, int, int]
"""Letters, colour, diameter and width."""


class Avatars:
    """Makes and keeps the images; each is drawn once and repainted in place
    when the surface changes with the theme. One per root."""

    def __init__(self, root: ttk.App) -> None:
        self._root = root
        self._images: dict[_Key, ImageTk.PhotoImage] = {}
        root.style.on_theme_change(self._repaint, call_now=False)

    def of(self, name: str, size: float, width: float = 0) -> ImageTk.PhotoImage:
        """Return the image for this name; `size` is its diameter and `width` (at least
        that) its whole width, both in logical pixels."""
        diameter = px(self._root, size)
        return self._image(
            (initials(name), color_of(name), diameter, max(diameter, px(self._root, width)))
        )

    def icon(self, size: float) -> ImageTk.PhotoImage:
        """Return the application's icon."""
        side = px(self._root, size)
        return self._image((ICON, "", side, side))

    def dot(self, color: str, size: float) -> ImageTk.PhotoImage:
        """Return a plain dot of this colour, for a state."""
        diameter = px(self._root, size)
        return self._image(("", color, diameter, diameter))

    def _image(self, key: _Key) -> ImageTk.PhotoImage:
        image = self._images.get(key)
        if image is None:
            image = self._images[key] = ImageTk.PhotoImage(_draw(key), master=self._root)
        return image

    def _repaint(self, _style: ttk.Style) -> None:
        for key, image in self._images.items():
            image.paste(_draw(key))


def _draw(key: _Key) -> Image.Image:
    letters, color, diameter, width = key
    surface = palette.current().surface
    if letters == ICON:
        return drawing.picture(assets.icon(max(assets.ICON_SIZES_PX)), diameter, surface)
    if not letters:
        return drawing.disc(diameter, width, color, surface)
    return drawing.lettered_disc(letters, diameter, width, color, surface)


def initials(name: str) -> str:
    """Return what stands for this name: its first character in Chinese, Japanese and
    Korean, else the first letters of its first and last word."""
    words = [word for word in (_letters(part) for part in name.split()) if word]
    if not words:
        return "?"
    first = words[0][0]
    if is_wide(first) or len(words) == 1:
        return first.upper()[0]
    return (first.upper()[0]) + words[-1][0].upper()[0]


def _letters(word: str) -> str:
    composed = unicodedata.normalize("NFC", word)
    return "".join(char for char in composed if char.isalnum())


def color_of(name: str) -> str:
    """Return the same colour for the same name, on every machine and in every run."""
    return COLORS[zlib.crc32(name.encode()) % len(COLORS)]
