"""The styles that the views use by name, in the colours of the theme in use.

Muted.TLabel, Title.TLabel …   text by rank
Field.TEntry, Field.TCombobox, Password.TEntry, Search.TEntry
                               a form's fields
Main.TButton                   the one thing to do here
Quiet.TButton, Inline.TButton  a button without a box; one within a line
Clear.TButton                  one within a field
Segment.Toolbutton             one of a few choices side by side
Quiet.TMenubutton              the same in a menu
Hairline.TFrame                a line between areas
"""

import contextlib
from collections.abc import Sequence
from typing import Any

import ttkbootstrap as ttk
from ttkbootstrap.style.icons import IconRenderer

from app.views.kit import fonts, palette

# The spacing scale, in logical pixels. Everything stands apart by one of these.
TIGHT = 4
SMALL = 8
MEDIUM = 12
LARGE = 20
HUGE = 32

TONES = {"plain": "Muted.TLabel", "good": "Good.TLabel", "bad": "Error.TLabel"}
"""How a label says what went well and what did not."""


States = Sequence[tuple[str, str]]
"""What something looks like in each state: the first that fits counts."""


def install(root: ttk.App) -> None:
    """Define the styles, now and anew after every change of theme."""
    root.style.on_theme_change(_define)


def px(widget: Any, logical: float) -> int:
    """Return logical pixels (1/96 inch) as this display's."""
    return int(ttk.scale_size(widget, logical))


def let_go_of_icon_data() -> None:
    """Let go of what icons were drawn from. ttkbootstrap (2.2) keeps for good a copy of
    its icon font for each size that was ever drawn, 0.45 MB each, and its tables; what it
    lacks it reads again, in some ten milliseconds. Drawn icons stay."""
    # Its own names, which another 2.x may change; then there is nothing here to let go of.
    with contextlib.suppress(AttributeError):
        IconRenderer._font_cache.clear()
        IconRenderer._font_bytes = IconRenderer._glyphmap = IconRenderer._metrics = None


def _define(style: ttk.Style) -> None:
    colors = palette.current()
    root = style.master
    for name, font, color in (
        ("TLabel", fonts.CONTROL, colors.text),
        ("Muted.TLabel", fonts.SMALL, colors.muted),
        ("Description.TLabel", fonts.CONTROL, colors.muted),
        ("Error.TLabel", fonts.SMALL, colors.danger),
        ("Urgent.TLabel", fonts.SMALL_STRONG, colors.danger),
        ("Notice.TLabel", fonts.SMALL, colors.text),
        ("Quote.TLabel", fonts.BODY, colors.text),
        ("FieldName.TLabel", fonts.SMALL_STRONG, colors.text),
        ("Key.TLabel", fonts.SMALL_STRONG, colors.text),
        ("Title.TLabel", fonts.TITLE, colors.text),
        ("Heading.TLabel", fonts.HEADING, colors.text),
        ("Placeholder.TLabel", fonts.BODY, colors.muted),
    ):
        style.configure(name, font=font, foreground=color, background=colors.surface)
    style.configure(
        "Date.TLabel",
        font=fonts.SMALL,
        foreground=colors.text,
        background=colors.raised,
        padding=(px(root, SMALL), px(root, TIGHT)),
    )
    define_switch(style)
    style.configure("Chosen.TFrame", background=colors.accent)
    style.configure("Hairline.TFrame", background=colors.hairline)
    _define_entries(style, root)
    _define_buttons(style, root, colors)
    _define_segment(style, root, colors)


def define_switch(style: ttk.Style) -> None:
    """Let the words of a switch that can't be used be read: beside it stands why.
    To be called once more when the first one was made, since the toolkit defines
    the style only then."""
    style.map("Round.Toggle", foreground=[("disabled", palette.current().muted)])


