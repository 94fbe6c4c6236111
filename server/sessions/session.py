"""Serve one client's connection: what it may ask, and who answers.

A session owns the protocol's machine, the stream and, once signed in, the
`User`. All of it lives on the reactor's thread. Each request is answered by a
coroutine (a handler), which awaits what the disk or a hasher does for it and goes
on here. It goes on also when the session has ended meanwhile, for what the work
means to others; what it then says goes nowhere.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from protocol.connection import Mistake, ServerConnection
from protocol.framing import FrameTooLarge
from protocol.limits import (
    FRAME_LIMIT_S,
    HELLO_LIMIT_S,
    MAX_DETAIL_CHARS,
    PASSWORD_FRESH_S,
    SILENCE_LIMIT_S,
)
from protocol.messages import (
    Accepted,
    AccountState,
    FromClient,
    FromServer,
    Goodbye,
    Lagging,
    Refused,
    WireMessage,
    YouChanged,
)
from protocol.refusals import Farewell, Refusal
from protocol.states import State
from server.domain import permissions
from server.domain.audit import Actor
from server.domain.errors import NotPermitted, RequestRefused
from server.domain.store import Store
from server.domain.user import Action, User
from server.operations.logs import ConnectionLog
from server.sessions.context import Context
from server.sessions.rate_limits import TokenBucket, network_of
from server.storage.turns import Whose
from server.transport.jobs import Job, Pause, Steps, start
from server.transport.reactor import Timer
from server.transport.streams import Stream

log = logging.getLogger(__name__)

Result = TypeVar("Result")

PUSH_CAP_BYTES = 256 * 1024
"""What may wait for a slow reader before pushes to it stop (P5). Beyond it, the
peer's requests wait, too, until it has read what it asked for."""

MAX_REQUESTS_IN_FLIGHT = 128
"""Requests of one session that wait for the disk; beyond, it is not read."""

MAX_MISTAKES_IN_A_ROW = 10
"""A peer that says nothing sensible for this long is no client."""


@dataclass(frozen=True)
class Handler:
    """Who answers a message, and on what conditions."""

    handle: Callable[["Session", Any], Steps[None]]
    """A coroutine that answers the request: by one message, or by raising."""
    action: Action | None = None
    """What the person must be allowed to do (P6); None: nothing in particular."""
    exclusive: bool = False
    """Whether the session's next request waits until this one is answered: so
    for large answers and costly work, of which a peer can then hold only one."""


Handlers = dict[type[WireMessage], Handler]


