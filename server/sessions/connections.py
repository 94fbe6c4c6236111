"""Keep the connections: take them in, turn them away, know who is on which.

Used from the reactor's thread only.
"""

import socket
from collections.abc import Callable, Iterator

from protocol.codec import encode_from_server
from protocol.messages import Goodbye
from protocol.refusals import Farewell
from server.operations.metrics import Metrics
from server.sessions.admission import Admission
from server.sessions.session import Session
from server.transport.streams import Stream

FULL_RETRY_MS = 30_000

MAX_TURNED_AWAY = 8
"""How many peers may be told at once that they can't come in; more are closed
without a word. Part of what select() leaves over (server/settings.py)."""

NewSession = Callable[[Stream, int, str, Callable[[Session], None]], Session]
"""Makes a session of a stream, its number, the peer's IP address, and what it calls
when it is over."""


class Connections:
    """Everybody who is connected, signed in or not. `new_stream` makes a stream of a
    socket that was accepted; `forget_the_ended` sees to it that those whose connections
    have ended are counted no more."""

    def __init__(
        self,
        admission: Admission,
        metrics: Metrics,
        new_stream: Callable[[socket.socket], Stream],
        new_session: NewSession,
        forget_the_ended: Callable[[], None],
    ) -> None:
        self._admission = admission
        self._metrics = metrics
        self._new_stream = new_stream
        self._new_session = new_session
        self._forget_the_ended = forget_the_ended
        self._sessions: set[Session] = set()
        self._turned_away: set[Stream] = set()

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def is_anybody_left(self) -> bool:
        """Whether a socket is still open, be it of one who was turned away."""
        return bool(self._sessions or self._turned_away)

    def __iter__(self) -> Iterator[Session]:
        """Go over the sessions as they are now, whatever ends meanwhile."""
        return iter(list(self._sessions))

    def accept(self, sock: socket.socket, host: str, port: int) -> None:
        """Take a new connection in, or turn it away where there are too many."""
        refusal = self._admission.refusal(host)
        if refusal is not None:
            # When a network breaks, whoever comes back at once is not to be kept out by
            # the place of a connection that is over.
            self._forget_the_ended()
            refusal = self._admission.refusal(host)
        if refusal is not None:
            self._metrics.turned_away[refusal.value] += 1
            self._turn_away(sock, refusal)
            return
        self._metrics.connections += 1
        number = self._metrics.connections
        session = self._new_session(self._new_stream(sock), number, host, self._on_ended)
        session.log.info("connected from %s port %d", host, port)
        self._sessions.add(session)
        self._admission.entered(session)

    def live_digests(self, user_id: int) -> frozenset[bytes]:
        """Return the digests of the session tokens by which this person is here."""
        return frozenset(
            one.token_digest
            for one in self._sessions
            if one.user is not None and one.user.id == user_id
        )

    def pending_bytes(self) -> int:
        """Count the bytes that wait until the peers read."""
        return sum(one.pending_bytes for one in self._sessions)

    def _on_ended(self, session: Session) -> None:
        self._sessions.discard(session)
        self._admission.left(session)

    def _turn_away(self, sock: socket.socket, code: Farewell) -> None:
        if len(self._turned_away) >= MAX_TURNED_AWAY:
            sock.close()
            return
        stream = self._new_stream(sock)
        self._turned_away.add(stream)
        stream.on_closed = lambda _reason: self._turned_away.discard(stream)
        stream.write(encode_from_server(Goodbye(code, FULL_RETRY_MS)))
        stream.finish()
