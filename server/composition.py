"""Make the parts of a server, connect them, and serve a room with them."""

import gc
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.limits import MAX_OWN_RECEIPTS
from protocol.messages import OwnReceipt
from server.background.account_watcher import AccountWatcher, read_counts
from server.background.expiry import ExpiryScheduler
from server.background.indexing import IndexingScheduler
from server.background.presence import PresenceAnnouncer
from server.background.receipt_tracker import ReceiptTracker
from server.background.retention import RetentionScheduler
from server.background.scheduled_posts import ScheduledPosts
from server.certificates import load_identity, make_certificate
from server.clock import SYSTEM, Clock
from server.domain.errors import StorageUnavailable
from server.domain.messages.attachments import UNUSED_KEPT_MS
from server.domain.room import Room
from server.join_codes import join_code
from server.operations.lock import DataFolderLock
from server.operations.metrics import Metrics, Snapshot
from server.operations.open_files import within_open_files
from server.operations.stopping import StopSignals
from server.passwords import PasswordPool
from server.service import Service
from server.sessions.admission import Admission
from server.sessions.catching_up import CatchUps
from server.sessions.connections import Connections
from server.sessions.context import Context
from server.sessions.guesses import SignInGuard
from server.sessions.handlers import HANDLERS
from server.sessions.session import Session
from server.settings import Settings, SettingsError
from server.storage.batches import Batch
from server.storage.executor import StoreExecutor
from server.storage.sqlite import open_store, require_sound, seal
from server.transport.reactor import Reactor
from server.transport.streams import Listener, Stream
from server.transport.tls import TlsStream

if TYPE_CHECKING:
    from server.operations.health import HealthServer

log = logging.getLogger(__name__)

GARBAGE_LOOKED_FOR_AFTER = 50_000
"""Objects, net, that are made between two looks for cycles of garbage."""

MAX_PLACES = 10_000
"""How many sessions are looked at, at the start, for where people are known."""