class Session:
    """A connection from its first byte to its last.

    `on_ended(session)` is called once, when it is over. `number` is what the log
    calls it by, `address` the IP address that it comes from.
    """

    def __init__(
        self,
        context: Context,
        handlers: Handlers,
        stream: Stream,
        number: int,
        address: str,
        on_ended: Callable[["Session"], None],
    ) -> None:
        self.context = context
        self.number = number
        self.log = ConnectionLog(log, number)
        self.address = address
        self._network = network_of(address)
        self.user: User | None = None
        self.token_digest = b""
        self.awaited_id = 0
        """The account that awaits approval, and whose password was given here; 0:
        none does."""
        self._handlers = handlers
        self._connection = ServerConnection()
        self._stream = stream
        self._on_ended = on_ended
        self._in_flight = 0
        self._is_exclusive = False
        self._paused = False
        self._lagging = False
        self._mistakes_in_a_row = 0
        self._password_given_at: float | None = None
        now = context.reactor.now
        self._bucket = TokenBucket(context.settings.max_requests_per_second, now)
        self._is_paced = False
        self._frame_since = now
        """When the unfinished frame began to arrive, if there is one."""
        self._frame_check: Timer | None = None
        self._pause: Pause | None = None
        stream.on_data = self._on_data
        stream.on_drained = self._on_drained
        stream.on_closed = self._on_closed
        self._silence = context.reactor.call_later(HELLO_LIMIT_S, self._check_hello)

    # -- for the handlers ------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether nothing can be said to this client any more."""
        return self._stream.closed or self._connection.state is State.CLOSED

    @property
    def pending_bytes(self) -> int:
        """Bytes that wait until the peer reads."""
        return self._stream.pending_bytes

    @property
    def signed_in(self) -> bool:
        return self._connection.signed_in

    @property
    def takes_turn(self) -> Whose:
        """As whom it takes its turn among those who want work done."""
        return self.user.id if self.user is not None else self._network

    def send(self, message: FromServer) -> None:
        """Answer or push to this client alone."""
        if not self.ended:
            self._stream.write(self._connection.send(message))

    def refuse(self, request: int, code: str, detail: str = "", retry_after_ms: int = 0) -> None:
        """Refuse a request (P10)."""
        self.send(Refused(request, code, detail[:MAX_DETAIL_CHARS], retry_after_ms))

    def pause(self, wait_s: float) -> Pause:
        """Wait so long, or until the session has ended. One at a time."""
        self._pause = Pause(self.context.reactor, wait_s)
        return self._pause

    def require(self, action: Action) -> None:
        """Raise RequestRefused unless this person may do that, as far as is known
        here (P6). What is carried out is looked at once more where it is done."""
        if self.user is None or not self.user.may(action):
            raise NotPermitted(action)

    def read(self, call: Callable[[Store], Result], action: Action = Action.READ) -> Job[Result]:
        """Read from the store, if at that moment the session still is one and its
        person may do that. Only while signed in."""
        actor = self.actor()

        def permitted(store: Store) -> Result:
            permissions.require(store, actor, action)
            return call(store)

        return self.context.storage.read(permitted, self.takes_turn)

    def write(self, call: Callable[[Store], Result]) -> Job[Result]:
        """Change what is stored; done when it is on the disk. `call` looks by
        `permissions.require` whether it may be done, in the same transaction: what
        was ended by another process is told to connections half a second later, and
        nothing is carried out in between (P6, P8)."""
        return self.context.storage.write(call, self.takes_turn)

    def change(self, call: Callable[[Store, Actor, int], Result]) -> Job[Result]:
        """Change what is stored in this person's name and at this moment, in milliseconds
        since 1970, which `call` is told. Otherwise as `write`."""
        actor, now_ms = self.actor(), self.context.clock.now_ms()
        return self.write(lambda store: call(store, actor, now_ms))

    def actor(self) -> Actor:
        """Return who acts here, for what is written down. Only while signed in."""
        assert self.user is not None, "nobody is signed in"
        given_at = self._password_given_at
        is_fresh = given_at is not None and self.context.reactor.now - given_at <= PASSWORD_FRESH_S
        return Actor(self.user.id, self.user.username, self.address, is_fresh, self.token_digest)

    def password_given(self) -> None:
        """Note that the person has just given the right password."""
        self._password_given_at = self.context.reactor.now

    def enter_room(self, user: User, token_digest: bytes) -> None:
        """Let this user in: the client is signed in from here on."""
        self.user = user
        self.awaited_id = 0
        self.token_digest = token_digest
        self.context.admission.signed_in(self)
        self.context.room.enter(self, user)
        self.context.receipt_tracker.person_arrived(user.id)

    def send_room(self) -> None:
        """Tell what is told whole whenever it changes: it has no revision to sync by."""
        self.send(self.context.room.presence)
        self.send(self.context.room.pinned)
        self._send_to_administrator()

    def _send_to_administrator(self) -> None:
        if self.user is not None and self.user.may(Action.POST):
            self.send(self.context.room.templates)
            self.send(self.context.room.upcoming)

    def leave_room(self) -> None:
        """Let the user out: nobody is signed in here any more."""
        self._leave()
        self.user = None
        self.token_digest = b""
        self._password_given_at = None
        self._lagging = False
        self.context.admission.signed_out(self)

    def account_changed(self, user: User | None, digests: Collection[bytes]) -> None:
        """Follow the account (P8): it is as it is stored now, None if it is gone, with
        the digests of its sessions."""
        if user is None or user.state is not AccountState.ACTIVE:
            self.goodbye(Farewell.ACCOUNT_DISABLED)
        elif self.token_digest not in digests:
            self.goodbye(Farewell.SIGNED_OUT)
        else:
            is_news = self.user is None or user.person() != self.user.person()
            self.user = user
            self.context.room.account_changed(self, user)
            if is_news:
                self.send(YouChanged(user.person()))
                self._send_to_administrator()

    def awaited_changed(self, user: User | None) -> None:
        """Follow the account that awaits approval: it is as it is stored now, None if it
        is gone."""
        if user is not None and user.state is AccountState.PENDING:
            return
        self.awaited_id = 0
        if user is None or user.state is not AccountState.ACTIVE:
            return
        if self._connection.state is State.GREETED:
            self.send(Accepted(user.username))

    def goodbye(self, code: Farewell, retry_after_ms: int = 0) -> None:
        """Say why, then close. What waits to be sent goes first."""
        if self.ended:
            return
        self.send(Goodbye(code, retry_after_ms))
        self._leave()
        self.log.info("goodbye, %s", code)
        self._stream.finish()

    def _leave(self) -> None:
        self.context.room.leave(self)
        if self.user is not None and not self.context.room.is_here(self.user.id):
            self.context.receipt_tracker.person_left(self.user.id)

    # -- for the room ----------------------------------------------------------

    def deliver(self, frames: bytes) -> None:
        """Pass on what everyone gets, unless this peer lags behind (P5)."""
        stream = self._stream
        if self._lagging or stream.send_at_once(frames):
            return
        if stream.pending_bytes + len(frames) > PUSH_CAP_BYTES:
            # One turn may bring more than the cap at once; only what the system
            # does not take tells that the peer is slow.
            stream.flush()
            if stream.pending_bytes + len(frames) > PUSH_CAP_BYTES:
                self._lagging = True
                self.context.metrics.lagged += 1
                self.log.info("reads too slowly; it will catch up by itself")
                return
        stream.write(frames)

    # -- from the stream -------------------------------------------------------

    def _on_data(self, data: bytes) -> None:
        if not self._connection.buffered:
            self._frame_since = self.context.reactor.now
        self._connection.receive(data)
        self._process()
        if self._connection.buffered and self._frame_check is None and not self.ended:
            self._check_frame_after(FRAME_LIMIT_S)

    def _on_drained(self) -> None:
        if self._lagging:
            self._lagging = False
            self.send_room()
            self.send(Lagging(self.context.room.head.revision))
            if self.user is not None:
                # Answers given elsewhere and reminders have no revision to sync by.
                self.context.receipt_tracker.send_own_receipts(self.user.id, self)
        if self._paused:
            self._process()

    def _on_closed(self, reason: str) -> None:
        self.log.info("closed (%s)", reason)
        self._silence.cancel()
        if self._frame_check is not None:
            self._frame_check.cancel()  # or what this session holds stayed until then
        self._connection.receive_end()
        self._leave()
        if self._pause is not None:
            self._pause.end()
        self._on_ended(self)

    def _check_hello(self) -> None:
        if self._connection.state is State.NEW:
            self.goodbye(Farewell.TOO_SLOW)
        else:
            self._check_silence()

    def _check_silence(self) -> None:
        # One timer a session, set anew only when it fires: a busy peer costs
        # nothing here.
        now = self.context.reactor.now
        quiet_s = now - self._stream.last_heard
        if quiet_s >= SILENCE_LIMIT_S:
            self.goodbye(Farewell.SILENT)
        else:
            wait_s = SILENCE_LIMIT_S - quiet_s
            self._silence = self.context.reactor.call_later(wait_s, self._check_silence)

    def _check_frame_after(self, wait_s: float) -> None:
        self._frame_check = self.context.reactor.call_later(wait_s, self._check_frame)

    def _check_frame(self) -> None:
        # As with silence, one timer at a time: it looks when the oldest frame that
        # it may be about would be too late.
        self._frame_check = None
        left_s = self._frame_since + FRAME_LIMIT_S - self.context.reactor.now
        if self._paused:
            # While this end does not read, the peer is not the one who is slow.
            self._check_frame_after(FRAME_LIMIT_S)
        elif self._connection.buffered and left_s <= 0:
            self.goodbye(Farewell.TOO_SLOW)
        elif self._connection.buffered:
            self._check_frame_after(left_s)

    # -- requests --------------------------------------------------------------

    def _process(self) -> None:
        """Take what has arrived, as long as this session may ask for more."""
        try:
            if not self._is_full():
                for message in self._connection.incoming():
                    self._frame_since = self.context.reactor.now
                    self._bucket.take()
                    self._take(message)
                    if self.ended or self._is_full():
                        break
        except FrameTooLarge as error:
            self.log.info("%s", error)
            self.goodbye(Farewell.FRAME_TOO_LARGE)
        # While nothing has come that would have to wait, nothing need be held up.
        must_pause = self._connection.buffered > 0 and self._is_full()
        if self._paused != must_pause and not self.ended:
            self._paused = must_pause
            if must_pause:
                self._stream.pause_reading()
            else:
                self._stream.resume_reading()

    def _is_full(self) -> bool:
        if self._stream.pending_bytes > PUSH_CAP_BYTES:
            return True
        if self._in_flight >= (1 if self._is_exclusive else MAX_REQUESTS_IN_FLIGHT):
            return True
        wait_s = self._bucket.wait_s(self.context.reactor.now)
        if wait_s > 0 and not self._is_paced:
            self._is_paced = True
            self.context.reactor.call_later(wait_s, self._go_on)
        return wait_s > 0

    def _go_on(self) -> None:
        self._is_paced = False
        if not self._stream.closed:
            self._process()

    def _take(self, message: FromClient | Mistake) -> None:
        if isinstance(message, Mistake):
            self._take_mistake(message)
            return
        self._mistakes_in_a_row = 0
        handler = self._handlers[type(message)]
        request = getattr(message, "request", 0)
        try:
            if handler.action is not None:
                self.require(handler.action)
        except NotPermitted as error:
            self._refuse_for(request, error)
            return
        self._is_exclusive = handler.exclusive
        answer = start(handler.handle(self, message))
        if answer.is_done:
            self._settle(request, answer)
        else:
            self._in_flight += 1
            answer.when_done(partial(self._answered, request))

    def _answered(self, request: int, answer: Job[None]) -> None:
        self._in_flight -= 1
        self._settle(request, answer)
        if self._paused:
            self._process()

    def _settle(self, request: int, answer: Job[None]) -> None:
        error = answer.exception()
        if error is not None:
            self._refuse_for(request, error)

    def _take_mistake(self, mistake: Mistake) -> None:
        self.refuse(mistake.request, mistake.code, mistake.detail)
        self._mistakes_in_a_row += 1
        if self._mistakes_in_a_row >= MAX_MISTAKES_IN_A_ROW:
            self.goodbye(Farewell.PROTOCOL_ERROR)

    def _refuse_for(self, request: int, error: Exception) -> None:
        if isinstance(error, RequestRefused):
            # Where it was raised says nothing, and the frames that a traceback
            # refers to may refer to it: all that they hold stayed for a while.
            error.__traceback__ = None
            self.refuse(request, error.code, error.detail, error.retry_after_ms)
            return
        # What is nobody's business stays in the log; the peer learns only that
        # something is wrong here (P9).
        self.log.error("request %d failed", request, exc_info=error)
        self.refuse(request, Refusal.INTERNAL)
