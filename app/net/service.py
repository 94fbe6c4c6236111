"""The network service: one thread that keeps the client connected.

The main thread puts commands in and takes events out; both are frozen and go
through queues, and nothing else is shared. The thread's own state:

    no server       nothing to do
    resolving       a resolver thread looks the host up
    connecting      a transport to one of its addresses is being opened
    linked          a Link talks over the transport
    waiting         until `_retry_at`

While more events wait than MAX_WAITING_EVENTS the socket is not read: a flood
stays in the server's bounded queue instead of in this process's memory.
"""

import contextlib
import logging
import queue
import selectors
import socket
import threading
import time
from collections import deque

from app.net.backoff import Backoff, BackoffPolicy
from app.net.commands import Command, Connect, Disconnect, ReconnectNow, Send
from app.net.events import Connecting, Event, Greeted, Lost, Received
from app.net.link import Broken, Link
from app.net.resolver import resolve
from app.net.transport import Address, TcpTransport
from protocol.connection import ServerError
from protocol.framing import FrameTooLarge
from protocol.messages import FromServer, Goodbye, Refused, Welcome
from protocol.states import IllegalMessage

log = logging.getLogger(__name__)

MAX_WAITING_EVENTS = 5000
CONNECT_TIMEOUT_S = 8.0
"""For one address of a host; then the next is tried."""

SLEPT_S = 5.0
"""Time that passed unnoticed by this much means that the machine slept."""


