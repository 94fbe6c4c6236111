"""The styles that the views use by name, in the colours of the theme in use.

Muted.TLabel, Title.TLabel …   text by rank
Field.TEntry, Password.TEntry  a form's fields
Main.TButton                   the one thing to do here
Quiet.TButton, Inline.TButton  a button without a box; one within a line
Segment.Toolbutton             one of a few choices side by side
Quiet.TMenubutton              the same in a menu
Hairline.TFrame                a line between areas
"""

from typing import Any

import ttkbootstrap as ttk

from app.views.kit import fonts, palette

# The spacing scale, in logical pixels. Everything stands apart by one of these.
TIGHT = 4
SMALL = 8
MEDIUM = 12
LARGE = 20
HUGE = 32

TONES = {"plain": "Muted.TLabel", "good": "Good.TLabel", "bad": "Error.TLabel"}
"""How a label says what went well and what did not."""


def install(root: ttk.App) -> None:
    """Define the styles, now and anew after every change of theme."""
    root.style.on_theme_change(_define)


def px(widget: Any, logical: float) -> int:
    """Logical pixels (1/96 inch) as this display's."""
    return int(ttk.scale_size(widget, logical))


def _define(style: ttk.Style) -> None:
    colors = palette.current()
    root = style.master
    for name, font, color in (
        ("TLabel", fonts.CONTROL, colors.text),
        ("Muted.TLabel", fonts.SMALL, colors.muted),
        ("Description.TLabel", fonts.CONTROL, colors.muted),
        ("Error.TLabel", fonts.SMALL, colors.danger),
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


def _define_entries(style: ttk.Style, root: Any) -> None:
    side, above, eye = px(root, 10), px(root, 8), px(root, 40)
    style.configure("Field.TEntry", padding=(side, above))
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
    for name, color, padding in (
        ("Quiet.TButton", colors.text, (px(root, 8), px(root, 6))),
        ("Inline.TButton", colors.accent, (px(root, 3), 0)),
    ):
        style.configure(
            name,
            font=fonts.CONTROL if name == "Quiet.TButton" else fonts.SMALL,
            padding=padding,
            foreground=color,
            background=colors.surface,
            bordercolor=colors.surface,
            lightcolor=colors.surface,
            darkcolor=colors.surface,
            focuscolor=color,
            relief="flat",
            anchor="center",
        )
        wash = [("pressed", colors.hairline), ("active", colors.raised)]
        style.map(
            name,
            background=wash,
            lightcolor=wash,
            darkcolor=wash,
            bordercolor=[("focus", colors.accent), *wash],
        )


def _define_segment(style: ttk.Style, root: Any, colors: palette.Palette) -> None:
    style.configure(
        "Segment.Toolbutton",
        font=fonts.CONTROL,
        padding=(px(root, 10), px(root, 5)),
        foreground=colors.muted,
        background=colors.surface,
        bordercolor=colors.border,
        lightcolor=colors.surface,
        darkcolor=colors.surface,
        focuscolor=colors.text,
        relief="raised",
        anchor="center",
    )
    fill = [("selected", colors.raised)]
    style.map(
        "Segment.Toolbutton",
        foreground=[("selected", colors.text), ("active", colors.text)],
        focuscolor=[("selected", colors.text)],
        background=fill,
        lightcolor=fill,
        darkcolor=fill,
        bordercolor=[("focus", colors.accent), ("selected", colors.border)],
    )
    style.configure("Important.Segment.Toolbutton", foreground=colors.warning)
    style.map(
        "Important.Segment.Toolbutton",
        foreground=[("selected", colors.warning), ("active", colors.warning)],
        bordercolor=[("focus", colors.accent), ("selected", colors.warning)],
    )
    style.configure(
        "Quiet.TMenubutton",
        font=fonts.CONTROL,
        padding=(px(root, 8), px(root, 5)),
        foreground=colors.muted,
        background=colors.surface,
        bordercolor=colors.surface,
        lightcolor=colors.surface,
        darkcolor=colors.surface,
        arrowcolor=colors.muted,
        focuscolor=colors.text,
        relief="flat",
    )
    wash = [("pressed", colors.hairline), ("active", colors.raised)]
    style.map(
        "Quiet.TMenubutton",
        foreground=[("active", colors.text)],
        background=wash,
        lightcolor=wash,
        darkcolor=wash,
        bordercolor=[("focus", colors.accent), *wash],
    )
