"""The part of a message in which something was found."""

from collections.abc import Sequence
from typing import Any

from app.views.kit.script import is_wide
from protocol.search import places_in

WIDTH = 190
"""Of an excerpt, in letters; a wide character counts for two."""

BEFORE = 50
"""So much of it stands before what was found."""

ELLIPSIS = "…"

Piece = tuple[str, bool]
"""Some words, and whether they are what was found."""


def excerpt(text: str, terms: Sequence[str]) -> list[Piece]:
    """Return the part of a text around the first of these terms, in one line, with all of
    them told apart. A text in which there is none begins with its beginning."""
    line = " ".join(text.split())
    places = places_in(line, terms)
    start = _start(line, places[0][0]) if places else 0
    end = _end(line, start)
    pieces: list[Piece] = [(ELLIPSIS, False)] if start else []
    at = start
    for first, last in places:
        if first >= end:
            break
        if last > at:
            pieces.append((line[at : max(first, at)], False))
            pieces.append((line[max(first, at) : min(last, end)], True))
            at = last
    pieces.append((line[at:end], False))
    if end < len(line):
        pieces.append((ELLIPSIS, False))
    return [piece for piece in pieces if piece[0]]


def marked(pieces: Sequence[Any], spans: Sequence[tuple[int, int]], tag: str) -> list[Any]:
    """Return pieces of a Text, each with its tags behind it, with one more tag on what lies
    within these spans of the whole."""
    done: list[Any] = []
    at = 0
    for words, tags in zip(pieces[::2], pieces[1::2], strict=True):
        assert isinstance(words, str) and isinstance(tags, tuple)
        begin, end = at, at + len(words)
        for first, last in spans:
            first, last = max(first, at), min(last, end)
            if first < last:
                done += [words[at - begin : first - begin], tags]
                done += [words[first - begin : last - begin], (*tags, tag)]
                at = last
        done += [words[at - begin :], tags]
        at = end
    return done


def _start(line: str, first: int) -> int:
    """Return where to begin so that this place is in sight: at the beginning of a word."""
    if _width(line[:first]) <= BEFORE and _width(line[:first]) < WIDTH:
        return 0
    start, left = first, BEFORE
    while start and left > 0:
        start -= 1
        left -= _width(line[start])
    space = line.find(" ", start, first)
    return space + 1 if space >= 0 else start


def _end(line: str, start: int) -> int:
    end, left = start, WIDTH
    while end < len(line) and left > 0:
        left -= _width(line[end])
        end += 1
    if end == len(line):
        return end
    space = line.rfind(" ", start, end)
    return space if space > start + (end - start) // 2 else end


def _width(text: str) -> int:
    return sum(2 if is_wide(char) else 1 for char in text)
