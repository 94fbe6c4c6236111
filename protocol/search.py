"""What a search compares, and what it finds: the same for the server, which looks
through the whole room, and for the client, which looks through what it holds and marks
what was found.

A text's *key* is what two texts have in common that look the same: compatibility forms
(width, ligatures), letter case and how accents are composed make no difference (Unicode's
NFKC and case folding), nor do characters that nobody sees, nor how many spaces or line
breaks stand between two words. A query is a list of *terms*, separated by spaces, or
between quotation marks where a term has spaces in it. A text is found if its key has all
of them in it, wherever they begin.
"""

import re
import unicodedata
from collections.abc import Sequence

# Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

_TERM = re.compile('["“”„]([^"“”„]+)["“”„]|(\\S+)')
_QUOTES = '"“”„'

# What goes with the character before it: marks that combine, the second and third part of
# a Korean syllable, and the marks of Japanese half-width syllables.
_CONTINUES = re.compile("[\u1160-\u11ff\uff9e\uff9f]")


def key_of(text: str) -> str:
    """Return what a search compares of a text."""
    if not text.isascii():
        text = _folded(text)
        # Whatever the forms were made of before they were brought together.
        return " ".join(text.split())
    return " ".join(text.lower().split())


def terms_of(query: str) -> tuple[str, ...]:
    """Return the keys of what a query looks for, each once; none: it looks for nothing."""
    found: dict[str, None] = {}
    for quoted, bare in _TERM.findall(key_of(query)):
        term = quoted.strip() or bare.strip(_QUOTES) or bare
        found[term] = None
    return tuple(found)


def is_found(key: str, terms: Sequence[str]) -> bool:
    """Tell whether a text with this key has all of these terms in it."""
    return all(term in key for term in terms)


def places_in(text: str, terms: Sequence[str]) -> list[tuple[int, int]]:
    """Return where in a text these terms stand, each from the first character to behind the
    last, in order and without overlaps."""
    key, origins = _key_with_origins(text)
    marked: list[tuple[int, int]] = []
    for term in filter(None, terms):
        at = key.find(term)
        while at >= 0:
            marked.append((origins[at][0], origins[at + len(term) - 1][1]))
            at = key.find(term, at + len(term))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(marked):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).casefold()
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", folded))


def _key_with_origins(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text's key and, of each of its characters, the stretch of the text that it
    comes from."""
    key: list[str] = []
    origins: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _goes_on(text[end]):
            end += 1
        for char in _folded(text[start:end]):
            if char.isspace():
                if not key or key[-1] == " ":
                    continue
                char = " "
            key.append(char)
            origins.append((start, end))
        start = end
    return "".join(key), origins


def _goes_on(char: str) -> bool:
    if char < "\u0300":
        return char == "\u00ad"
    is_part = unicodedata.combining(char) != 0 or unicodedata.category(char)[0] == "M"
    return is_part or bool(_CONTINUES.match(char) or _UNSEEN.match(char))