class NetworkService:
    """Everything but the constructor, `start`, `command`, `take` and `stop`
    runs on the service's own thread."""

    def __init__(self, policy: BackoffPolicy, agent: str) -> None:
        self._agent = agent
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._inbox: deque[Command | tuple[int, list[Address]]] = deque()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)
        self._stopping = False
        self._waker, self._wake_sender = socket.socketpair()
        self._waker.setblocking(False)
        self._wake_sender.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._backoff = Backoff(policy)
        self._server: Connect | None = None
        self._lookup = 0
        self._addresses: list[Address] = []
        self._transport: TcpTransport | None = None
        self._connect_by = 0.0
        self._link: Link | None = None
        self._link_number = 0
        self._linked_at = 0.0
        self._outgoing = bytearray()
        self._retry_at: float | None = None
        self._farewell = ""
        self._farewell_wait_s = 0.0
        self._is_greeted = False

    # -- for the main thread -----------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def command(self, command: Command) -> None:
        """Tell the service to do something. Never blocks."""
        self._inbox.append(command)
        self._wake()

    def take(self, most: int, wait_s: float = 0.0) -> list[Event]:
        """The next events, up to so many; waits up to so long for the first."""
        events: list[Event] = []
        was_full = self._events.qsize() > MAX_WAITING_EVENTS
        with contextlib.suppress(queue.Empty):
            while len(events) < most:
                events.append(
                    self._events.get(timeout=wait_s)
                    if wait_s and not events
                    else self._events.get_nowait()
                )
        if was_full:
            self._wake()  # there is room to read on
        return events

    def stop(self, wait_s: float = 2.0) -> None:
        """Hang up and end the thread; wait for that, but not for long."""
        self._stopping = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join(wait_s)

    def _wake(self) -> None:
        # Full: a wake-up is on its way. Closed: nobody is left to wake.
        with contextlib.suppress(OSError):
            self._wake_sender.send(b"\0")

    # -- the loop ------------------------------------------------------------------

    def _run(self) -> None:
        self._selector.register(self._waker, selectors.EVENT_READ)
        mono, wall = time.monotonic(), time.time()
        try:
            while not self._stopping:
                timeout = self._timeout(mono)
                ready = self._selector.select(timeout)
                now, now_wall = time.monotonic(), time.time()
                # Some clocks stop during sleep and some do not; whichever, one
                # of these two has run ahead.
                slept = (now_wall - wall) - (now - mono) > SLEPT_S or (
                    timeout is not None and now - mono > timeout + SLEPT_S
                )
                mono, wall = now, now_wall
                self._turn(ready, now, slept)
        except Exception:
            log.exception("the network thread failed")
            raise
        finally:
            self._drop()
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
        while self._inbox:
            self._obey(self._inbox.popleft(), now)
        if slept:
            self._after_sleep(now)
        self._on_time(now)
        self._update_interest()

    def _timeout(self, now: float) -> float | None:
        deadlines = []
        if self._link is not None:
            deadlines.append(self._link.deadline)
        elif self._transport is not None:
            deadlines.append(self._connect_by)
        if self._retry_at is not None:
            deadlines.append(self._retry_at)
        return max(0.0, min(deadlines) - now) if deadlines else None

    def _obey(self, command: Command | tuple[int, list[Address]], now: float) -> None:
        match command:
            case Connect():
                self._drop()
                self._server = command
                self._backoff.reset()
                self._attempt()
            case Disconnect():
                self._drop()
                self._server = None
            case ReconnectNow():
                if self._retry_at is not None:
                    self._backoff.reset()
                    self._attempt()
            case Send(link, message):
                if self._link is not None and link == self._link_number:
                    try:
                        self._outgoing += self._link.send(message, now)
                    except IllegalMessage as error:
                        # A sign-out crossed it, say; Lost or the answer that
                        # is on its way tells the controllers.
                        log.warning("not sent: %s", error)
                        return
                    self._flush(now)
            case (lookup, addresses):
                if lookup == self._lookup:
                    self._addresses = addresses
                    self._next_address(now)

    def _after_sleep(self, now: float) -> None:
        if self._link is not None:
            self._outgoing += self._link.probe(now)
            self._flush(now)
        elif self._retry_at is not None:
            self._backoff.reset()
            self._retry_at = now

    def _on_time(self, now: float) -> None:
        if self._retry_at is not None and now >= self._retry_at:
            self._attempt()
        elif self._link is not None and now >= self._link.deadline:
            try:
                self._outgoing += self._link.tick(now)
            except Broken:
                self._lose("lost", now)
            else:
                self._flush(now)
        elif self._link is None and self._transport is not None and now >= self._connect_by:
            self._give_up_address(now)

    # -- connecting ------------------------------------------------------------------

    def _attempt(self) -> None:
        assert self._server is not None
        self._retry_at = None
        self._lookup += 1
        self._tell(Connecting())
        lookup = self._lookup

        def found(addresses: list[Address]) -> None:
            self._inbox.append((lookup, addresses))
            self._wake()

        resolve(self._server.host, self._server.port, found)

    def _next_address(self, now: float) -> None:
        while self._addresses:
            try:
                self._transport = TcpTransport(self._addresses.pop(0))
            except OSError as error:
                log.info("can't connect: %s", error)
                continue
            self._connect_by = now + CONNECT_TIMEOUT_S
            self._selector.register(self._transport.socket, selectors.EVENT_WRITE)
            return
        self._wait("unreachable", now, self._backoff.after_failure())

    def _give_up_address(self, now: float) -> None:
        self._close_transport()
        self._next_address(now)

    def _on_connected(self, now: float) -> None:
        self._link_number += 1
        self._linked_at = now
        self._is_greeted = False
        self._farewell, self._farewell_wait_s = "", 0.0
        self._link = Link(self._agent, now)
        self._outgoing += self._link.hello(now)
        self._flush(now)

    # -- linked ------------------------------------------------------------------------

    def _on_ready(self, mask: int, now: float) -> None:
        assert self._transport is not None
        if self._link is None:
            try:
                if not self._transport.connected():
                    return
            except OSError as error:
                log.info("can't connect: %s", error)
                self._give_up_address(now)
                return
            self._on_connected(now)
            return
        if mask & selectors.EVENT_WRITE:
            self._flush(now)
        if mask & selectors.EVENT_READ and self._link is not None:
            self._receive(now)

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
            self._lose(self._farewell or "lost", now)
            return
        try:
            for message in self._link.receive(data, now):
                self._on_message(message)
        except (ServerError, FrameTooLarge) as error:
            log.warning("this is no server that can be talked to: %s", error)
            self._lose("lost" if self._is_greeted else "not_rostrum", now)

    def _on_message(self, message: FromServer) -> None:
        if isinstance(message, Goodbye):
            self._farewell = message.code
            self._farewell_wait_s = message.retry_after_ms / 1000
        if isinstance(message, Welcome):
            self._is_greeted = True
            self._tell(Greeted(self._link_number, message))
            return
        if isinstance(message, Refused) and not self._is_greeted:
            self._farewell = message.code
            self._stop_talking()
        self._tell(Received(self._link_number, message))

    def _stop_talking(self) -> None:
        # A refused hello: nothing more can be said on this connection.
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.socket.shutdown(socket.SHUT_WR)

    def _flush(self, now: float) -> None:
        if self._transport is None:
            return
        try:
            while self._outgoing and (sent := self._transport.send(bytes(self._outgoing))):
                del self._outgoing[:sent]
        except OSError as error:
            # What the server said last may still be there to read; the end of
            # the stream follows it.
            log.info("the connection broke: %s", error)
            self._outgoing.clear()

    def _lose(self, reason: str, now: float) -> None:
        if reason == "lost" and not self._is_greeted:
            wait_s = self._backoff.after_failure()
        else:
            wait_s = self._backoff.after_break(now - self._linked_at, self._farewell_wait_s)
        self._close_transport()
        self._wait(reason, now, wait_s)

    def _wait(self, reason: str, now: float, wait_s: float) -> None:
        self._retry_at = now + wait_s
        self._tell(Lost(reason, self._retry_at))

    def _drop(self) -> None:
        """Forget whatever is going on."""
        self._lookup += 1
        self._retry_at = None
        self._addresses = []
        self._close_transport()

    def _close_transport(self) -> None:
        self._link = None
        self._outgoing.clear()
        if self._transport is not None:
            with contextlib.suppress(KeyError):
                self._selector.unregister(self._transport.socket)
            self._transport.close()
            self._transport = None

    def _update_interest(self) -> None:
        if self._transport is None:
            return
        wanted = 0
        if self._link is not None and self._events.qsize() <= MAX_WAITING_EVENTS:
            wanted |= selectors.EVENT_READ
        if self._outgoing or self._transport.wants_write:
            wanted |= selectors.EVENT_WRITE
        registered = self._selector.get_map().get(self._transport.socket)
        current = registered.events if registered else 0
        if wanted == current:
            return
        if not wanted:
            self._selector.unregister(self._transport.socket)
        elif not current:
            self._selector.register(self._transport.socket, wanted)
        else:
            self._selector.modify(self._transport.socket, wanted)

    def _tell(self, event: Event) -> None:
        self._events.put(event)
