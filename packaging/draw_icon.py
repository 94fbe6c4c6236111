"""Draws the application's icon: a rostrum, and a voice that goes out from it.

    python packaging/draw_icon.py

writes assets/icons/rostrum-<size>.png and rostrum.ico. Each size is drawn for
itself, so that edges fall on whole pixels; where there are too few of them the
voice has one wave instead of two.
"""

from pathlib import Path

from PIL import Image, ImageDraw

from app.assets import ICON_SIZES_PX

ICONS = Path(__file__).resolve().parent.parent / "assets" / "icons"
ICO_SIZES_PX = (16, 24, 32, 48, 64, 128, 256)
OVERSAMPLING = 8

GROUND = "#0a58ca"
FIGURE = "#ffffff"

SMALL_PX = 32
"""Up to here there is room for one wave only."""


def draw(size_px: int) -> Image.Image:
    """The icon, `size_px` square."""
    unit = OVERSAMPLING * size_px / 32
    side = OVERSAMPLING * size_px
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)

    def at(*points: float) -> list[float]:
        # Onto the pixels of the finished icon, in quarters where it is large.
        grid = OVERSAMPLING / (1 if size_px <= SMALL_PX else 4)
        return [round(point * unit / grid) * grid for point in points]

    pen.rounded_rectangle(at(0, 0, 32, 32), radius=7 * unit, fill=GROUND)
    # The desk leans towards whoever stands behind it.
    pen.polygon(at(4, 17, 20, 13, 20, 16, 4, 20), fill=FIGURE)
    pen.polygon(at(8, 20, 16, 18, 16, 26, 8, 26), fill=FIGURE)
    pen.rectangle([*at(6, 26), *(edge - 1 for edge in at(18, 28))], fill=FIGURE)
    waves = (6.5,) if size_px <= SMALL_PX else (4.5, 9)
    for radius in waves:
        box = [(mid + side * radius) * unit for side in (-1, 1) for mid in (19, 12)]
        pen.arc(box, start=-75, end=15, fill=FIGURE, width=round(2.5 * unit))
    # Each pixel is the mean of what it covers: anything sharper leaves rims.
    return image.resize((size_px, size_px), Image.Resampling.BOX)


def main() -> None:
    """Write all sizes."""
    ICONS.mkdir(parents=True, exist_ok=True)
    drawn = {size: draw(size) for size in ICON_SIZES_PX}
    for size, image in drawn.items():
        image.save(ICONS / f"rostrum-{size}.png", optimize=True)
    # Pillow leaves out what is larger than the image it is asked of.
    *smaller, largest = (drawn[size] for size in ICO_SIZES_PX)
    largest.save(
        ICONS / "rostrum.ico",
        sizes=[(size, size) for size in ICO_SIZES_PX],
        append_images=smaller,
    )


if __name__ == "__main__":
    main()
