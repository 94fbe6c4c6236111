"""A server that does what a test tells it, on a real socket."""

import socket
import time
from typing import Any, TypeVar

from app.net.backoff import BackoffPolicy
from app.net.events import Event
from app.net.service import NetworkService
from protocol.connection import ServerConnection
from protocol.messages import FromServer, Hello, Limits, Registration, Welcome, WireMessage

WAIT_S = 20.0

NEVER = BackoffPolicy(first_s=1e6, cap_s=1e6, stable_s=0.0)
"""A client that does not come back by itself."""

Kind = TypeVar("Kind", bound=WireMessage)


class Peer:
    """One connection, from the server's end."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.socket.settimeout(WAIT_S)
        self.connection = ServerConnection()

    def hear(self) -> object:
        """What the client says next; None: it has hung up."""
        while True:
            for message in self.connection.incoming():
                return message
            data = self.socket.recv(65536)
            if not data:
                return None
            self.connection.receive(data)

    def hear_a(self, kind: type[Kind]) -> Kind:
        message = self.hear()
        assert isinstance(message, kind), message
        return message

    def say(self, message: FromServer) -> None:
        self.socket.sendall(self.connection.send(message))

    def greet(self, room_id: bytes = bytes(16)) -> None:
        request = self.hear_a(Hello).request
        self.say(Welcome(request, 1, room_id, "Room", "", Registration.OPEN, 5, Limits()))

    def close(self) -> None:
        self.socket.close()


class ScriptedServer:
    """Listens on a port of its own; each connection is a Peer."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(WAIT_S)
        self.port: int = self._listener.getsockname()[1]
        self._peers: list[Peer] = []

    def accept(self) -> Peer:
        sock, _ = self._listener.accept()
        self._peers.append(Peer(sock))
        return self._peers[-1]

    def close(self) -> None:
        self._listener.close()
        for peer in self._peers:
            peer.close()


def expect(service: NetworkService, kind: type[Any]) -> Any:
    """The next event of this kind; others before it are passed over."""
    seen: list[Event] = []
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        for event in service.take(1, WAIT_S):
            seen.append(event)
            if isinstance(event, kind):
                return event
    raise AssertionError(f"no {kind.__name__} came, but {seen}")
