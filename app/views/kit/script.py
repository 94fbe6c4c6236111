"""What a text's script asks of how it is drawn."""

import unicodedata


def is_wide(char: str) -> bool:
    """Tell whether it is a full-width character: Chinese, Japanese, Korean."""
    return unicodedata.east_asian_width(char) in ("W", "F")


def is_unspaced(line: str) -> bool:
    """Tell whether most of it is in a script that puts no spaces between words, so that
    it may break into lines anywhere."""
    wide = sum(1 for char in line if is_wide(char))
    return wide * 2 > len(line)
