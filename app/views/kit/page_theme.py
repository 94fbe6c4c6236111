"""The styles of the pages beside the room, by name.

Page.Treeview                     a table without a box
Action.TButton, Danger.TButton    what can be done; what can't be undone
Raised.TFrame, Raised.TLabel …    a strip that lies on the surface
"""

import ttkbootstrap as ttk

from app.views.kit import fonts, palette
from app.views.kit.theme import define_button, map_ground, px

ROW_HEIGHT = 36
"""Of a table, in logical pixels: high enough for a finger."""


def install(root: ttk.App) -> None:
    """Define the styles, now and anew after every change of theme."""
    root.style.on_theme_change(_define)


def _define(style: ttk.Style) -> None:
    colors = palette.current()
    root = style.master
    _define_table(style, root, colors)
    _define_buttons(style, root, colors)
    style.configure("Raised.TFrame", background=colors.raised)
    style.configure("Edge.TFrame", background=colors.border)
    style.configure(
        "Raised.TLabel", font=fonts.SMALL, foreground=colors.text, background=colors.raised
    )
    style.configure(
        "RaisedAccent.TLabel",
        font=fonts.SMALL_STRONG,
        foreground=colors.accent,
        background=colors.raised,
    )
    for name, color in (("Good", colors.success), ("Code", colors.text)):
        font = fonts.DIGITS if name == "Code" else fonts.SMALL
        style.configure(f"{name}.TLabel", font=font, foreground=color, background=colors.surface)
    style.configure(
        "Strong.TLabel", font=fonts.STRONG, foreground=colors.text, background=colors.surface
    )


def _define_table(style: ttk.Style, root: object, colors: palette.Palette) -> None:
    name = "Page.Treeview"
    # Without the border around it; hairlines of the page do in its place.
    style.layout(name, [("Treeview.treearea", {"sticky": "nswe"})])
    style.configure(
        name,
        font=fonts.CONTROL,
        background=colors.surface,
        fieldbackground=colors.surface,
        foreground=colors.text,
        borderwidth=0,
        rowheight=px(root, ROW_HEIGHT),
    )
    style.map(
        name,
        background=[
            ("selected focus", colors.selection),
            ("selected", colors.raised),
        ],
        foreground=[("selected", colors.text)],
    )
    style.configure(
        f"{name}.Heading",
        font=fonts.SMALL_STRONG,
        background=colors.surface,
        foreground=colors.muted,
        bordercolor=colors.surface,
        lightcolor=colors.surface,
        darkcolor=colors.surface,
        borderwidth=0,
        relief="flat",
        padding=(px(root, 4), px(root, 6)),
    )
    style.map(f"{name}.Heading", background=[("active", colors.surface)])


def _define_buttons(style: ttk.Style, root: object, colors: palette.Palette) -> None:
    wash = [("pressed", colors.hairline), ("active !disabled", colors.raised)]
    for name, color in (("Action.TButton", colors.text), ("Danger.TButton", colors.danger)):
        padding = (px(root, 12), px(root, 7))
        define_button(style, name, fonts.CONTROL, padding, color, colors.surface, colors.border)
        map_ground(
            style,
            name,
            wash,
            [("disabled", colors.hairline), ("focus", colors.text)],
            foreground=[("disabled", colors.muted)],
        )
    name = "RaisedInline.TButton"
    define_button(style, name, fonts.SMALL, (px(root, 3), 0), colors.accent, colors.raised)
    wash = [("pressed", colors.border), ("active", colors.hairline)]
    map_ground(style, name, wash, [("focus", colors.accent), *wash])
