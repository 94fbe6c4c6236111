"""A frame's body to a message and back.

Decoding validates types and bounds in one step. What can't be decoded raises
`Undecodable`, which already says how to refuse it.
"""

from collections.abc import Sequence
from typing import TypeVar, cast

import msgspec

from protocol.framing import frame
from protocol.limits import MAX_BODY_FROM_SERVER_BYTES, MAX_DETAIL_CHARS
from protocol.messages import FromClient, FromServer, WireMessage, type_code
from protocol.messages.types import RequestNumber
from protocol.refusals import Refusal

Part = TypeVar("Part")

_encoder = msgspec.msgpack.Encoder()
_from_client: msgspec.msgpack.Decoder[FromClient] = msgspec.msgpack.Decoder(FromClient)
_from_server: msgspec.msgpack.Decoder[FromServer] = msgspec.msgpack.Decoder(FromServer)


class _Head(msgspec.Struct, array_like=True):
    """What can be told of a body that is no message. Later elements are passed
    over unread, so that a long array of nothing costs no memory."""

    code: int
    request: msgspec.Raw = msgspec.Raw()


_head = msgspec.msgpack.Decoder(_Head)
_request_number: msgspec.msgpack.Decoder[int] = msgspec.msgpack.Decoder(RequestNumber)

# Everything that msgspec raises on hostile input; deep nesting ends in a
# RecursionError, a broken string in a UnicodeDecodeError.
_DECODE_ERRORS = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)

CODES_FROM_CLIENT = frozenset(type_code(kind) for kind in FromClient.__args__)
CODES_FROM_SERVER = frozenset(type_code(kind) for kind in FromServer.__args__)


class Undecodable(Exception):
    """A body that is no message this end takes.

    `request` is the request number if one stood where it belongs, else 0;
    `code` and `detail` are for the `Refused` that answers it.
    """

    def __init__(self, request: int, code: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.request = request
        self.code = code
        self.detail = detail[:MAX_DETAIL_CHARS]


class MessageTooLarge(Exception):
    """A message that no peer would take: its body is beyond the largest cap."""


def encode(message: WireMessage) -> bytes:
    """Return the whole frame for a message, length and body.

    Bounds are the receiver's to check, but for the largest cap on a body:
    raises MessageTooLarge rather than make a frame at which the receiver has
    to close. Raises UnicodeEncodeError for a text with a lone surrogate,
    OverflowError for an integer beyond 64 bits.
    """
    body = _encoder.encode(message)
    if len(body) > MAX_BODY_FROM_SERVER_BYTES:
        raise MessageTooLarge(f"{type(message).__name__} of {len(body)} bytes")
    return frame(body)


def encode_from_server(message: FromServer) -> bytes:
    """Return the same, of a message that a server may send: for frames that go to many
    connections, past each one's own `send`."""
    return encode(message)


def encode_once(part: Part) -> Part:
    """Return what takes the place of this within messages that are sent: it is encoded
    here, however many messages it becomes a part of. To be sent, and not to be looked at."""
    return cast(Part, msgspec.Raw(_encoder.encode(part)))


def encoded_bytes(part: msgspec.Struct | Sequence[msgspec.Struct]) -> int:
    """Return how many bytes a structure, or an array of them, takes within a message's
    body."""
    return len(_encoder.encode(part))


def decode_from_client(body: bytes) -> FromClient:
    """Return the message in a body that a client sent. Raises Undecodable."""
    try:
        return _from_client.decode(body)
    except _DECODE_ERRORS as error:
        raise _undecodable(body, error, CODES_FROM_CLIENT) from None


def decode_from_server(body: bytes) -> FromServer:
    """Return the message in a body that a server sent. Raises Undecodable."""
    try:
        return _from_server.decode(body)
    except _DECODE_ERRORS as error:
        raise _undecodable(body, error, CODES_FROM_SERVER) from None


def _undecodable(body: bytes, error: Exception, known: frozenset[int]) -> Undecodable:
    """Tell an unknown type code from a malformed message, and find the request
    number, so that even a refusal of nonsense reaches the right caller."""
    try:
        head = _head.decode(body)
    except _DECODE_ERRORS:
        return Undecodable(0, Refusal.MALFORMED, str(error))
    try:
        request = _request_number.decode(head.request)
    except _DECODE_ERRORS:
        request = 0
    if head.code not in known:
        return Undecodable(request, Refusal.UNKNOWN_MESSAGE, f"there is no message {head.code}")
    return Undecodable(request, Refusal.MALFORMED, str(error))
