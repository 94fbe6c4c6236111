"""A connection without I/O, after the pattern of sans-I/O libraries
(sans-io.readthedocs.io): four doors and no socket.

    bytes in       receive(data) takes what arrived
    end in         receive_end() tells that nothing more will come
    bytes out      send(message) returns the bytes to write
    messages out   incoming() yields what the peer said, one at a time

`ServerConnection` and `ClientConnection` are the two ends: they differ in
which messages they decode and in how they take the other's mistakes. A server
refuses a client's mistakes and goes on (P9); a client closes on a server's.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

from protocol import limits
from protocol.codec import Undecodable, decode_from_client, decode_from_server, encode
from protocol.framing import FrameReader
from protocol.messages import FromClient, FromServer, WireMessage
from protocol.refusals import Refusal
from protocol.states import IllegalMessage, Machine, State

_SIGNED_IN = (State.SIGNED_IN, State.AWAITING_SIGN_OUT)


class Mistake:
    """What a server end yields in place of a message that it can't take:
    answer it with `Refused(request, code, detail)`."""

    __slots__ = ("code", "detail", "request")

    def __init__(self, request: int, code: Refusal, detail: str) -> None:
        self.request = request
        self.code = code
        self.detail = detail


class ServerError(Exception):
    """The server sent what no server may send; the client should reconnect."""


Sent = TypeVar("Sent", bound=WireMessage)
"""What an end may send: a client no message of a server's, nor the other way."""


class _Connection(Generic[Sent]):
    """What both ends share. One thread owns a connection."""

    def __init__(self, cap: int) -> None:
        self._frames = FrameReader(cap)
        self._machine = Machine()

    @property
    def state(self) -> State:
        return self._machine.state

    @property
    def signed_in(self) -> bool:
        return self._machine.state in _SIGNED_IN

    @property
    def buffered(self) -> int:
        """Bytes received that are not a whole frame yet."""
        return self._frames.buffered

    def may_send(self, kind: type[WireMessage]) -> bool:
        """Tell whether this end may send such a message now."""
        return self._machine.allows(kind)

    def send(self, message: Sent) -> bytes:
        """Return the bytes to write for a message.

        Raises IllegalMessage if this end may not send it now, and what
        `protocol.codec.encode` raises; both change nothing.
        """
        data = encode(message)
        self._machine.fire(message)
        return data

    def receive(self, data: bytes) -> None:
        """Take bytes that arrived. They wait for `incoming`."""
        self._frames.feed(data)

    def receive_end(self) -> None:
        """Close the connection: the peer or the network has, and nothing more will come."""
        self._machine.close()


class ServerConnection(_Connection[FromServer]):
    """The server's end of one connection."""

    def __init__(self) -> None:
        super().__init__(limits.MAX_BODY_BEFORE_SIGN_IN_BYTES)

    def send(self, message: FromServer) -> bytes:
        data = super().send(message)
        # The cap is the state's: it rises with SignedIn, falls with SignedOut.
        self._frames.cap = (
            limits.MAX_BODY_FROM_CLIENT_BYTES
            if self.signed_in
            else limits.MAX_BODY_BEFORE_SIGN_IN_BYTES
        )
        return data

    def incoming(self) -> Iterator[FromClient | Mistake]:
        """Return what the client said, one at a time; a `Mistake` where it said what
        can't be taken, which changed nothing.

        Raises FrameTooLarge: say Goodbye(frame_too_large) and close.
        """
        for body in self._frames.bodies():
            try:
                message = decode_from_client(body)
                self._machine.fire(message)
            except Undecodable as error:
                yield self._mistake(error.request, error.code, error.detail)
            except IllegalMessage as error:
                request = getattr(message, "request", 0)
                yield self._mistake(request, Refusal.NOT_NOW, str(error))
            else:
                yield message

    def _mistake(self, request: int, code: Refusal, detail: str) -> Mistake:
        # Under the number of a request that still waits, the refusal would be
        # taken for that request's answer.
        return Mistake(0 if self._machine.is_unanswered(request) else request, code, detail)


class ClientConnection(_Connection[FromClient]):
    """The client's end of one connection."""

    def __init__(self) -> None:
        super().__init__(limits.MAX_BODY_FROM_SERVER_BYTES)

    def incoming(self) -> Iterator[FromServer]:
        """Return what the server said, one message at a time.

        A message of a type that this client does not know is passed over: a
        newer server may push it. Raises ServerError, or FrameTooLarge, where
        the stream can't be trusted any more.
        """
        for body in self._frames.bodies():
            try:
                message = decode_from_server(body)
                self._machine.fire(message)
            except Undecodable as error:
                if error.code is Refusal.UNKNOWN_MESSAGE:
                    continue
                raise ServerError(error.detail) from None
            except IllegalMessage as error:
                raise ServerError(str(error)) from None
            yield message
