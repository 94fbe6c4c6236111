"""The order of names, as people count: Pupil 2 stands before Pupil 10."""

import re

_DIGITS = re.compile(r"[0-9]+")

_MAX_LENGTH = 99


def counting_key(text: str) -> str:
    """Return a text that sorts as this one does where numbers count by their value: each
    run of the digits 0 to 9 is preceded by its length, in two digits, without its leading
    zeros. Of runs beyond 99 digits the beginning counts."""
    return _DIGITS.sub(_counted, text)


def _counted(found: re.Match[str]) -> str:
    digits = found[0].lstrip("0")[:_MAX_LENGTH]
    return f"{len(digits):02}{digits}"
