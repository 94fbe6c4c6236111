"""The network service: one thread that keeps the client connected.

The main thread puts commands in and takes events out; both are frozen and go
through queues, and nothing else is shared. The thread's own state is a Dialer,
which gets an open stream to the server, and, while there is one, a Link that
talks over it:

    idle, resolving, opening, waiting    as the dialer says
    linked                               a Link and its transport

While more events wait than MAX_WAITING_EVENTS the socket is not read: a flood
stays in the server's bounded queue instead of in this process's memory.
"""

import contextlib
import logging
import queue
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable

from app.clock import SYSTEM, Clock
from app.net.backoff import BackoffPolicy
from app.net.commands import Abandon, Command, Connect, Disconnect, Probe, ReconnectNow, Send
from app.net.dialer import Dialer
from app.net.events import Event, Greeted, Received
from app.net.link import Broken, Link
from app.net.transport import Address, TcpTransport
from protocol.connection import ServerError
from protocol.framing import FrameTooLarge
from protocol.messages import FromClient, FromServer, Goodbye, Refused, Welcome
from protocol.states import IllegalMessage

log = logging.getLogger(__name__)

MAX_WAITING_EVENTS = 5000

SEND_BYTES = 256 * 1024
"""Given to the system at once."""

LOOK_EVERY_S = 2.0
"""The loop never waits longer: after a sleep, during which the system's timers
may stand still, the connection is looked at this soon."""

PROBE_TIMEOUT_S = 3.0
"""How long the server may take to answer after a sleep or a change of the network:
most connections do not outlive either, and somebody is about to read."""

SLEPT_S = 5.0
"""Time that passed unnoticed by this much means that the machine slept."""


class _Found:
    """What came of a lookup, on its way to the network thread."""

    __slots__ = ("addresses", "lookup")

    def __init__(self, lookup: int, addresses: list[Address]) -> None:
        self.lookup = lookup
        self.addresses = addresses


