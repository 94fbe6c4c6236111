"""Where the files that the client carries are: icons and translations.

They are found through the import system, so an installed package, a source
tree and a frozen build are all the same here.
"""

from importlib.resources import files
from pathlib import Path

ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256, 512)
"""The sizes in which the application's icon was drawn."""


def read_text(name: str) -> str:
    """Return the content of an asset, such as `translations/en.toml`.

    Raises FileNotFoundError where there is none of that name.
    """
    return files("assets").joinpath(name).read_text(encoding="utf-8")


def path(name: str) -> Path:
    """Return the file of an asset, for what takes nothing but a path."""
    return Path(str(files("assets").joinpath(name)))


def icon(size_px: int) -> Path:
    """Return the application's icon as PNG, in one of `ICON_SIZES_PX`."""
    return path(f"icons/rostrum-{size_px}.png")
