"""Sets of message ids that consist of few long runs.

What a person has seen is nearly everything, with gaps where something was
skipped: it is kept, and said on the wire, as the runs between the gaps.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

Span = tuple[int, int]
"""A run of ids: the first and the last, both included."""


class Spans:
    """A set of ids as sorted runs; two runs never touch."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in spans:
            self.add(first, last)

    def __iter__(self) -> Iterator[Span]:
        return zip(self._firsts, self._lasts, strict=True)

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self._firsts)

    def __contains__(self, number: int) -> bool:
        return self.covers(number, number)

    @property
    def top(self) -> int:
        """The highest id; 0 where there is none."""
        return self._lasts[-1] if self._lasts else 0

    def covers(self, first: int, last: int) -> bool:
        """Tell whether every id of this run is in the set."""
        place = bisect_right(self._firsts, first) - 1
        return place >= 0 and self._lasts[place] >= last

    def add(self, first: int, last: int) -> bool:
        """Take this run into the set. False: all of it was there already, or it
        is empty because `last` is below `first`."""
        if last < first or self.covers(first, last):
            return False
        # Every run that overlaps this one or touches it becomes a part of it.
        low = bisect_left(self._lasts, first - 1)
        high = bisect_right(self._firsts, last + 1)
        if low < high:
            first = min(first, self._firsts[low])
            last = max(last, self._lasts[high - 1])
        self._firsts[low:high] = [first]
        self._lasts[low:high] = [last]
        return True

    def newest(self, count: int) -> tuple[Span, ...]:
        """Return the `count` runs with the highest ids, in rising order."""
        return tuple(self)[-count:] if count else ()

    def keep_newest(self, count: int) -> None:
        """Forget all but the `count` runs with the highest ids."""
        surplus = max(len(self) - count, 0)
        del self._firsts[:surplus], self._lasts[:surplus]


def runs(numbers: Iterable[int]) -> list[Span]:
    """Yield these ids as the fewest runs, in rising order."""
    return list(Spans((number, number) for number in numbers))
