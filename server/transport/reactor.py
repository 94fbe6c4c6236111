"""One thread that waits for sockets, timers and other threads' results.

The reactor pattern (Schmidt, 1995) over `selectors`: epoll or kqueue where
there is one, select() on Windows. It knows file objects and callbacks, nothing
of bytes or messages. Nothing that runs on it may block: whatever waits for a
disk, a hash or a name runs elsewhere and comes back by `call_soon_threadsafe`.

One turn of the loop: wait, serve some of what is ready, fire due timers, run what was
handed over, then the `before_waiting` callbacks, which is where streams send what
the turn has gathered for them, and last some of what is in no hurry.
"""

import contextlib
import heapq
import itertools
import logging
import selectors
import socket
from collections import deque
from collections.abc import Callable

from server.clock import SYSTEM, Clock

log = logging.getLogger(__name__)

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE

SERVED_A_TURN = 100
"""How many sockets are served before the loop looks at what was handed over: to take in
somebody by TLS takes half a millisecond, and thousands may come in at the same time."""

UNHURRIED_A_TURN = 100
"""How many of the calls that nobody waits for are made in one turn: some milliseconds'
worth."""

Callback = Callable[[], None]
ReadyCallback = Callable[[int], None]


class Timer:
    """A callback that is due at a time. `cancel` is final and cheap."""

    __slots__ = ("_callback", "due")

    def __init__(self, due: float, callback: Callback) -> None:
        self.due = due
        self._callback: Callback | None = callback

    def cancel(self) -> None:
        """Keep it from firing. Its place in the heap goes when its time comes."""
        self._callback = None

    def fire(self) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class Reactor:
    """The loop. Everything but `call_soon_threadsafe` is for its own thread."""

    def __init__(self, clock: Clock = SYSTEM) -> None:
        self._clock = clock
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._sequence = itertools.count()
        self._handed_over: deque[Callback] = deque()
        self._is_woken = False
        """Whether a wake-up is on its way for all that has been handed over."""
        self._before_waiting: list[Callback] = []
        self._unhurried: deque[Callback] = deque()
        self._ready: deque[tuple[selectors.SelectorKey, int]] = deque()
        """Sockets that were ready when it was last looked, and are still to be served."""
        self._stopping = False
        self.now = self._clock.monotonic_s()
        """Seconds on the monotonic clock, as of this turn."""
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self._wake_receiver.setblocking(False)
        self._wake_sender.setblocking(False)
        self.register(self._wake_receiver, READ, self._on_wake)

    # -- sockets -------------------------------------------------------------

    def register(self, sock: socket.socket, events: int, callback: ReadyCallback) -> None:
        """Call `callback(mask)` whenever the socket is ready for `events`."""
        self._selector.register(sock, events, callback)

    def modify(self, sock: socket.socket, events: int, callback: ReadyCallback) -> None:
        """Wait for other events on a registered socket."""
        self._selector.modify(sock, events, callback)

    def unregister(self, sock: socket.socket) -> None:
        """Forget a registered socket."""
        self._selector.unregister(sock)

    @property
    def wake_socket(self) -> socket.socket:
        """What wakes the loop by any byte: for `signal.set_wakeup_fd`."""
        return self._wake_sender

    # -- time and other threads ----------------------------------------------

    def call_later(self, delay_s: float, callback: Callback) -> Timer:
        """Call once, `delay_s` seconds after this turn's `now`."""
        timer = Timer(self.now + delay_s, callback)
        heapq.heappush(self._timers, (timer.due, next(self._sequence), timer))
        return timer

    def before_waiting(self, callback: Callback) -> None:
        """Call once, at the end of this turn."""
        self._before_waiting.append(callback)

    def call_unhurried(self, callback: Callback) -> None:
        """Call once, at the end of this turn or, where many such calls or sockets wait, of a
        later one: what nobody waits for, and ten thousand may ask for at the same time."""
        self._unhurried.append(callback)

    def hurry(self) -> None:
        """Make all the calls that are in no hurry now: somebody waits for them after all."""
        while self._unhurried:
            self._guard(self._unhurried.popleft())

    def call_soon_threadsafe(self, callback: Callback) -> None:
        """Call once, on the reactor's thread, soon. From any thread; callbacks
        of one thread keep their order. Handing something to a reactor that
        has been closed does nothing."""
        # In this order: a turn first forgets that it was woken, then looks what there is.
        self._handed_over.append(callback)
        if self._is_woken:
            return
        self._is_woken = True
        # A full pipe means that a wake-up is on its way already; a closed one
        # that there is nobody left to wake.
        with contextlib.suppress(OSError):
            self._wake_sender.send(b"\0")

    def call_next_turn(self, callback: Callback) -> None:
        """Call once, in the next turn, which then waits for nothing."""
        self._handed_over.append(callback)

    # -- the loop ------------------------------------------------------------

    def run(self) -> None:
        """Turn until `stop`."""
        self._stopping = False
        while not self._stopping:
            self.turn()

    def stop(self) -> None:
        """Leave `run` after this turn."""
        self._stopping = True

    def turn(self, longest_wait_s: float | None = None) -> None:
        """Wait for something to happen, at most so long, and serve it."""
        if not self._ready:
            self._ready.extend(self._selector.select(self._wait_s(longest_wait_s)))
        self.now = self._clock.monotonic_s()
        self._serve_some()
        self._fire_timers()
        self._is_woken = False
        # Only what is there now: a callback that hands over another must not
        # keep the sockets waiting.
        for _ in range(len(self._handed_over)):
            self._guard(self._handed_over.popleft())
        while self._before_waiting:
            callbacks, self._before_waiting = self._before_waiting, []
            for callback in callbacks:
                self._guard(callback)
        if not self._ready:
            for _ in range(min(len(self._unhurried), UNHURRIED_A_TURN)):
                self._guard(self._unhurried.popleft())

    def close(self) -> None:
        """Release the selector and the wake-up sockets."""
        self._selector.close()
        self._wake_receiver.close()
        self._wake_sender.close()

    def _serve_some(self) -> None:
        registered = self._selector.get_map()
        for _ in range(min(len(self._ready), SERVED_A_TURN)):
            key, mask = self._ready.popleft()
            # Who was served meanwhile may have ended this one, or look at it no more.
            now = registered.get(key.fd)
            if now is not None and now.fileobj is key.fileobj and mask & now.events:
                self._guard(now.data, mask & now.events)

    def _wait_s(self, longest_wait_s: float | None) -> float | None:
        if self._handed_over or self._before_waiting or self._unhurried or self._stopping:
            return 0
        waits = [] if longest_wait_s is None else [longest_wait_s]
        if self._timers:
            waits.append(max(0.0, self._timers[0][0] - self._clock.monotonic_s()))
        return min(waits, default=None)

    def _fire_timers(self) -> None:
        # Only what is due already: a timer that sets itself anew for this very
        # moment must not keep the sockets waiting.
        due: list[Timer] = []
        while self._timers and self._timers[0][0] <= self.now:
            due.append(heapq.heappop(self._timers)[2])
        for timer in due:
            self._guard(timer.fire)

    def _on_wake(self, _mask: int) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._wake_receiver.recv(4096):
                pass

    def _guard(self, callback: Callable[..., None], *arguments: object) -> None:
        # The last line of P9: whatever slips through a callback's own care is
        # logged, and everybody else is served as if nothing had happened.
        try:
            callback(*arguments)
        except Exception:
            log.exception("a callback failed")
