"""The colours, by the role that they play. Text of every role reaches WCAG 2.1
AA, a contrast of 4.5 to 1, on the surfaces that it is used on."""

from dataclasses import dataclass

import ttkbootstrap as ttk
from ttkbootstrap.style.theme import Colors, Theme, ThemeDefinition


@dataclass(frozen=True)
class Palette:
    """One theme's colours, as #rrggbb."""

    surface: str
    raised: str
    """What lies on the surface: a selected segment, a strip."""
    hairline: str
    """Lines between areas."""
    border: str
    """The edge of a field or button."""
    text: str
    muted: str
    """Text of second rank: times, hints, states."""
    accent: str
    """Links and tags, as text."""
    accent_fill: str
    """The main button's fill."""
    on_fill: str
    """Text on `accent_fill`."""
    danger: str
    success: str
    warning: str
    important_background: str
    urgent_background: str
    selection: str
    """Behind selected `text`."""
    found_background: str
    """Behind what was searched for."""
    thumb: str
    """The scroll bar's thumb."""


LIGHT = Palette(
    surface="#ffffff",
    raised="#f1f3f5",
    hairline="#e3e6e9",
    border="#c9ced4",
    text="#212529",
    muted="#5f6770",
    accent="#0a58ca",
    accent_fill="#0a58ca",
    on_fill="#ffffff",
    danger="#b02a37",
    success="#146c43",
    warning="#8a5a00",
    important_background="#fdf3dc",
    urgent_background="#f8e7e9",
    selection="#cfe2ff",
    found_background="#ffe08a",
    thumb="#adb5bd",
)

DARK = Palette(
    surface="#212529",
    raised="#2c3136",
    hairline="#383e44",
    border="#4d545b",
    text="#f1f3f5",
    muted="#a7afb7",
    accent="#74acff",
    accent_fill="#1d66d8",
    on_fill="#ffffff",
    danger="#f1919a",
    success="#75b798",
    warning="#ffda6a",
    important_background="#38321f",
    urgent_background="#3b2a2f",
    selection="#2b4a77",
    found_background="#6b5310",
    thumb="#6c757d",
)

NAMES = {"light": "rostrum-light", "dark": "rostrum-dark"}
"""The ttkbootstrap theme of each of our two."""


def current() -> Palette:
    """Return the colours of the theme in use."""
    style = ttk.Style.get_instance()
    return DARK if style is not None and style.theme_mode == "dark" else LIGHT


class RostrumTheme(Theme):
    """Both themes with exactly the palettes' colours, where the stock class
    derives shades of its own."""

    def __init__(self) -> None:
        super().__init__(name="rostrum")

    def to_definitions(self) -> list[ThemeDefinition]:
        return [
            ThemeDefinition(NAMES["light"], _colors(LIGHT), "light"),
            ThemeDefinition(NAMES["dark"], _colors(DARK), "dark"),
        ]


def _colors(palette: Palette) -> Colors:
    return Colors(
        primary=palette.accent_fill,
        secondary=palette.muted,
        success=palette.success,
        info=palette.accent,
        warning=palette.warning,
        danger=palette.danger,
        light=palette.raised,
        dark=palette.text,
        bg=palette.surface,
        fg=palette.text,
        selectbg=palette.thumb,
        selectfg=palette.text,
        border=palette.border,
        inputfg=palette.text,
        inputbg=palette.surface,
        active=palette.raised,
    )
