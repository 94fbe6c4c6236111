"""The running server: its parts made, connected, served and ended.

Threads, and who owns what:

    reactor   (the main thread) sockets, sessions, the room, timers
    writer    the store's write connection; groups posts into commits
    reader    the store's read connection
    hashers   passwords being hashed or verified; nothing else

The others hand their results to the reactor and touch nothing of it.
"""

import logging
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from protocol.codec import encode
from protocol.messages import Goodbye
from protocol.refusals import Farewell
from server.admission import Admission
from server.context import Context
from server.handlers import HANDLERS
from server.joincodes import join_code
from server.lock import DataFolderLock
from server.passwords import PasswordPool
from server.reactor import Reactor
from server.room import Room
from server.session import Session
from server.settings import Settings
from server.storage.sqlite import open_store
from server.storage.thread import StorageThread
from server.streams import LINGER_S, Listener, Stream
from server.tls import TlsStream, load_identity, make_certificate
from server.watch import AccountWatch, read_numbers

log = logging.getLogger(__name__)

PRESENCE_EVERY_S = 1.0
"""How often the number online is told at most, whatever comes and goes."""

STOPPING_RETRY_MS = 1000
FULL_RETRY_MS = 30_000

MAX_TURNED_AWAY = 8
"""How many peers may be told at once that they can't come in; more are closed
without a word. Part of what select() leaves over (server/settings.py)."""


class Service:
    """One room, served. Everything but the constructor runs on one thread."""

    def __init__(self, settings: Settings, data_dir: Path) -> None:
        """Opens the room and starts to listen. Raises OSError if the port
        can't be had, CertificateError, and what opening the store raises."""
        self._settings = settings
        self._identity = load_identity(settings, data_dir)
        self._reactor = Reactor()
        self._sessions: set[Session] = set()
        self._turned_away = 0
        self._connections = 0
        self._presence_is_due = False
        self._stopping = False
        deliver = self._reactor.call_soon_threadsafe
        # The first store upgrades the room if need be; the threads open theirs.
        with open_store(data_dir) as store:
            head, numbers = store.audit.head(), read_numbers(store)
            room = Room(store.history.head(), numbers.members, self._presence_changed)
            room_id = store.room_id
        self._listener = Listener(self._reactor, settings.host, settings.port, self._on_connection)
        self._storage = StorageThread(lambda: open_store(data_dir), deliver)
        self._passwords = PasswordPool(
            workers=os.cpu_count() or 1, max_waiting=settings.max_hashes_waiting, deliver=deliver
        )
        watch = AccountWatch(
            self._reactor,
            self._storage,
            head,
            numbers,
            followers=lambda: self._sessions,
            on_members=room.set_members,
        )
        self._admission = Admission(settings)
        self._context = Context(
            settings,
            self._reactor,
            self._storage,
            self._passwords,
            room,
            room_id,
            self._admission,
            watch,
            self._join_code,
            self._live_digests,
        )

    @property
    def port(self) -> int:
        return self._listener.port

    def run(self) -> None:
        """Serve until `stop`, then end as a good host does: nobody new, what
        was posted is stored and confirmed, everybody is told, all is closed."""
        if self._identity is not None:
            self._identity.watch()
        self._reactor.run()
        self._listener.close()
        self._context.watch.close()
        # What is on its way to the disk gets there; its answers are handed to
        # the reactor, and the next turn sends them.
        self._passwords.close()
        self._storage.close()
        self._reactor.turn(0)
        for session in list(self._sessions):
            session.goodbye(Farewell.SERVER_STOPPING, STOPPING_RETRY_MS)
        deadline = self._reactor.now + LINGER_S
        while self._sessions and (left_s := deadline - self._reactor.now) > 0:
            self._reactor.turn(left_s)
        self._reactor.close()
        if self._identity is not None:
            self._identity.close()

    def stop(self) -> None:
        """Leave `run`. On the reactor's thread, or by `stop_threadsafe`."""
        self._reactor.stop()

    def stop_threadsafe(self) -> None:
        """Leave `run`; from any thread and from a signal handler."""
        self._reactor.call_soon_threadsafe(self.stop)

    def wake_on_signals(self) -> None:
        """Let SIGINT, SIGTERM and Windows' Ctrl+Break stop the service. The
        handlers need the wake-up socket, because select() on Windows is not
        interrupted by a signal. Main thread only."""
        signal.set_wakeup_fd(self._reactor.wake_socket.fileno(), warn_on_full_buffer=False)

        def handle(number: int, _frame: FrameType | None) -> None:
            if self._stopping:
                raise KeyboardInterrupt
            self._stopping = True
            log.info("stopping (%s)", signal.Signals(number).name)
            self.stop_threadsafe()

        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), handle)

    # -- on the reactor --------------------------------------------------------

    def _on_connection(self, sock: socket.socket, host: str, port: int) -> None:
        refusal = self._admission.refusal(host)
        if refusal is not None:
            self._turn_away(sock, refusal)
            return
        self._connections += 1
        stream = self._stream(sock)
        name = f"#{self._connections}"
        log.info("%s: connected from %s port %d", name, host, port)
        session = Session(self._context, HANDLERS, stream, name, host, self._on_ended)
        self._sessions.add(session)
        self._admission.entered(session)

    def _on_ended(self, session: Session) -> None:
        self._sessions.discard(session)
        self._admission.left(session)

    def _stream(self, sock: socket.socket) -> Stream:
        if self._identity is None:
            return Stream(self._reactor, sock)
        return TlsStream(self._reactor, sock, self._identity.context)

    def _turn_away(self, sock: socket.socket, why: Farewell) -> None:
        if self._turned_away >= MAX_TURNED_AWAY:
            sock.close()
            return
        self._turned_away += 1
        stream = self._stream(sock)

        def gone(_reason: str) -> None:
            self._turned_away -= 1

        stream.on_closed = gone
        stream.write(encode(Goodbye(why, FULL_RETRY_MS)))
        stream.finish()

    def _join_code(self, invite: bytes) -> str:
        fingerprint = self._identity.fingerprint if self._identity is not None else b""
        return join_code(self._settings, self.port, fingerprint, invite)

    def _live_digests(self, user_id: int) -> frozenset[bytes]:
        return frozenset(
            session.token_digest
            for session in self._sessions
            if session.user is not None and session.user.id == user_id
        )

    def _presence_changed(self) -> None:
        if not self._presence_is_due:
            self._presence_is_due = True
            self._reactor.call_later(PRESENCE_EVERY_S, self._announce_presence)

    def _announce_presence(self) -> None:
        self._presence_is_due = False
        self._context.room.announce_presence()


def _print(line: str) -> None:
    print(line, flush=True)


def serve(settings: Settings, data_dir: Path, announce: Callable[[str], None] = _print) -> None:
    """Serve the room in this folder until a signal says stop.

    `announce` gets one line with the address once clients can connect.
    Raises AlreadyServing, OSError (the port), and what opening the store raises.
    """
    with DataFolderLock(data_dir):
        if settings.tls and not settings.tls_certificate:
            make_certificate(data_dir, settings.room_name)  # a room of before there was TLS
        service = Service(settings, data_dir)
        service.wake_on_signals()
        announce(f"Rostrum is listening on {settings.host}:{service.port}")
        service.run()
        log.info("stopped")
