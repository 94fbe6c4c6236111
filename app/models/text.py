"""A text as a person typed it, made into one that the room takes.

Pasted text brings line ends of other systems and control characters that
nobody sees; removing them here keeps the server from refusing the whole.
"""

import re

_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
# Noncharacters, which no text ever has, end each of the 17 planes, besides some others
# (Unicode, section 23.7).
_PLANES_ENDS = "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
_CONTROLS = re.compile(f"[\0-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_PLANES_ENDS}]")


def clean_text(text: str) -> str:
    """Return the text that would be sent; its length is what counts against the limit, in
    code points."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).rstrip()


def can_be_sent(typed: str) -> bool:
    """Tell whether it is text: half of a character, which a field may hold on Windows, is
    none."""
    return not any("\ud800" <= character <= "\udfff" for character in typed)
