"""Web addresses in a text."""

import re

_ADDRESS = re.compile(r"https?://[^\s<>\"'|\\^`{}\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+", re.I)
_CLOSING = {")": "(", "]": "["}


def split(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a web address."""
    pieces: list[tuple[str, bool]] = []
    done = 0
    for found in _ADDRESS.finditer(text):
        address = _without_punctuation(found.group())
        if address.endswith("://"):
            continue
        if found.start() > done:
            pieces.append((text[done : found.start()], False))
        pieces.append((address, True))
        done = found.start() + len(address)
    if done < len(text):
        pieces.append((text[done:], False))
    return pieces


def _without_punctuation(address: str) -> str:
    # A full stop or bracket at the end belongs to the sentence around it,
    # unless the bracket was opened within the address.
    while address:
        last = address[-1]
        if last in ".,;:!?…" or (
            last in _CLOSING and address.count(last) > address.count(_CLOSING[last])
        ):
            address = address[:-1]
        else:
            break
    return address
