"""The running server: its parts made, connected, served and ended.

Threads, and who owns what:

    reactor   (the main thread) sockets, sessions, the room, timers
    writer    the store's write connection; groups posts into commits
    reader    the store's read connection
    janitor   a third one, for what nobody waits for
    hashers   passwords being hashed or verified; nothing else
    log       writes lines to standard error (server/operations/log_writer.py)
    health    answers HTTP from numbers that the reactor left, where it is on

The others hand their results to the reactor and touch nothing of it.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.codec import encode_from_server
from protocol.messages import Goodbye
from protocol.refusals import Farewell
from server.background.account_watcher import AccountWatcher, read_counts
from server.background.expiry import ExpiryScheduler
from server.background.receipt_tracker import ReceiptTracker
from server.certificates import load_identity, make_certificate
from server.domain.errors import StorageUnavailable
from server.domain.room import Room
from server.domain.user import Action
from server.join_codes import join_code
from server.operations.lock import DataFolderLock
from server.operations.metrics import Metrics, Snapshot
from server.operations.open_files import within_open_files
from server.operations.stopping import StopSignals
from server.passwords import PasswordPool
from server.sessions.admission import Admission
from server.sessions.context import Context
from server.sessions.guesses import SignInGuard
from server.sessions.handlers import HANDLERS
from server.sessions.session import Session
from server.settings import Settings, SettingsError
from server.storage.executor import StoreExecutor
from server.storage.sqlite import open_store, require_sound, seal
from server.transport.reactor import Reactor
from server.transport.streams import LINGER_S, Listener, Stream
from server.transport.tls import TlsStream

if TYPE_CHECKING:
    from server.operations.health import HealthServer

log = logging.getLogger(__name__)

PRESENCE_EVERY_S = 1.0
"""How often the number online is told at most, whatever comes and goes."""

STOPPING_RETRY_MS = 1000
FULL_RETRY_MS = 30_000

MAX_PLACES = 10_000
"""How many sessions are looked at, at the start, for where people are known."""

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
        self._presence_is_due = False
        self._metrics = Metrics()
        deliver = self._reactor.call_soon_threadsafe
        # The first store upgrades the room if need be; the threads open theirs.
        with open_store(data_dir) as store:
            head, counts = store.audit.head(), read_counts(store)
            room = Room(
                store.history.head(),
                counts.members,
                self._presence_changed,
                store.history.pinned(),
            )
            room_id = store.room_id
            sign_ins = SignInGuard(store.sessions.places(MAX_PLACES))
        self._listener = Listener(self._reactor, settings.host, settings.port, self._on_connection)
        # Before any thread is there to be ended, should its port be taken.
        self._health = self._open_health() if settings.metrics_port else None
        self._storage = StoreExecutor(lambda: open_store(data_dir), deliver, self._metrics.wrote)
        self._passwords = PasswordPool(
            workers=os.cpu_count() or 1, max_waiting=settings.max_hashes_waiting, deliver=deliver
        )
        account_watcher = AccountWatcher(
            self._reactor,
            self._storage,
            head,
            counts,
            followers=lambda: self._sessions,
            on_members=self._members_changed,
        )
        self._room = room
        self._receipt_tracker = ReceiptTracker(
            self._reactor,
            self._storage,
            room,
            self._administrators,
            lambda: self._context.now_ms(),
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
            account_watcher,
            self._receipt_tracker,
            self._join_code,
            self._live_digests,
            sign_ins,
            metrics=self._metrics,
        )
        if self._health is not None:
            self._health.start()

        self._expiry = ExpiryScheduler(
            self._reactor, self._storage, room, lambda: self._context.now_ms()
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
        if self._health is not None:
            self._health.close()
        self._listener.close()
        self._context.account_watcher.close()
        self._expiry.close()
        for session in self._sessions:
            if session.user is not None:
                self._receipt_tracker.person_left(session.user.id)
        self._receipt_tracker.close()
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

    def stop(self, why: str) -> None:
        """Leave `run`. On the reactor's thread, or by `stop_threadsafe`."""
        log.info("stopping (%s)", why)
        self._reactor.stop()

    def stop_threadsafe(self, why: str = "asked to") -> None:
        """Leave `run`; from any thread and from a signal handler."""
        self._reactor.call_soon_threadsafe(lambda: self.stop(why))

    @property
    def wake_socket(self) -> int:
        """The descriptor of what wakes the reactor by any byte."""
        return self._reactor.wake_socket.fileno()

    # -- on the reactor --------------------------------------------------------

    def _on_connection(self, sock: socket.socket, host: str, port: int) -> None:
        refusal = self._admission.refusal(host)
        if refusal is not None:
            self._metrics.turned_away[refusal.value] += 1
            self._turn_away(sock, refusal)
            return
        self._metrics.connections += 1
        number = self._metrics.connections
        stream = self._stream(sock)
        session = Session(self._context, HANDLERS, stream, number, host, self._on_ended)
        session.log.info("connected from %s port %d", host, port)
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
        stream.write(encode_from_server(Goodbye(why, FULL_RETRY_MS)))
        stream.finish()

    def _join_code(self, invite: bytes) -> str:
        fingerprint = self._identity.fingerprint if self._identity is not None else b""
        return join_code(self._settings, self.port, fingerprint, invite)

    def _administrators(self) -> list[Session]:
        return [
            session
            for session in self._sessions
            if session.user is not None and session.user.may(Action.POST)
        ]

    def _members_changed(self, members: int) -> None:
        self._room.set_members(members)
        self._receipt_tracker.counts_changed()

    def _live_digests(self, user_id: int) -> frozenset[bytes]:
        return frozenset(
            session.token_digest
            for session in self._sessions
            if session.user is not None and session.user.id == user_id
        )

    def _open_health(self) -> "HealthServer":
        # It takes a library that a server without it need not load.
        from server.operations.health import HealthServer, Monitor

        monitor = Monitor(self._reactor, self._look, self._try_writing, self._metrics)
        try:
            return HealthServer(self._settings.metrics_port, monitor)
        except OSError as error:
            self._listener.close()
            why = error.strerror or str(error)
            raise SettingsError(f"metrics_port = {self._settings.metrics_port}: {why}") from None

    def _look(self) -> Snapshot:
        room = self._context.room
        return Snapshot(
            at=time.monotonic(),
            posts=room.posts,
            deliveries=room.deliveries,
            sign_ins_refused=self._context.sign_ins.wrong,
            connections=len(self._sessions),
            signed_in=room.connections,
            people_online=room.presence.online,
            members=room.presence.members,
            messages=room.head.id,
            send_queue_bytes=sum(session.pending_bytes for session in self._sessions),
            writes_waiting=self._storage.writes_waiting,
            reads_waiting=self._storage.reads_waiting,
            hashes_waiting=self._passwords.waiting,
        )

    def _try_writing(self) -> None:
        # Whether it works is told by the storage thread (`Metrics.wrote`).
        self._storage.write(lambda store: store.try_writing())

    def _presence_changed(self) -> None:
        if not self._presence_is_due:
            self._presence_is_due = True
            self._reactor.call_later(PRESENCE_EVERY_S, self._announce_presence)

    def _announce_presence(self) -> None:
        self._presence_is_due = False
        self._context.room.announce_presence()


def serve(settings: Settings, data_dir: Path, announce: Callable[[str, int], None]) -> None:
    """Serve the room in this folder until a signal says stop.

    `announce(host, port)` is called once clients can connect.
    Raises AlreadyServing, OSError (the port), and what opening the store raises.
    """
    with DataFolderLock(data_dir):
        if settings.tls and not settings.tls_certificate:
            make_certificate(data_dir, settings.room_name)  # a room of before there was TLS
        require_sound(data_dir)
        # Before the port is open: from then on people may be here.
        signals = StopSignals()
        service = Service(within_open_files(settings), data_dir)
        signals.hand_to(service.stop_threadsafe, service.wake_socket)
        announce(settings.host, service.port)
        try:
            service.run()
        finally:
            signals.forget()
        _scrub(data_dir)
        seal(data_dir)
        log.info("stopped")


def _scrub(data_dir: Path) -> None:
    try:
        with open_store(data_dir) as store:
            store.scrubber.finish()
    except StorageUnavailable as error:
        log.warning("what was withdrawn is not gone from the files yet: %s", error)