def define_button(
    style: ttk.Style,
    name: str,
    font: str,
    padding: tuple[int, int],
    color: str,
    ground: str,
    edge: str = "",
    **options: Any,
) -> None:
    """Define the style of what is pressed: words of this colour on this ground, with an
    edge around them or without. `options` are more of the style's, or others."""
    style.configure(
        name,
        **{
            "font": font,
            "padding": padding,
            "foreground": color,
            "background": ground,
            "bordercolor": edge or ground,
            "lightcolor": ground,
            "darkcolor": ground,
            "focuscolor": color,
            "relief": "raised" if edge else "flat",
            "anchor": "center",
        }
        | options,
    )


def map_ground(
    style: ttk.Style, name: str, ground: States, edge: States = (), **options: Any
) -> None:
    """Let the ground of what is pressed follow its states, and the edge that has none of
    its own there."""
    style.map(
        name,
        background=[*ground],
        lightcolor=[*ground],
        darkcolor=[*ground],
        bordercolor=[*edge],
        **options,
    )


def _define_entries(style: ttk.Style, root: Any) -> None:
    side, above, eye = px(root, 10), px(root, 8), px(root, 40)
    for name in ("Field.TEntry", "Field.TCombobox"):
        style.configure(name, padding=(side, above))
    # Room at the right for the button that empties it.
    style.configure("Search.TEntry", padding=(side, px(root, 6), px(root, 34), px(root, 6)))
    # Room at the right for the button that shows the password.
    style.configure("Password.TEntry", padding=(side, above, eye, above))


def _define_buttons(style: ttk.Style, root: Any, colors: palette.Palette) -> None:
    style.configure("Main.primary.TButton", padding=(px(root, 14), px(root, 7)))
    style.map(
        "Main.primary.TButton",
        foreground=[("disabled", colors.muted), ("", colors.on_fill)],
        background=[("disabled", colors.raised)],
        bordercolor=[("disabled", colors.hairline), ("focus", colors.text)],
        lightcolor=[("disabled", colors.raised)],
        darkcolor=[("disabled", colors.raised)],
    )
    wash = [("pressed", colors.hairline), ("active", colors.raised)]
    for name, font, color, padding in (
        ("Quiet.TButton", fonts.CONTROL, colors.text, (px(root, 8), px(root, 6))),
        ("Inline.TButton", fonts.SMALL, colors.accent, (px(root, 3), 0)),
        ("Clear.TButton", fonts.SMALL, colors.muted, (px(root, 4), px(root, 2))),
    ):
        define_button(style, name, font, padding, color, colors.surface)
        map_ground(style, name, wash, [("focus", colors.accent), *wash])


def _define_segment(style: ttk.Style, root: Any, colors: palette.Palette) -> None:
    define_button(
        style,
        "Segment.Toolbutton",
        fonts.CONTROL,
        (px(root, 10), px(root, 5)),
        colors.muted,
        colors.surface,
        colors.border,
        focuscolor=colors.text,
    )
    map_ground(
        style,
        "Segment.Toolbutton",
        [("selected", colors.raised)],
        [("focus", colors.accent), ("selected", colors.border)],
        foreground=[("selected", colors.text), ("active", colors.text)],
        focuscolor=[("selected", colors.text)],
    )
    style.configure("Important.Segment.Toolbutton", foreground=colors.warning)
    style.map(
        "Important.Segment.Toolbutton",
        foreground=[("selected", colors.warning), ("active", colors.warning)],
        bordercolor=[("focus", colors.accent), ("selected", colors.warning)],
    )
    style.configure("Urgent.Segment.Toolbutton", foreground=colors.danger)
    style.map(
        "Urgent.Segment.Toolbutton",
        foreground=[("selected", colors.danger), ("active", colors.danger)],
        bordercolor=[("focus", colors.accent), ("selected", colors.danger)],
    )
    define_button(
        style,
        "Quiet.TMenubutton",
        fonts.CONTROL,
        (px(root, 8), px(root, 5)),
        colors.muted,
        colors.surface,
        focuscolor=colors.text,
        arrowcolor=colors.muted,
    )
    wash = [("pressed", colors.hairline), ("active", colors.raised)]
    map_ground(
        style,
        "Quiet.TMenubutton",
        wash,
        [("focus", colors.accent), *wash],
        foreground=[("active", colors.text)],
    )
