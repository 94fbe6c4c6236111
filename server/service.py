"""Serve a room: the running loop, and the order in which its parts end.

Threads, and who owns what:

    reactor   (the main thread) sockets, sessions, the room, timers
    writer    the store's write connection; groups posts into commits
    reader    the store's read connection
    janitor   a third one, for what nobody waits for
    hashers   passwords being hashed or verified; nothing else
    log       writes lines to standard error (server/operations/log_writer.py)
    health    answers HTTP from numbers that the reactor left, where it is on

The others hand their outcomes to the reactor and touch nothing of it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from protocol.refusals import Farewell
from server.certificates import Identity
from server.operations.metrics import Metrics
from server.passwords import PasswordPool
from server.sessions.connections import Connections
from server.sessions.context import Context
from server.storage.executor import StoreExecutor
from server.transport.reactor import Reactor
from server.transport.streams import LINGER_S, Listener

if TYPE_CHECKING:
    from server.operations.health import HealthServer

log = logging.getLogger(__name__)

STOPPING_RETRY_MS = 1000


class Background(Protocol):
    """What happens by itself."""

    def close(self) -> None:
        """Leave the rest to the next start."""


@dataclass(frozen=True)
class Service:
    """One room, served: the parts that `server.composition.compose` has made.

    Everything runs on one thread, but for `stop_threadsafe`. `identity` is None
    where TLS is off, `health` where nothing is told.
    """

    reactor: Reactor
    listener: Listener
    identity: Identity | None
    connections: Connections
    storage: StoreExecutor
    passwords: PasswordPool
    metrics: Metrics
    context: Context
    background: Sequence[Background]
    health: "HealthServer | None"

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return self.listener.port

    @property
    def wake_socket(self) -> int:
        """The descriptor of what wakes the reactor by any byte."""
        return self.reactor.wake_socket.fileno()

    def run(self) -> None:
        """Serve until `stop`, then end as a good host does: nobody new, what
        was posted is stored and confirmed, everybody is told, all is closed."""
        if self.identity is not None:
            self.identity.watch()
        self.reactor.run()
        self._end()

    def stop(self, reason: str) -> None:
        """Leave `run`. On the reactor's thread, or by `stop_threadsafe`."""
        log.info("stopping (%s)", reason)
        self.reactor.stop()

    def stop_threadsafe(self, reason: str = "asked to") -> None:
        """Leave `run`; from any thread and from a signal handler."""
        self.reactor.call_soon_threadsafe(lambda: self.stop(reason))

    def _end(self) -> None:
        if self.health is not None:
            self.health.close()
        self.listener.close()
        self.context.account_watcher.close()
        for one in self.background:
            one.close()
        for session in self.connections:
            if session.user is not None:
                self.context.receipt_tracker.person_left(session.user.id)
        self.context.receipt_tracker.close()
        # What is on its way to the disk gets there; its answers are handed to
        # the reactor, and the next turn sends them.
        self.passwords.close()
        self.storage.close()
        self.reactor.turn(0)
        self.context.room.finish()
        for session in self.connections:
            session.goodbye(Farewell.SERVER_STOPPING, STOPPING_RETRY_MS)
        deadline = self.reactor.now + LINGER_S
        while self.connections.is_anybody_left and (left_s := deadline - self.reactor.now) > 0:
            self.reactor.turn(left_s)
        self.reactor.close()
        if self.identity is not None:
            self.identity.close()
