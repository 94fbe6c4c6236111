"""A network between client and server that can be cut at a given byte."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

FOREVER = 2**62


class Proxy:
    """Passes bytes on between clients and one server, counting them.

    `cut_next(up, down)` lets the next connection live until so many bytes went
    up to the server or down to the client, then breaks it hard. Later ones live.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._limits = (FOREVER, FOREVER)
        self._open: set[socket.socket] = set()
        self.port: int = self._listener.getsockname()[1]
        self.passed_up = 0
        self.passed_down = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self.break_all()

    def cut_next(self, up: int = FOREVER, down: int = FOREVER) -> None:
        """Break what is open, and the next connection after so many bytes."""
        with self._lock:
            self._limits = (up, down)
        self.break_all()

    def break_all(self) -> None:
        """Cut every connection that is open now."""
        with self._lock:
            sockets = list(self._open)
        for sock in sockets:
            _break(sock)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                (up, down), self._limits = self._limits, (FOREVER, FOREVER)
                self.passed_up = self.passed_down = 0
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            for source, target, limit, name in (
                (client, server, up, "passed_up"),
                (server, client, down, "passed_down"),
            ):
                threading.Thread(
                    target=self._pass, args=(source, target, limit, name), daemon=True
                ).start()

    def _pass(self, source: socket.socket, target: socket.socket, limit: int, name: str) -> None:
        left = limit
        try:
            while left > 0 and (data := source.recv(min(65536, left))):
                target.sendall(data)
                left -= len(data)
                with self._lock:
                    setattr(self, name, getattr(self, name) + len(data))
        except OSError:
            pass
        for sock in (source, target):
            _break(sock)
            with self._lock:
                self._open.discard(sock)


def _break(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
