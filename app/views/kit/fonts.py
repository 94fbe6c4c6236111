"""The typefaces, as named Tk fonts that every widget refers to.

Sizes are in logical pixels (1/96 inch) and scale with the display. Families
differ by system and by language: Chinese text in a Latin family would be drawn
in whatever the system falls back on, often with Japanese forms.
"""

import tkinter as tk
from tkinter import font
from typing import Literal

import ttkbootstrap as ttk

from app.models.settings import Language

BODY = "RostrumBody"
STRONG = "RostrumStrong"
CONTROL = "RostrumControl"
SMALL = "RostrumSmall"
SMALL_STRONG = "RostrumSmallStrong"
TITLE = "RostrumTitle"
HEADING = "RostrumHeading"
DIGITS = "RostrumDigits"
"""Of one width, for what is compared digit by digit."""

_Weight = Literal["normal", "bold"]

SIZES_PX: dict[str, tuple[float, _Weight]] = {
    BODY: (15, "normal"),
    STRONG: (15, "bold"),
    CONTROL: (14, "normal"),
    SMALL: (13, "normal"),
    SMALL_STRONG: (13, "bold"),
    TITLE: (18, "bold"),
    HEADING: (23, "bold"),
}

FAMILIES: dict[tuple[str, Language], tuple[str, ...]] = {
    ("win32", "en"): ("Segoe UI",),
    ("win32", "zh"): ("Microsoft YaHei UI", "Microsoft YaHei", "SimSun"),
    ("aqua", "en"): (".AppleSystemUIFont", "Helvetica Neue"),
    ("aqua", "zh"): ("PingFang SC", "Heiti SC"),
    ("x11", "en"): ("Inter", "Noto Sans", "DejaVu Sans"),
    ("x11", "zh"): (
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "WenQuanYi Micro Hei",
        "Noto Sans",
        "DejaVu Sans",
    ),
}
"""What to use, best first, by windowing system and language."""

_TK_FONTS = (
    "TkDefaultFont",
    "TkTextFont",
    "TkMenuFont",
    "TkHeadingFont",
    "TkCaptionFont",
    "TkTooltipFont",
)


def use(root: tk.Misc, language: Language) -> None:
    """Make or change the named fonts for this language; what uses them is
    drawn anew by Tk itself."""
    family = family_for(root, language)
    for name, (size_px, weight) in SIZES_PX.items():
        _set(root, name, family, size_px, weight)
    control_px, control_weight = SIZES_PX[CONTROL]
    digits = str(font.nametofont("TkFixedFont", root=root).actual("family"))
    _set(root, DIGITS, digits, control_px, control_weight)
    for name in _TK_FONTS:
        if name in font.names(root):
            _set(root, name, family, control_px, control_weight)


def family_for(root: tk.Misc, language: Language) -> str:
    """Return the best family for this language that the system has; its own default where
    it has none of ours."""
    system = str(root.tk.call("tk", "windowingsystem"))
    installed = {name.casefold() for name in font.families(root)}
    for family in FAMILIES[system, language]:
        # macOS does not list the family that its own interface uses.
        if family.casefold() in installed or family.startswith("."):
            return family
    return str(font.nametofont("TkDefaultFont", root=root).actual("family"))


def _set(root: tk.Misc, name: str, family: str, size_px: float, weight: _Weight) -> None:
    # Tk takes a negative size for pixels.
    size = -int(ttk.scale_size(root, size_px))
    if name in font.names(root):
        font.nametofont(name, root=root).configure(family=family, size=size, weight=weight)
    else:
        # A Font object deletes its font when it goes away, unless told not to.
        made = font.Font(root, name=name, exists=False, family=family, size=size, weight=weight)
        made.delete_font = False
