"""A plain client for tests: one blocking socket and the protocol, nothing else.

It shows what the server really says, in order, and can also say what no client
should. A wait that fails tells everything that was heard until then.
"""

import itertools
import socket
import ssl
from collections.abc import Iterable
from types import TracebackType
from typing import Self, TypeVar, cast

from protocol.connection import ClientConnection
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import (
    Awaiting,
    Changed,
    Changes,
    FromClient,
    FromServer,
    GetHistory,
    Hello,
    History,
    OwnAnswers,
    Ping,
    Pinned,
    Pong,
    Post,
    Posted,
    Presence,
    Refused,
    Register,
    Resume,
    RoomMessage,
    SignedIn,
    SignIn,
    Sync,
    Tallies,
    Templates,
    Upcoming,
    Welcome,
    WireMessage,
    YouChanged,
)
from tests.support.refusals import require_documented

TIMEOUT_S = 20.0

PUSHES = (
    Presence
    | Changed
    | Pinned
    | Templates
    | Upcoming
    | Tallies
    | OwnAnswers
    | Pong
    | Awaiting
    | YouChanged
)
"""What may come between a request and its answer."""

Kind = TypeVar("Kind", bound=WireMessage)


def any_certificate() -> ssl.SSLContext:
    """TLS with whoever is there: for tests of what is said, not of who says it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class HungUp(Exception):
    """The server closed the connection."""


class WireClient:
    """One connection. `heard` is everything that the server said, in order."""

    def __init__(
        self, port: int, receive_buffer_bytes: int | None = None, tls: bool = True
    ) -> None:
        self.socket = socket.socket()
        if receive_buffer_bytes is not None:
            # Before connecting: it decides the window that TCP offers.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(TIMEOUT_S)
        # As the client has it; or each hello after a handshake waits 40 ms for an ACK.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket.connect(("127.0.0.1", port))
            if tls:
                self.socket = any_certificate().wrap_socket(self.socket)
        except BaseException:
            self.socket.close()
            raise
        self.connection = ClientConnection()
        self.heard: list[FromServer] = []
        self._unread: list[FromServer] = []
        self._requests = itertools.count(1)
        self._asked: dict[int, WireMessage] = {}
        """By its number what was asked last under it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    # -- saying ----------------------------------------------------------------

    def number(self) -> int:
        """The next request number."""
        return next(self._requests)

    def say(self, message: WireMessage) -> None:
        """Say it, whoever it is that may say such a thing."""
        self.socket.sendall(self.connection.send(cast(FromClient, message)))
        self._asked[getattr(message, "request", 0)] = message

    def say_bytes(self, data: bytes) -> None:
        """Say anything at all, past this client's own rules."""
        self.socket.sendall(data)

    # -- hearing ---------------------------------------------------------------

    def next(self) -> FromServer:
        """The next thing that the server says. Raises HungUp at the end."""
        while not self._unread:
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                raise AssertionError(f"nothing came; {self.heard_last()}") from None
            except ConnectionError as error:
                raise HungUp(str(error)) from None
            if not data:
                raise HungUp(f"the end; {self.heard_last()}")
            self.connection.receive(data)
            self._unread.extend(self.connection.incoming())
        message = self._unread.pop(0)
        if isinstance(message, Refused) and message.request in self._asked:
            require_documented(message, self._asked[message.request])
        self.heard.append(message)
        return message

    def heard_last(self) -> str:
        """What the server said last, for a failed test to tell."""
        last = "; ".join(repr(message)[:200] for message in self.heard[-5:])
        return f"heard {len(self.heard)} messages, last: {last}"

    def expect(self, kind: type[Kind]) -> Kind:
        """Read on until a message of this kind comes. A refusal or farewell
        that was not asked for fails the test."""
        while True:
            message = self.next()
            if isinstance(message, kind):
                return message
            assert not isinstance(message, Refused), f"refused: {message}"

    def drain(self) -> list[FromServer]:
        """Everything that the server says before it hangs up."""
        said = []
        try:
            while True:
                said.append(self.next())
        except HungUp:
            return said

    def barrier(self) -> None:
        """Return when the server has dealt with all that was said before, and
        has sent what came of it: an exact echo in place of a sleep."""
        token = self.number()
        self.say(Ping(token))
        while self.expect(Pong).token != token:
            pass

    def barrier_despite_refusals(self) -> None:
        """The same where what was said before may have been refused."""
        token = self.number()
        self.say(Ping(token))
        while not (isinstance(pong := self.next(), Pong) and pong.token == token):
            pass

    # -- the usual exchanges ---------------------------------------------------

    def hello(self) -> Welcome:
        self.say(Hello(self.number(), PROTOCOL_VERSION, PROTOCOL_VERSION, "wire test"))
        return self.expect(Welcome)

    def register(self, username: str, password: str, display_name: str = "") -> SignedIn:
        self.say(Register(self.number(), username, display_name or username.title(), password))
        return self.expect(SignedIn)

    def sign_in(self, username: str, password: str) -> SignedIn:
        self.say(SignIn(self.number(), username, password))
        return self.expect(SignedIn)

    def resume(self, token: bytes) -> SignedIn:
        self.say(Resume(self.number(), token))
        return self.expect(SignedIn)

    def post(self, text: str, post_id: bytes) -> Posted:
        request = self.number()
        self.say(Post(request, post_id, text))
        while (posted := self.expect(Posted)).request != request:
            pass
        return posted

    def sync(self, after_revision: int) -> list[RoomMessage]:
        """Everything after a revision, however many pages it takes."""
        messages: list[RoomMessage] = []
        while True:
            self.say(Sync(self.number(), after_revision))
            changes = self.expect(Changes)
            messages += changes.messages
            after_revision = changes.complete_through
            if after_revision >= changes.revision:
                return messages

    def history(self, before_id: int = 0, limit: int = 50) -> History:
        self.say(GetHistory(self.number(), before_id, limit))
        return self.expect(History)

    def whole_history(self) -> list[RoomMessage]:
        """The room's messages from the first to the newest, page by page."""
        messages: list[RoomMessage] = []
        before_id = 0
        while True:
            page = self.history(before_id, 200)
            messages += page.messages
            if not page.more:
                return messages[::-1]
            before_id = messages[-1].id

    def ask(self, message: WireMessage, kind: type[Kind]) -> Kind:
        """Say something and return the answer, which is of this kind."""
        self.say(message)
        return self.expect(kind)

    def drain_until_answered(self) -> None:
        """Read on until what was asked last is answered, or the server hangs up."""
        try:
            while isinstance(self.next(), PUSHES):
                pass
        except HungUp:
            return

    def refusal_after(self, message: WireMessage, kind: type[Kind]) -> Refused:
        """Say something while an answer of this kind is still to come; return
        how what was said is refused."""
        self.say(message)
        self.expect(kind)
        return self.expect(Refused)

    def refusal(self, message: WireMessage) -> Refused:
        """Say something and return how it is refused."""
        self.say(message)
        while not isinstance(heard := self.next(), Refused):
            assert isinstance(heard, PUSHES), f"not refused: {heard}"
        return heard


def pushed(heard: Iterable[FromServer]) -> list[RoomMessage]:
    """The messages that were pushed, in the order in which they came."""
    return [message.message for message in heard if isinstance(message, Changed)]
