"""What stood before a person's eyes: which messages were seen.

The timeline takes a look once a second. What stood in sight at two looks in a
row stood there for a second. A message counts as seen once both its first and
its last line did, at the same time or one after the other: a message across
the edge of two screens is read in two parts.
"""

from collections.abc import Set
from dataclasses import dataclass

from protocol.spans import Span, runs

NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Look:
    """The ids of the messages whose first line (`begun`), whose last line
    (`ended`), or any line at all (`touched`) stands in sight."""

    begun: frozenset[int] = NOTHING
    ended: frozenset[int] = NOTHING
    touched: frozenset[int] = NOTHING


class Watch:
    """Tells of each message once that it was seen."""

    def __init__(self) -> None:
        self._last = Look()
        self._begun: set[int] = set()
        """Of these the first line was seen, the last not yet."""
        self._ended: set[int] = set()

    def look(self, now: Look) -> list[Span]:
        """Take a look; an empty one where nobody is there to see. Returns what
        was seen, in rising order; what stays in sight is told again."""
        begun, ended = now.begun & self._last.begun, now.ended & self._last.ended
        self._last = now
        self._begun |= begun
        self._ended |= ended
        seen: Set[int] = (begun & self._ended) | (ended & self._begun)
        self._begun -= seen
        self._ended -= seen
        return runs(seen)
