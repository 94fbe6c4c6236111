"""A network between client and server that can be cut at a given byte."""

import contextlib
import queue
import selectors
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

FOREVER = 2**62
CHUNK = 65536


@dataclass
class Way:
    """One direction of a connection."""

    source: socket.socket
    target: socket.socket
    passed: str
    """The counter of the proxy that counts its bytes."""
    left: int
    """So many bytes, and then the connection is cut."""


class Proxy:
    """Passes bytes on between clients and one server, counting them.

    `cut_next(up, down)` lets the next connection live until so many bytes went
    up to the server or down to the client, then breaks it. Later ones live.
    All sockets are one thread's; the others send it what is to be done.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._waker, self._wake = socket.socketpair()
        self._selector.register(self._waker, selectors.EVENT_READ, self._obey)
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._limits = (FOREVER, FOREVER)
        self._partners: dict[socket.socket, socket.socket] = {}
        self._running = True
        self.port: int = self._listener.getsockname()[1]
        self.passed_up = 0
        self.passed_down = 0
        self._thread = threading.Thread(target=self._run, name="proxy")
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._order(self._stop)
        self._thread.join()

    def cut_next(self, up: int = FOREVER, down: int = FOREVER) -> None:
        """Break what is open, and the next connection after so many bytes."""

        def cut() -> None:
            self._limits = (up, down)
            self._break_all()

        self._order(cut)

    def break_all(self) -> None:
        """Cut every connection that is open now."""
        self._order(self._break_all)

    # -- the proxy's own thread ----------------------------------------------------

    def _run(self) -> None:
        while self._running:
            for key, _ in self._selector.select():
                assert isinstance(key.fileobj, socket.socket)
                if key.fileobj.fileno() >= 0:  # not closed by the one before
                    key.data()
        self._break_all()
        for sock in (self._listener, self._waker, self._wake):
            sock.close()
        self._selector.close()

    def _order(self, command: Callable[[], None]) -> None:
        self._commands.put(command)
        self._wake.send(b"\0")

    def _obey(self) -> None:
        self._waker.recv(1)
        self._commands.get()()

    def _stop(self) -> None:
        self._running = False

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        (up, down), self._limits = self._limits, (FOREVER, FOREVER)
        self.passed_up = self.passed_down = 0
        try:
            server = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:
            client.close()
            return
        self._partners |= {client: server, server: client}
        ways = (Way(client, server, "passed_up", up), Way(server, client, "passed_down", down))
        for way in ways:
            self._selector.register(
                way.source, selectors.EVENT_READ, lambda way=way: self._pass(way)
            )
            if way.left <= 0:
                self._break(way.source)
                return

    def _pass(self, way: Way) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = way.source.recv(min(CHUNK, way.left))
            way.target.sendall(data)
        way.left -= len(data)
        setattr(self, way.passed, getattr(self, way.passed) + len(data))
        if not data or way.left <= 0:
            self._break(way.source)

    def _break_all(self) -> None:
        for sock in list(self._partners):
            if sock in self._partners:
                self._break(sock)

    def _break(self, sock: socket.socket) -> None:
        partner = self._partners.pop(sock)
        del self._partners[partner]
        for end in (sock, partner):
            with contextlib.suppress(KeyError):
                self._selector.unregister(end)
            end.close()
