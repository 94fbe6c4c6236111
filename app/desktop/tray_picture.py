"""The icon in the tray, as it looks in each state.

It is drawn at twice the size that a tray on a large screen asks for; the system makes it
smaller. A tray's icon is some 16 pixels wide, so what is told stands in a badge that
covers a good third of it.
"""

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from app import assets

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

SIZE_PX = 64

RIM = "#ffffff"
URGENT = ("#b4232f", "#ffffff")
UNREAD = ("#ffc107", "#212529")
"""A badge's ground, and what is written on it."""

MOST_COUNTED = 9
"""Beyond, the badge says that there are more."""


class TrayState(StrEnum):
    """What the icon tells at a glance."""

    CONNECTED = "connected"
    OFFLINE = "offline"
    PAUSED = "paused"
    """Connected, and asked not to disturb."""
    URGENT = "urgent"
    """An urgent message waits for an answer."""


@lru_cache(maxsize=32)
def draw(state: TrayState, unread: int) -> "Image.Image":
    """Return the icon, with how many messages are unread."""
    # Imported late: it is drawn on the tray's thread, and the window does not wait for it.
    from PIL import Image, ImageDraw, ImageOps

    with Image.open(assets.icon(SIZE_PX)) as file:
        image = file.convert("RGBA")
    if state is TrayState.OFFLINE:
        grey = ImageOps.grayscale(image).point(lambda level: 90 + level * 2 // 3)
        image = Image.merge("RGBA", (grey, grey, grey, image.getchannel("A")))
    pen = ImageDraw.Draw(image)
    if state is TrayState.URGENT:
        _badge(pen, "!", URGENT)
    elif unread:
        _badge(pen, str(unread) if unread <= MOST_COUNTED else f"{MOST_COUNTED}+", UNREAD)
    elif state is TrayState.PAUSED:
        _moon(pen)
    return image


def _badge(pen: "ImageDraw.ImageDraw", text: str, colors: tuple[str, str]) -> None:
    from PIL import ImageFont

    ground, figure = colors
    edge = SIZE_PX - 1
    left = 16 if len(text) == 1 else 6
    pen.rounded_rectangle((left, 20, edge, edge), radius=22, fill=ground, outline=RIM, width=3)
    font = ImageFont.load_default(38 if len(text) == 1 else 32)
    middle = ((left + edge) / 2, (20 + edge) / 2)
    pen.text(middle, text, font=font, fill=figure, anchor="mm", stroke_width=1, stroke_fill=figure)


def _moon(pen: "ImageDraw.ImageDraw") -> None:
    edge = SIZE_PX - 1
    pen.ellipse((24, 24, edge, edge), fill="#343a40", outline=RIM, width=3)
    pen.ellipse((32, 31, 56, 55), fill="#ffe69c")
    pen.ellipse((40, 27, 60, 47), fill="#343a40")
