"""Turns for those who want something of a thread that all share.

Each has a line of its own, and the lines are served in rotation; where there is
no room left, the longest line gives way (J. Nagle, "On Packet Switches With
Infinite Storage", RFC 970, 1985, section "Fairness in packet switching
systems"). So who asks for much waits for oneself alone, and somebody who comes
new waits for one piece of work of each other one at most.
"""

import threading
from collections import OrderedDict, deque
from typing import Generic, TypeVar

Whose = int | str | None
"""Who asks: a person's number; before sign-in a network (`throttle.network_of`);
None: the server itself."""

Item = TypeVar("Item")


class Turns(Generic[Item]):
    """The lines. For one thread, or under its caller's lock."""

    def __init__(self) -> None:
        self._lines: OrderedDict[Whose, deque[Item]] = OrderedDict()
        """Those with something in them, the next to be served first."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, whose: Whose, item: Item) -> None:
        """Put it behind all that this one has put already."""
        self._lines.setdefault(whose, deque()).append(item)
        self._count += 1

    def take(self) -> Item:
        """Take the first of the line whose turn it is. There must be one."""
        whose, line = self._lines.popitem(last=False)
        item = line.popleft()
        if line:
            self._lines[whose] = line
        self._count -= 1
        return item

    @property
    def lines(self) -> int:
        """How many have something in their line."""
        return len(self._lines)

    def waiting(self, whose: Whose) -> int:
        """Count what this one has put that was not taken yet."""
        return len(self._lines.get(whose, ()))

    def longest(self) -> Whose:
        """Return who has put most of what waits. There must be something."""
        return max(self._lines, key=lambda whose: len(self._lines[whose]))

    def drop_last(self, whose: Whose) -> Item:
        """Take back the newest of this one's. There must be one."""
        line = self._lines[whose]
        item = line.pop()
        if not line:
            del self._lines[whose]
        self._count -= 1
        return item


class FairQueue(Generic[Item]):
    """A queue from many threads to one that serves it in turns."""

    def __init__(self) -> None:
        self._turns: Turns[Item] = Turns()
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._turns)

    def put(self, whose: Whose, item: Item) -> None:
        """Put it into this one's line. Whoever waits in `take` learns of it by `wake`."""
        with self._changed:
            self._turns.put(whose, item)

    def wake(self) -> None:
        """Let whoever waits take what was put."""
        with self._changed:
            if self._turns:
                self._changed.notify()

    def take(self, most: int) -> list[Item]:
        """Take what is next, so many at most. Waits for the first; nothing, once the
        queue is closed and all was taken."""
        with self._changed:
            self._wait()
            return [self._turns.take() for _ in range(min(most, len(self._turns)))]

    def take_round(self, most: int) -> list[Item]:
        """Take what is next, of each who asks one at most. Otherwise as `take`."""
        with self._changed:
            self._wait()
            return [self._turns.take() for _ in range(min(most, self._turns.lines))]

    def close(self) -> None:
        """Note that nothing more will be put; `take` ends when all was taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wait(self) -> None:
        while not self._turns and not self._closed:
            self._changed.wait()
