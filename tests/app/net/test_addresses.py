"""A name with several addresses is tried to the end, whatever speaks there."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.net import tls
from app.net.commands import Connect
from app.net.events import Event, Greeted, Lost, Untrusted
from app.net.service import NetworkService
from server import settings
from server.certificates import CERTIFICATE_NAME, KEY_NAME, fingerprint_of
from server.setup import make_room
from tests.app.net.scripted import NEVER, ScriptedServer, expect
from tests.support.running import ROOM, running
from tests.support.server_process import claimed_port

HOST = "several.example"


class Speaker:
    """Something that takes each connection and says this, inside TLS with the
    certificate of that folder, if there is one; then it hangs up."""

    def __init__(self, words: bytes = b"", folder: Path | None = None) -> None:
        self._words = words
        self._context = None
        if folder is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(folder / CERTIFICATE_NAME, folder / KEY_NAME)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._closed = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        # Whoever waits in accept() is woken on every system by a connection.
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join(20)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._closed:
                sock.close()
                return
            self.connections += 1
            sock.settimeout(10)
            try:
                if self._context is not None:
                    sock = self._context.wrap_socket(sock, server_side=True)
                sock.sendall(self._words)
                sock.recv(4096)
            except OSError:
                pass
            finally:
                sock.close()


def room(folder: Path) -> Path:
    make_room(folder, ROOM, "alice", "Amelia Hart", "a long enough password")
    return folder


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return room(tmp_path / "ours")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """The folder of somebody else's room."""
    return room(tmp_path / "theirs")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


Dial = Callable[..., NetworkService]


@pytest.fixture
def dial(monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> Dial:
    """A service that looks for the server at these ports, in this order."""

    def dial(*ports: int, pin: bytes = b"", is_plain: bool = False) -> NetworkService:
        found = [(socket.AF_INET, ("127.0.0.1", port)) for port in ports]
        monkeypatch.setattr("app.net.dialer.resolve", lambda _host, _port, done: done([*found]))
        service = NetworkService(NEVER, "test")
        service.start()
        stack.callback(service.stop)
        service.command(Connect(1, HOST, 1, is_plain, pin))
        return service

    return dial


def speaker(stack: ExitStack, words: bytes = b"", folder: Path | None = None) -> Speaker:
    made = Speaker(words, folder)
    stack.callback(made.close)
    return made


def nobody(stack: ExitStack) -> int:
    """A port on which nobody listens, nor will."""
    return stack.enter_context(claimed_port())


@pytest.mark.parametrize("words", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_what_speaks_something_else_is_passed_by(
    words: bytes, stack: ExitStack, dial: Dial
) -> None:
    other, server = speaker(stack, words), ScriptedServer()
    stack.callback(server.close)
    service = dial(other.port, server.port, is_plain=True)
    server.accept().greet()
    expect(service, Greeted)
    assert other.connections == 1


def test_another_certificate_and_no_tls_are_passed_by(
    ours: Path, theirs: Path, stack: ExitStack, dial: Dial
) -> None:
    with running(ours, settings.load(ours, {}, {"port": 0})) as server:
        others = [
            speaker(stack, folder=theirs),
            speaker(stack, b"SSH-2.0-OpenSSH_9.2\r\n"),
            speaker(stack, b"HTTP/1.1 400 Bad Request\r\n\r\n", ours),
        ]
        pin = fingerprint_of(ours / CERTIFICATE_NAME)
        service = dial(*(other.port for other in others), nobody(stack), server.port, pin=pin)
        expect(service, Greeted)
        assert [other.connections for other in others] == [1, 1, 1]
        service.stop()


def test_a_certificate_that_the_system_knows_is_found_behind_one_that_it_does_not(
    ours: Path, theirs: Path, stack: ExitStack, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(cafile=str(ours / CERTIFICATE_NAME))
    context.check_hostname = False
    monkeypatch.setattr(tls, "_verifying", lambda: context)
    with running(ours, settings.load(ours, {}, {"port": 0})) as server:
        service = dial(speaker(stack, folder=theirs).port, server.port)
        expect(service, Greeted)
        service.stop()


def told(service: NetworkService) -> Event:
    """How the attempt ended."""
    while True:
        for event in service.take(1, 20.0):
            if isinstance(event, Greeted | Lost | Untrusted):
                return event


def test_where_none_is_the_server_a_changed_certificate_is_told_of_first(
    ours: Path, theirs: Path, stack: ExitStack, dial: Dial
) -> None:
    ports = [speaker(stack).port, speaker(stack, folder=theirs).port, nobody(stack)]
    event = told(dial(*ports, pin=fingerprint_of(ours / CERTIFICATE_NAME)))
    assert event == Untrusted(1, fingerprint_of(theirs / CERTIFICATE_NAME))


def test_of_what_nobody_knows_the_first_is_shown(
    ours: Path, theirs: Path, stack: ExitStack, dial: Dial
) -> None:
    ports = [nobody(stack), *(speaker(stack, folder=folder).port for folder in (theirs, ours))]
    assert told(dial(*ports)) == Untrusted(1, fingerprint_of(theirs / CERTIFICATE_NAME))


@pytest.mark.parametrize(
    ("words", "is_plain", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True, "not_rostrum"),
        (b"", True, "lost"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", False, "no_tls"),
    ],
)
def test_the_most_telling_reason_is_told(
    words: bytes, is_plain: bool, reason: str, stack: ExitStack, dial: Dial
) -> None:
    ports = [nobody(stack), speaker(stack, words).port, nobody(stack)]
    event = told(dial(*ports, pin=bytes(32), is_plain=is_plain))
    assert isinstance(event, Lost) and event.reason == reason
