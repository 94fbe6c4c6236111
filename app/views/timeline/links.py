"""Web addresses in a text.

They are found by linkify-it, between what can be no part of one. It takes closing
quotes, the full stops of other scripts and invisible marks for parts of an
address, so the text is cut at these first.
"""

import re
from functools import cache

from linkify_it import LinkifyIt

from app.views.kit.script import is_wide

_APART = re.compile(
    "["
    r"\s<>\"'|\\^`{}"
    "\u00ab\u00bb\u2018-\u201f\u2039\u203a"  # quotes
    "\u2026"  # an ellipsis
    "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # not seen
    "\u0589\u060c\u061b\u061f\u066a-\u066c\u06d4"  # stops: Armenian, Arabic, Urdu,
    "\u0964\u0965\u0df4\u0e2f\u0e5a\u0e5b\u0f0d-\u0f12"  # Indic, Thai, Tibetan,
    "\u104a\u104b\u1362-\u1368\u17d4-\u17d6\u1802\u1803"  # Burmese, Ethiopic, Khmer …
    "\u3000-\u303f\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    "]"
)
"""Characters that end an address, whatever stands before them."""

_START = re.compile(r"https?://|(?<![\w.@/-])www\.", re.IGNORECASE)
_NUMBERED = re.compile(r"https?://\[[0-9a-f:.]+\](?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)
"""An IPv6 address in place of a host's name."""

MAX_IN_VAIN = 20
"""So many beginnings that lead to no address are looked at in one text: each may
take a look at all of the rest."""

_BEGINS_A_PART = "/=?#&:"


def split(text: str) -> list[tuple[str, bool]]:
    """Return the text in pieces, each with whether it is a web address."""
    pieces: list[tuple[str, bool]] = []
    done = at = in_vain = 0
    while (found := _START.search(text, at)) is not None and in_vain < MAX_IN_VAIN:
        begin = found.start()
        apart = _APART.search(text, begin)
        address = _address(text[begin : apart.start() if apart else len(text)])
        at = begin + max(len(address), len(found[0]))
        in_vain += not address
        if address:
            if begin > done:
                pieces.append((text[done:begin], False))
            pieces.append((address, True))
            done = begin + len(address)
    if done < len(text):
        pieces.append((text[done:], False))
    return pieces


def target(address: str) -> str:
    """Return where this address leads: one that begins with www. has no scheme."""
    return address if _has_scheme(address) else f"http://{address}"


def _has_scheme(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))


def _address(stretch: str) -> str:
    """Return the address at the beginning of this stretch; empty: there is none."""
    numbered = _NUMBERED.match(stretch)  # linkify-it knows none of these
    if numbered is not None:
        return _trimmed(numbered[0].rstrip(")"))
    stretch = _as_far_as_it_goes(stretch)
    if _has_scheme(stretch):
        found = _finder().match_at_start(stretch)
    else:
        found = next(iter(_finder().match(stretch) or ()), None)
    if found is None or found.index:
        return ""
    address = _trimmed(str(found.raw))
    return address if "://" in address or not _has_scheme(stretch) else ""


def _trimmed(address: str) -> str:
    """Return it without what belongs to the sentence behind it, or to another address
    that begins and ends there."""
    while address != (shorter := address.removesuffix("://").rstrip(".,;:!?")):
        address = shorter
    return address


def _as_far_as_it_goes(stretch: str) -> str:
    """Return it without what follows in Chinese or the like, where no space is put
    between an address and the sentence around it: such a character belongs to an address
    where a part of it begins so, as a path or a word that is searched for."""
    begin = stretch.find("/", stretch.find("://") + 3)
    is_within = False
    for place, char in enumerate(stretch):
        if char in _BEGINS_A_PART:
            is_within = True
        elif not is_wide(char):
            is_within = False
        elif not is_within and begin != -1 and place > begin:
            return stretch[:place]
        elif begin == -1 and stretch[place - 1].isascii() and stretch[place - 1].isalnum():
            return stretch[:place]  # right after a host's name
    return stretch


@cache
def _finder() -> LinkifyIt:
    finder = LinkifyIt(options={"fuzzy_link": True, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("mailto:", "//", "ftp:"):
        finder.add(schema, None)
    return finder
