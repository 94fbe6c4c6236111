"""What must hold for any bytes that come to the decoder, from either end.

`one_input` takes what a fuzzer has made up: its first byte chooses the door,
the rest goes in there. It raises AssertionError, or whatever else slipped out,
where a promise is broken.
"""

from collections.abc import Callable, Iterable, Iterator

from protocol import joincode
from protocol.codec import Undecodable, decode_from_client, decode_from_server, encode
from protocol.connection import ClientConnection, Mistake, ServerConnection, ServerError
from protocol.framing import FrameReader, FrameTooLarge, frame
from protocol.limits import (
    LENGTH_PREFIX_BYTES,
    MAX_BODY_FROM_CLIENT_BYTES,
    MAX_DETAIL_CHARS,
    MAX_INTEGER,
)
from protocol.messages import (
    Changes,
    Done,
    FromClient,
    FromServer,
    Hello,
    Ping,
    RedeemReset,
    Refused,
    Register,
    Resume,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    Sync,
    Welcome,
    WireMessage,
)
from protocol.refusals import Refusal
from protocol.states import REQUESTS, State
from tests.protocol.samples import plain

Door = Callable[[bytes], None]

ANSWERS: dict[type[WireMessage], type[WireMessage]] = {
    Hello: Welcome,
    Register: SignedIn,
    SignIn: SignedIn,
    Resume: SignedIn,
    RedeemReset: SignedIn,
    SignOut: SignedOut,
    Sync: Changes,
}
"""The answer to a request; `Done` to the others."""

SAID_BEFORE: tuple[WireMessage, ...] = (
    Hello(1, 1, 1),
    plain(Welcome, 1),
    Resume(2, bytes(32)),
    plain(SignedIn, 2),
)
"""How a connection begins; the fuzzer's bytes come after some of it."""


def one_input(data: bytes) -> None:
    """Let these bytes in by the door that the first of them chooses."""
    if data:
        DOORS[data[0] % len(DOORS)](data[1:])


def bodies(data: bytes) -> None:
    """A body is a message, the same after a way back, or says how to refuse it."""
    for decode in (decode_from_client, decode_from_server):
        try:
            message: WireMessage = decode(data)
        except Undecodable as error:
            _check_refusal(error)
            continue
        assert decode(encode(message)[LENGTH_PREFIX_BYTES:]) == message


def frames(data: bytes) -> None:
    """However the bytes are cut on their way, the same bodies come out."""
    cap, stream = int.from_bytes(data[:1], "big"), data[1:]
    assert list(_read(cap, _pieces(stream))) == list(_read(cap, [stream]))


def server_end(data: bytes) -> None:
    """The server's end takes anything but too large a frame, whatever the cuts."""
    assert _serve(_pieces(data)) == _serve([data])


def bodies_to_the_server(data: bytes) -> None:
    """The same for bytes that need not make up lengths: two zeros part them."""
    server_end(b"".join(frame(body) for body in data.split(b"\0\0")))


def client_end(data: bytes) -> None:
    """The client's end takes it, or gives the server up."""
    connection = ClientConnection()
    for said in SAID_BEFORE[: int.from_bytes(data[:1], "big") % (len(SAID_BEFORE) + 1)]:
        if isinstance(said, FromServer):
            connection.receive(encode(said))
            assert list(connection.incoming()) == [said]
        elif isinstance(said, FromClient):
            connection.send(said)
    connection.receive(data[1:])
    try:
        for message in connection.incoming():
            assert isinstance(message, FromServer)
    except (ServerError, FrameTooLarge):
        return


def join_codes(data: bytes) -> None:
    """A text is a join code, the same after a way back, or none."""
    text = data.decode("utf-8", "surrogateescape")
    for typed in (text, joincode.PREFIX + text):
        try:
            code = joincode.read(typed)
        except joincode.BadJoinCode:
            continue
        assert joincode.read(joincode.write(code)) == code


DOORS: tuple[Door, ...] = (
    bodies,
    frames,
    server_end,
    bodies_to_the_server,
    client_end,
    join_codes,
)


def _check_refusal(reason: Undecodable) -> None:
    assert reason.code in (Refusal.MALFORMED, Refusal.UNKNOWN_MESSAGE)
    assert 0 <= reason.request <= MAX_INTEGER
    assert 0 < len(reason.detail) <= MAX_DETAIL_CHARS
    # What is told of it can be told on the wire.
    encode(Refused(reason.request, reason.code, reason.detail))


def _pieces(data: bytes) -> Iterator[bytes]:
    """The bytes, cut where their own values say."""
    start = 0
    while start < len(data):
        end = start + 1 + data[start] % 7
        yield data[start:end]
        start = end


def _read(cap: int, pieces: Iterable[bytes]) -> Iterator[bytes | int]:
    """The bodies, and the length at which it ended, if it did."""
    reader = FrameReader(cap)
    for piece in pieces:
        reader.feed(piece)
        try:
            yield from reader.bodies()
        except FrameTooLarge as error:
            yield error.length
            return
        assert reader.buffered < LENGTH_PREFIX_BYTES + cap


def _serve(pieces: Iterable[bytes]) -> list[object]:
    """What a server's end makes of it, answering some requests and not others."""
    connection = ServerConnection()
    taken: list[object] = []
    for piece in pieces:
        connection.receive(piece)
        try:
            for message in connection.incoming():
                if isinstance(message, Mistake):
                    taken.append((message.request, message.code, message.detail))
                    connection.send(Refused(message.request, message.code, message.detail))
                else:
                    taken.append(message)
                    _answer(connection, message)
        except FrameTooLarge as error:
            return [*taken, error.length]
        assert connection.buffered < LENGTH_PREFIX_BYTES + MAX_BODY_FROM_CLIENT_BYTES
    return [*taken, connection.state, connection.buffered]


def _answer(connection: ServerConnection, message: WireMessage) -> None:
    if type(message) not in REQUESTS:
        assert isinstance(message, Ping) and connection.state is not State.NEW
        return
    request: int = getattr(message, "request", 0)
    assert 0 < request <= MAX_INTEGER
    if request % 4 == 1:
        connection.send(Refused(request, Refusal.BUSY))
    elif request % 4:
        connection.send(plain(ANSWERS.get(type(message), Done), request))
