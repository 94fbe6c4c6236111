"""What a text's script asks of how it is drawn."""

import unicodedata
from bisect import bisect_right
from collections.abc import Callable

NOT_FIRST = frozenset("、。，．：；！？）］｝〉》」』】〕”’…")
"""What closes or goes on with something, and begins no line (Unicode Standard Annex 14,
classes CL, EX and QU, as far as Chinese has them)."""

LEAST_OF_WIDTH = 0.5
"""Of the width it could have, so much a line takes at least."""


def is_wide(char: str) -> bool:
    """Tell whether it is a full-width character: Chinese, Japanese, Korean."""
    return unicodedata.east_asian_width(char) in ("W", "F")


def is_unspaced(line: str) -> bool:
    """Tell whether most of it is in a script that puts no spaces between words, so that
    it may break into lines anywhere."""
    wide = sum(1 for char in line if is_wide(char))
    return wide * 2 > len(line)


def width_to_wrap_at(text: str, width: int, measure: Callable[[str], int]) -> int:
    """Return the width in pixels, at most this one, at which a text that may break into
    lines anywhere has no line that begins with a closing mark; this one, where a few
    characters less do not help. `measure` tells how wide a piece of it is."""
    narrower = width
    while before := _line_before_mark(text, narrower, measure):
        narrower = measure(before) - 1
        if narrower < width * LEAST_OF_WIDTH:
            return width
    return narrower


def _line_before_mark(text: str, width: int, measure: Callable[[str], int]) -> str:
    """Return the line after which the next one begins with a closing mark; empty: none."""
    for paragraph in text.split("\n"):
        rest = paragraph
        while measure(rest) > width:
            fitting = bisect_right(range(1, len(rest)), width, key=lambda n: measure(rest[:n]))
            end = max(fitting, 1)
            if rest[end:][:1] in NOT_FIRST:
                return rest[:end]
            rest = rest[end:]
    return ""