def compose(settings: Settings, data_dir: Path, clock: Clock = SYSTEM) -> Service:
    """Open the room, start to listen, and return what serves it.

    Raises OSError if the port can't be had, SettingsError if that of the metrics
    can't, CertificateError, and what opening the store raises.

    Some parts know each other; what is made first is given a function that names
    what is made later, and calls it only once all are there.
    """
    identity = load_identity(settings, data_dir)
    reactor, metrics, admission = Reactor(clock), Metrics(), Admission(settings)
    deliver = reactor.call_soon_threadsafe

    def new_stream(sock: socket.socket) -> Stream:
        if identity is None:
            return Stream(reactor, sock)
        return TlsStream(reactor, sock, identity.context)

    def new_session(
        stream: Stream, number: int, address: str, on_ended: Callable[[Session], None]
    ) -> Session:
        return Session(context, HANDLERS, stream, number, address, on_ended)

    def code_for(invite: bytes) -> str:
        fingerprint = identity.fingerprint if identity is not None else b""
        return join_code(settings, listener.port, fingerprint, invite)

    def on_members(members: int) -> None:
        room.set_members(members)
        receipt_tracker.counts_changed()

    def take_snapshot() -> Snapshot:
        return Snapshot(
            at=clock.monotonic_s(),
            posts=room.posts,
            deliveries=room.deliveries,
            sign_ins_refused=context.sign_ins.wrong,
            connections=len(connections),
            signed_in=room.connections,
            people_online=room.presence.online,
            members=room.presence.members,
            messages=room.head.id,
            send_queue_bytes=connections.pending_bytes(),
            writes_waiting=storage.writes_waiting,
            reads_waiting=storage.reads_waiting,
            hashes_waiting=passwords.waiting,
        )

    def probe() -> None:
        # Whether it works is told by the storage thread (`Metrics.wrote`).
        storage.write(lambda store: store.try_writing())

    connections = Connections(admission, metrics, new_stream, new_session, reactor.hurry)
    presence = PresenceAnnouncer(
        reactor, lambda: room.announce_presence(), lambda: room.connections
    )
    # The first store upgrades the room if need be; the threads open theirs.
    with open_store(data_dir) as store:
        audit_head, counts = store.audit.head(), read_counts(store)
        head, pinned = store.history.head(), store.history.pinned()
        templates, upcoming = store.templates.all(), store.schedule.upcoming()
        kept_from_id = store.retention.kept_from_id()
        room_id = store.room_id
        sign_ins = SignInGuard(store.sessions.places(MAX_PLACES))
    room = Room(
        head,
        counts.members,
        presence.on_changed,
        reactor,
        lambda: storage.is_writing,
        pinned,
        templates,
        upcoming,
        kept_from_id,
    )
    listener = Listener(reactor, settings.host, settings.port, connections.accept)
    # Before any thread is there to be ended, should its port be taken.
    health = None
    if settings.metrics_port:
        health = _open_health(
            settings.metrics_port, reactor, listener, take_snapshot, probe, metrics, clock
        )
    storage = StoreExecutor(
        lambda: open_store(data_dir), deliver, clock, metrics.wrote, reactor.before_waiting
    )
    workers = os.cpu_count() or 1
    passwords = PasswordPool(workers, settings.max_hashes_waiting, deliver)
    account_watcher = AccountWatcher(
        reactor, storage, audit_head, counts, followers=lambda: connections, on_members=on_members
    )
    own_receipts: Batch[int, list[OwnReceipt]] = Batch(
        storage,
        reactor.before_waiting,
        lambda store, user_ids: store.receipts.own_receipts(user_ids, MAX_OWN_RECEIPTS),
    )
    receipt_tracker = ReceiptTracker(reactor, storage, room, own_receipts, clock)
    context = Context(
        settings=settings,
        reactor=reactor,
        storage=storage,
        holders=Batch(
            storage,
            reactor.before_waiting,
            lambda store, digests: store.sessions.holders(digests),
        ),
        catch_ups=CatchUps(storage, reactor.before_waiting),
        passwords=passwords,
        room=room,
        room_id=room_id,
        admission=admission,
        account_watcher=account_watcher,
        receipt_tracker=receipt_tracker,
        join_code=code_for,
        live_digests=connections.live_digests,
        sign_ins=sign_ins,
        metrics=metrics,
        clock=clock,
    )
    background = (
        ExpiryScheduler(reactor, storage, room, clock),
        ScheduledPosts(reactor, storage, room, receipt_tracker, clock),
        RetentionScheduler(reactor, storage, room, clock, settings.keep_days),
        IndexingScheduler(reactor, storage, room),
    )
    if health is not None:
        health.start()
    return Service(
        reactor,
        listener,
        identity,
        connections,
        storage,
        passwords,
        metrics,
        context,
        background,
        health,
    )


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
        service = compose(within_open_files(settings), data_dir)
        signals.hand_to(service.stop_threadsafe, service.wake_socket)
        _collect_seldom()
        announce(settings.host, service.port)
        try:
            service.run()
        finally:
            signals.forget()
        _scrub(data_dir)
        seal(data_dir)
        log.info("stopped")


def _collect_seldom() -> None:
    """Look for cycles of garbage seldom, and not among what was made until now: a server
    makes next to none, and going through ten thousand sessions each time takes a tenth of
    the time in which they sign in (docs/performance.md)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_LOOKED_FOR_AFTER, 10, 10)


def _open_health(
    port: int,
    reactor: Reactor,
    listener: Listener,
    take_snapshot: Callable[[], Snapshot],
    probe: Callable[[], None],
    metrics: Metrics,
    clock: Clock,
) -> "HealthServer":
    # It takes a library that a server without it need not load.
    from server.operations.health import HealthServer, Monitor

    try:
        return HealthServer(port, Monitor(reactor, take_snapshot, probe, metrics, clock))
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise SettingsError(f"metrics_port = {port}: {reason}") from None


def _scrub(data_dir: Path) -> None:
    try:
        with open_store(data_dir) as store:
            store.scrubber.finish()
            store.attachments.tidy(SYSTEM.now_ms() - UNUSED_KEPT_MS)
    except StorageUnavailable as error:
        log.warning("what was withdrawn is not gone from the files yet: %s", error)
