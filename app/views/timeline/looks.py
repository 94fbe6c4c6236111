"""How the parts of a message look: the fonts, colours and margins of each tag."""

import tkinter as tk
from typing import Any

from app.views.kit import fonts
from app.views.kit.palette import Palette
from app.views.kit.theme import LARGE, MEDIUM, SMALL, TIGHT, px
from app.views.timeline.message_block import FOLDED, FOUND, MORE

AVATAR_SIZE = 36
BODY_LEFT = AVATAR_SIZE + MEDIUM
"""Where names and bodies begin, right of the avatar."""

LINE_SPACING = 3


def tags(text: tk.Misc, colors: Palette) -> dict[str, dict[str, Any]]:
    """Return the options of each tag in these colours, at the scale of this widget."""
    left = px(text, BODY_LEFT)
    washed = {
        "lmargincolor": colors.surface,
        "rmargincolor": colors.surface,
        "spacing1": px(text, LINE_SPACING),
    }
    small = {"lmargin1": left, "lmargin2": left, "font": fonts.SMALL}
    centred = {"justify": "center", "font": fonts.SMALL_STRONG, "spacing1": px(text, LARGE)}
    return {
        "edge": {
            "justify": "center",
            "font": fonts.SMALL,
            "foreground": colors.muted,
            "spacing1": px(text, SMALL),
        },
        "day": centred | {"foreground": colors.muted},
        "divider": centred | {"foreground": colors.accent},
        "author": {"spacing1": px(text, LARGE), "font": fonts.SMALL, "lmargin2": left},
        "name": {"font": fonts.STRONG},
        "role": {"foreground": colors.accent},
        "time": {"foreground": colors.muted},
        "important": {"foreground": colors.warning, "font": fonts.SMALL_STRONG},
        "urgent": {"foreground": colors.danger, "font": fonts.SMALL_STRONG},
        "body": {
            "lmargin1": left,
            "lmargin2": left,
            "font": fonts.BODY,
            "spacing3": px(text, LINE_SPACING),
        },
        "important_body": washed | {"background": colors.important_background},
        "urgent_body": washed | {"background": colors.urgent_background},
        "continued": {"spacing1": px(text, SMALL)},
        "gone": {"foreground": colors.muted},
        FOLDED: {"elide": True},
        MORE: small | {"foreground": colors.accent},
        "footer": small | {"foreground": colors.muted},
        "ask": {"lmargin1": left, "spacing1": px(text, TIGHT)},
        "unspaced": {"wrap": "char"},
        "link": {"foreground": colors.accent, "underline": True},
        FOUND: {"background": colors.found_background},
    }