class NetworkService:
    """Everything but the constructor, `start`, `command`, `take` and `stop`
    runs on the service's own thread."""

    def __init__(self, policy: BackoffPolicy, agent: str, clock: Clock = SYSTEM) -> None:
        self.told: Callable[[], None] = lambda: None
        """Called on the network's thread after each event that can be taken."""
        self._clock = clock
        self._agent = agent
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._inbox: deque[Command | _Found] = deque()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)
        self._stopping = False
        self._waker, self._wake_sender = socket.socketpair()
        self._waker.setblocking(False)
        self._wake_sender.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._watched: tuple[socket.socket, int] | None = None
        self._dialer = Dialer(policy, self._tell, self._resolved)
        self._transport: TcpTransport | None = None
        self._link: Link | None = None
        self._link_number = 0
        self._linked_at = 0.0
        self._is_greeted = False
        self._is_mute = False
        self._is_probing = False
        """Whether it was asked in a hurry if the server is still there, and nothing came
        since."""
        self._outgoing = bytearray()
        self._is_full = False

    # -- for the main thread -----------------------------------------------------

    def start(self) -> None:
        """Begin; a service that was stopped stays so."""
        if not self._stopping:
            self._thread.start()

    def command(self, command: Command) -> None:
        """Tell the service to do something. Never blocks."""
        self._inbox.append(command)
        self._wake()

    def take(self, most: int, wait_s: float = 0.0) -> list[Event]:
        """Return the next events, up to so many; waits up to so long for the first."""
        events: list[Event] = []
        with contextlib.suppress(queue.Empty):
            while len(events) < most:
                events.append(
                    self._events.get(timeout=wait_s)
                    if wait_s and not events
                    else self._events.get_nowait()
                )
        if self._is_full and self._events.qsize() <= MAX_WAITING_EVENTS:
            self._wake()  # there is room to read on
        return events

    def stop(self, wait_s: float = 2.0) -> None:
        """Hang up and end the thread; wait for that, but not for long."""
        self._stopping = True
        if self._thread.ident is None:
            self._close()
            return
        self._wake()
        self._thread.join(wait_s)

    def _wake(self) -> None:
        # Full: a wake-up is on its way. Closed: nobody is left to wake.
        with contextlib.suppress(OSError):
            self._wake_sender.send(b"\0")

    # -- the loop ------------------------------------------------------------------

    def _run(self) -> None:
        clock = self._clock
        mono, wall = clock.monotonic_s(), clock.now_ms() / 1000
        try:
            self._selector.register(self._waker, selectors.EVENT_READ)
            while not self._stopping:
                try:
                    self._watch()
                    timeout = self._timeout(mono)
                    ready = self._selector.select(timeout)
                    now, now_wall = clock.monotonic_s(), clock.now_ms() / 1000
                    # Some clocks stop during sleep and some do not; whichever,
                    # one of these two has run ahead.
                    slept = (now_wall - wall) - (now - mono) > SLEPT_S or (
                        now - mono > timeout + SLEPT_S
                    )
                    mono, wall = now, now_wall
                    self._turn(ready, now, slept)
                except Exception:
                    log.exception("the network thread failed; it begins anew")
                    self._begin_anew(clock.monotonic_s())
        finally:
            self._close()

    def _begin_anew(self, now: float) -> None:
        """Let nobody take the connection for sound, whatever is wrong."""
        self._close_link()
        self._selector.close()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._waker, selectors.EVENT_READ)
        self._watched = None
        if self._dialer.target:
            self._dialer.link_failed("lost", now)

    def _close(self) -> None:
        self._close_link()
        self._dialer.stop()
        self._selector.close()
        self._waker.close()
        self._wake_sender.close()

    def _turn(
        self, ready: list[tuple[selectors.SelectorKey, int]], now: float, slept: bool
    ) -> None:
        for key, mask in ready:
            if key.fileobj is self._waker:
                with contextlib.suppress(BlockingIOError):
                    while self._waker.recv(4096):
                        pass
            elif self._transport is not None and key.fileobj is self._transport.socket:
                self._on_ready(mask, now)
            elif self._dialer.opening is not None and key.fileobj is self._dialer.opening.socket:
                transport = self._dialer.opened(now)
                if transport is not None:
                    self._on_connected(transport, now)
        while self._inbox:
            self._obey(self._inbox.popleft(), now)
        if slept:
            self._probe(now)
        self._on_time(now)

    def _timeout(self, now: float) -> float:
        deadline = self._link.deadline if self._link is not None else self._dialer.deadline
        if deadline is None:
            return LOOK_EVERY_S
        return min(max(0.0, deadline - now), LOOK_EVERY_S)

    def _obey(self, command: Command | _Found, now: float) -> None:
        match command:
            case Connect():
                self._close_link()
                self._dialer.dial(command, now)
            case Disconnect():
                self._close_link()
                self._dialer.stop()
            case ReconnectNow():
                self._dialer.dial_now(now)
            case Probe():
                self._probe(now)
            case Send(link, message):
                if self._is_linked(link):
                    self._send(message, now)
            case Abandon(link):
                if self._is_linked(link):
                    self._lose("lost", now)
            case _Found():
                self._dialer.resolved(command.lookup, command.addresses, now)

    def _probe(self, now: float) -> None:
        """See whether what there was before a sleep, or on another network, still is."""
        if self._link is not None:
            self._is_probing = True
            self._outgoing += self._link.probe(now, PROBE_TIMEOUT_S)
            self._flush()
        else:
            self._dialer.begin_anew(now)

    def _on_time(self, now: float) -> None:
        if self._link is None:
            self._dialer.tick(now)
            return
        if self._is_full:
            # What the server said waits unread: its silence is our doing.
            self._link.excuse(now)
        if now >= self._link.deadline:
            try:
                self._outgoing += self._link.tick(now)
            except Broken:
                self._lose("lost", now)
            else:
                self._flush()

    def _resolved(self, lookup: int, addresses: list[Address]) -> None:
        # On the resolver's thread.
        self._inbox.append(_Found(lookup, addresses))
        self._wake()

    # -- linked ------------------------------------------------------------------------

    def _is_linked(self, link: int) -> bool:
        return self._link is not None and link == self._link_number

    def _on_connected(self, transport: TcpTransport, now: float) -> None:
        self._transport = transport
        self._link_number += 1
        self._linked_at = now
        self._is_greeted = self._is_mute = self._is_probing = False
        self._link = Link(self._agent, now)
        self._outgoing += self._link.hello(now)
        self._flush()

    def _on_ready(self, mask: int, now: float) -> None:
        if mask & selectors.EVENT_WRITE:
            self._flush()
        if mask & selectors.EVENT_READ:
            self._receive(now)

    def _send(self, message: FromClient, now: float) -> None:
        assert self._link is not None
        try:
            self._outgoing += self._link.send(message, now)
        except IllegalMessage as error:
            # A sign-out crossed it, say; Lost or the answer that is on its way
            # tells the controllers.
            log.warning("not sent: %s", error)
        else:
            self._flush()

    def _receive(self, now: float) -> None:
        assert self._transport is not None and self._link is not None
        try:
            data = self._transport.receive()
        except OSError as error:
            log.info("the connection broke: %s", error)
            data = b""
        if data is None:
            return
        if not data:
            self._lose("lost", now)
            return
        self._is_probing = False
        try:
            for message in self._link.receive(data, now):
                self._on_message(message, now)
                if self._link is None:
                    return
        except (ServerError, FrameTooLarge) as error:
            log.warning("this is no server that can be talked to: %s", error)
            self._lose("lost" if self._is_greeted else "not_rostrum", now)

    def _on_message(self, message: FromServer, now: float) -> None:
        if isinstance(message, Welcome):
            self._is_greeted = True
            self._tell(Greeted(self._dialer.target, self._link_number, message))
        elif isinstance(message, Goodbye):
            # The server's last word. It may be slow to close, or never do it.
            self._lose(message.code, now, message.retry_after_ms / 1000)
        elif isinstance(message, Refused) and not self._is_greeted:
            # A refused hello: nothing more can be said on this connection.
            self._lose(message.code, now)
        else:
            self._tell(Received(self._link_number, message))

    def _flush(self) -> None:
        if self._transport is None:
            return
        try:
            self._transport.flush()
            while self._outgoing and not self._is_mute:
                sent = self._transport.send(bytes(self._outgoing[:SEND_BYTES]))
                if not sent:
                    return
                del self._outgoing[:sent]
        except OSError as error:
            # What the server said last may still be there to read; the end of
            # the stream follows it. Nothing may be sent after what was cut off.
            log.info("the connection broke: %s", error)
            self._is_mute = True
            self._outgoing.clear()

    def _lose(self, reason: str, now: float, wait_s: float = 0.0) -> None:
        self._close_link()
        if reason in ("lost", "not_rostrum") and not self._is_greeted:
            self._dialer.link_failed(reason, now)
        else:
            self._dialer.link_ended(reason, now, now - self._linked_at, wait_s)
            if self._is_probing and reason == "lost":
                # It broke while nobody could notice, so there is no crowd to wait for.
                self._dialer.dial_now(now)

    def _close_link(self) -> None:
        self._link = None
        self._outgoing.clear()
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    # -- what to wait for ------------------------------------------------------------

    def _watch(self) -> None:
        """Register what the selector has to wait for, if that has changed."""
        wanted = self._wanted()
        if wanted == self._watched:
            return
        if self._watched is not None:
            # It may be closed already, and its number in use by the next one,
            # which is therefore registered only after this.
            with contextlib.suppress(KeyError):
                self._selector.unregister(self._watched[0])
        self._watched = wanted
        if wanted is not None:
            self._selector.register(*wanted)

    def _wanted(self) -> tuple[socket.socket, int] | None:
        if (opening := self._dialer.opening) is not None:
            mask = selectors.EVENT_WRITE if opening.wants_write else selectors.EVENT_READ
            return opening.socket, mask
        if self._transport is None:
            return None
        # Looked at again after it was said: `take` may have made room between
        # the two, and would not wake us.
        self._is_full = True
        self._is_full = self._events.qsize() > MAX_WAITING_EVENTS
        wanted = 0 if self._is_full else selectors.EVENT_READ
        if (self._outgoing or self._transport.wants_write) and not self._is_mute:
            wanted |= selectors.EVENT_WRITE
        return (self._transport.socket, wanted) if wanted else None

    def _tell(self, event: Event) -> None:
        self._events.put(event)
        self.told()
