"""Let everyone hear the same bytes in the same order, many at a time and fairly.

What is said within one turn leaves as one block: joined once, and passed to each
listener once, however many messages it holds. To go through ten thousand listeners
takes longer than others may wait, so it is done a part at a time, between which the
loop serves whoever else wants something. What is said meanwhile forms the next block.

Knows neither sockets nor messages. Used from the reactor's thread only.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection
from typing import NamedTuple, Protocol

log = logging.getLogger(__name__)

LISTENERS_A_TURN = 250
"""How many hear something before the loop turns once: some milliseconds' worth. In a
smaller room everything said within a turn is heard within it."""

MAX_BLOCK_BYTES = 64 * 1024
"""The most in one block, unless one frame alone is more: a quarter of what may wait
for a listener who reads slowly."""

HOLD_S_PER_LISTENER = 6e-6
"""How long what is said may wait for more that is about to be said: half of what it takes
to send it to them. To send twice takes twice as long."""

MIN_HOLD_S = 0.001
"""In a room so small that it would wait for less, nothing waits: there is nothing to
gain."""

MAX_BLOCKS_WAITING = 16
"""Where more wait than this, they are passed on before anything else is served: who
says more than can be heard has to wait, and memory stays bounded."""

Callback = Callable[[], None]


class Loop(Protocol):
    """The loop that all of it runs on, as far as it matters here."""

    @property
    def now(self) -> float:
        """Seconds on the monotonic clock, as of this turn."""

    def before_waiting(self, callback: Callback) -> None:
        """Call once, at the end of this turn."""

    def call_next_turn(self, callback: Callback) -> None:
        """Call once, in the next turn, which then waits for nothing."""

    def call_later(self, delay_s: float, callback: Callback) -> object:
        """Call once, so many seconds from now."""


class Subscriber(Protocol):
    """One signed-in connection."""

    def deliver(self, frames: bytes) -> None:
        """Send frames that everyone gets; the same bytes for all."""


class _Block(NamedTuple):
    data: bytes
    listeners: list[Subscriber]
    revision: int


class Fanout:
    """The blocks on their way. `present` is who hears, as it is at any time; who is not in
    it any more hears nothing. `is_more_coming` tells whether somebody is about to say
    more. `revision` is what everyone knows when it begins."""

    def __init__(
        self,
        loop: Loop,
        present: Collection[Subscriber],
        is_more_coming: Callable[[], bool],
        revision: int,
    ) -> None:
        self._loop = loop
        self._present = present
        self._is_more_coming = is_more_coming
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        self._revision = revision
        self._blocks: deque[_Block] = deque()
        self._heard_by = 0
        """How many have heard the first of the blocks."""
        self._is_due = False
        """Whether it will be looked soon whether to begin."""
        self._is_under_way = False
        self._begin_by = 0.0
        """When it begins at the latest, if it holds; else 0."""
        self.told_revision = revision
        """The revision up to which everyone has been passed everything."""

    def add(self, frame: bytes, revision: int = 0) -> None:
        """Let everyone who is present now hear this after all before it. `revision` is that
        of the change it tells; 0: it tells none."""
        if self._gathered_bytes + len(frame) > MAX_BLOCK_BYTES:
            self.seal()
        self._gathered.append(frame)
        self._gathered_bytes += len(frame)
        self._revision = revision or self._revision
        if not self._is_under_way and not self._is_due:
            self._is_due = True
            self._loop.before_waiting(self._begin)

    def seal(self) -> None:
        """Keep what was added from those who come from now on."""
        if self._gathered:
            data = self._gathered[0] if len(self._gathered) == 1 else b"".join(self._gathered)
            self._blocks.append(_Block(data, list(self._present), self._revision))
            self._gathered, self._gathered_bytes = [], 0

    def finish(self) -> None:
        """Pass on all that there is, however long it takes."""
        self.seal()
        while self._blocks:
            self._pass_on(LISTENERS_A_TURN)

    def _begin(self) -> None:
        self._is_due = False
        if self._is_under_way or not (self._gathered or self._blocks):
            return
        now = self._loop.now
        hold_s = len(self._present) * HOLD_S_PER_LISTENER
        if hold_s >= MIN_HOLD_S and self._is_more_coming():
            if not self._begin_by:
                self._begin_by = now + hold_s
                self._loop.call_later(hold_s, self._begin)
            if now < self._begin_by:
                return  # what comes is added, and looks again; or the time is up
        self._begin_by = 0.0
        self._is_under_way = True
        self._go_on()

    def _go_on(self) -> None:
        # While a block is on its way, what is said gathers: the busier, the fewer sends.
        left = LISTENERS_A_TURN
        while left > 0 or len(self._blocks) > MAX_BLOCKS_WAITING:
            if not self._blocks:
                self.seal()
            if not self._blocks:
                break
            left -= self._pass_on(left if left > 0 else LISTENERS_A_TURN)
        self._is_under_way = bool(self._blocks or self._gathered)
        if self._is_under_way:
            self._loop.call_next_turn(self._go_on)

    def _pass_on(self, at_most: int) -> int:
        """Pass the first block to so many more of its listeners; return to how many."""
        data, listeners, revision = self._blocks[0]
        now = listeners[self._heard_by : self._heard_by + at_most]
        for listener in now:
            try:
                if listener in self._present:
                    listener.deliver(data)
            except Exception:
                log.exception("a listener could not be told")
        self._heard_by += len(now)
        if self._heard_by >= len(listeners):
            self._blocks.popleft()
            self._heard_by = 0
            self.told_revision = revision
        return len(now)
