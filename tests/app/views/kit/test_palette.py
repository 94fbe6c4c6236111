"""Text can be read: its contrast is computed as WCAG 2.1 defines it, for every
role on every surface that it is used on, as Tk's own styles give them."""

import pytest

from app.views.kit import avatar, palette
from app.views.kit.palette import DARK, LIGHT, Palette
from tests.support.window import Window

LEAST_FOR_TEXT = 4.5
"""WCAG 2.1, success criterion 1.4.3, level AA."""

LEAST_FOR_GRAPHICS = 3.0
"""Success criterion 1.4.11: what tells a state without letters."""

USES = {
    "text": (
        "surface",
        "raised",
        "hairline",
        "selection",
        "found_background",
        "important_background",
        "urgent_background",
    ),
    "muted": ("surface", "raised"),
    "accent": ("surface", "raised", "hairline", "important_background", "urgent_background"),
    "on_fill": ("accent_fill",),
    "danger": ("surface", "urgent_background"),
    "success": ("surface",),
    "warning": ("surface",),
}
"""Each role of text, and what lies behind it somewhere in the window."""

STYLES = (
    "TLabel",
    "Muted.TLabel",
    "Description.TLabel",
    "Error.TLabel",
    "FieldName.TLabel",
    "Title.TLabel",
    "Heading.TLabel",
    "Placeholder.TLabel",
    "Quiet.TButton",
    "Inline.TButton",
    "Segment.Toolbutton",
    "Main.primary.TButton",
)

STATES = ((), ("active",), ("pressed", "active"), ("focus",), ("selected",))


def luminance(color: str) -> float:
    """The relative luminance of #rrggbb."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("role", "behind"), [(role, behind) for role, all in USES.items() for behind in all]
)
def test_text_can_be_read(colors: Palette, role: str, behind: str) -> None:
    ratio = contrast(getattr(colors, role), getattr(colors, behind))
    assert ratio >= LEAST_FOR_TEXT, f"{ratio:.2f}"


@pytest.mark.parametrize("color", avatar.COLORS)
def test_white_letters_can_be_read_on_every_avatar(color: str) -> None:
    assert contrast("#ffffff", color) >= LEAST_FOR_TEXT


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("role", ["success", "warning", "danger"])
def test_the_dot_of_a_state_can_be_seen(colors: Palette, role: str) -> None:
    assert contrast(getattr(colors, role), colors.surface) >= LEAST_FOR_GRAPHICS


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_style_of_the_window_can_be_read_in_every_state(window: Window, theme: str) -> None:
    window.settings.change(theme=theme)
    style = window.root.style
    for name in STYLES:
        for state in STATES:
            front = rgb(window, str(style.lookup(name, "foreground", state)))
            behind = rgb(window, str(style.lookup(name, "background", state)))
            ratio = contrast(front, behind)
            assert ratio >= LEAST_FOR_TEXT, f"{name} {state}: {front} on {behind} is {ratio:.2f}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_switch_that_can_not_be_used_can_be_read(window: Window, theme: str) -> None:
    window.settings.change(theme=theme)
    window.greet()
    window.account.tell_store(False)
    window.root.update()
    name = str(window.find("keep").cget("style"))
    words = rgb(window, str(window.root.style.lookup(name, "foreground", ("disabled",))))
    assert contrast(words, palette.current().surface) >= LEAST_FOR_TEXT


FOCUSABLE = (
    "Main.primary.TButton",
    "Quiet.TButton",
    "Inline.TButton",
    "RaisedInline.TButton",
    "Action.TButton",
    "Danger.TButton",
    "Segment.Toolbutton",
    "Important.Segment.Toolbutton",
    "Quiet.TMenubutton",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_where_the_keyboard_is_can_be_seen(window: Window, theme: str) -> None:
    window.settings.change(theme=theme)
    style = window.root.style
    for name in FOCUSABLE:
        for state in ((), ("selected",)):
            behind = rgb(window, str(style.lookup(name, "background", state)))
            edge = rgb(window, str(style.lookup(name, "bordercolor", ("focus", *state))))
            plain = rgb(window, str(style.lookup(name, "bordercolor", state)))
            around = palette.current().surface
            assert edge != plain, name
            assert max(contrast(edge, behind), contrast(edge, around)) >= LEAST_FOR_GRAPHICS, name


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_messages_are_in_the_themes_colours(window: Window, theme: str) -> None:
    window.settings.change(theme=theme)
    colors = palette.current()
    assert colors is (DARK if theme == "dark" else LIGHT)
    text = window.feed.pane.text
    assert text.cget("background") == colors.surface
    assert text.cget("foreground") == colors.text
    assert text.tag_cget("link", "foreground") == colors.accent


def rgb(window: Window, color: str) -> str:
    """#rrggbb of any colour that Tk knows."""
    return "#" + "".join(f"{part // 257:02x}" for part in window.root.winfo_rgb(color))
