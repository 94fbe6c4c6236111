"""Names that look alike, whatever they are made of.

Nobody may pass for somebody else by a Cyrillic letter, a dotless i, or a capital
I in the place of an l. So a name has a *skeleton*: what is left of it when each
character is replaced by that which it looks like (UTS #39, section 4, with
Unicode's table in lookalikes.txt). Two names with one skeleton look alike.
"""

import unicodedata
from functools import cache
from pathlib import Path

_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
"""Names may have them where their script needs them, and nobody sees them."""

TABLE = Path(__file__).with_suffix(".txt")


def skeleton(name: str) -> str:
    """Return what the name looks like, in small letters. Unlike UTS #39 it takes letter
    case for no difference, and neither i nor l, since a capital I is an l to most eyes:
    so the case is folded between two rounds of replacing."""
    looks = _replaced(unicodedata.normalize("NFKC", name).translate(_JOINERS))
    return _replaced(looks.casefold()).replace("i", "l")


def _replaced(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", decomposed.translate(_table()))


@cache
def _table() -> dict[int, str]:
    # Read with the first name: most starts of a server see none.
    table: dict[int, str] = {}
    for line in TABLE.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            shown, _, alike = line.partition(":")
            looks = "".join(chr(int(number, 16)) for number in shown.split())
            table |= {int(number, 16): looks for number in alike.split()}
    return table
