"""A body to a message and back: what is sound comes out as it went in, and
nothing else ever gets further than `Undecodable`."""

import struct
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import Undecodable, decode_from_client, decode_from_server, encode
from protocol.limits import LENGTH_PREFIX_BYTES, MAX_DETAIL_CHARS
from protocol.messages import (
    Changed,
    Goodbye,
    Hello,
    Ping,
    Post,
    Refused,
    Register,
    SignedIn,
    SignIn,
    SignOut,
    WireMessage,
    type_code,
)
from protocol.refusals import Refusal
from tests.protocol.samples import (
    ALL_KINDS,
    FROM_CLIENT,
    FROM_SERVER,
    ROOM_MESSAGE,
    elements,
    messages_of,
    plain,
)

Decode = Callable[[bytes], WireMessage]
BOTH: list[Decode] = [decode_from_client, decode_from_server]

# Anything that MessagePack can say, to stand where a later peer's fields would.
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.builds(msgspec.msgpack.Ext, st.integers(-128, 127), st.binary(max_size=8)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def body_of(message: WireMessage) -> bytes:
    return encode(message)[LENGTH_PREFIX_BYTES:]


def decode_as(kind: type[WireMessage], body: bytes) -> WireMessage:
    return decode_from_client(body) if kind in FROM_CLIENT else decode_from_server(body)


@given(messages_of(*ALL_KINDS))
def test_every_message_comes_back_as_it_was(message: WireMessage) -> None:
    frame = encode(message)
    assert int.from_bytes(frame[:LENGTH_PREFIX_BYTES], "big") == len(body_of(message))
    decoded = decode_as(type(message), body_of(message))
    assert decoded == message
    assert type(decoded) is type(message)
    assert encode(decoded) == frame


@given(messages_of(*ALL_KINDS), st.lists(anything, min_size=1, max_size=4))
def test_a_later_peer_s_fields_are_passed_over(message: WireMessage, extra: list[Any]) -> None:
    body = msgspec.msgpack.encode([*elements(message), *extra])
    assert decode_as(type(message), body) == message


@given(st.lists(anything, min_size=1, max_size=4))
def test_a_later_peer_s_fields_in_structures_are_passed_over(extra: list[Any]) -> None:
    body = msgspec.msgpack.encode([type_code(Changed), [*elements(ROOM_MESSAGE), *extra]])
    assert decode_from_server(body) == Changed(ROOM_MESSAGE)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        ([1, 5, 1, 1], Hello(5, 1, 1, "")),
        ([16, 5, "amelia", "Amelia", "password"], Register(5, "amelia", "Amelia", "password")),
        ([16, 5, "a", "A", "p", "desk"], Register(5, "a", "A", "p", "desk", "")),
        ([17, 5, "amelia", "password"], SignIn(5, "amelia", "password")),
    ],
)
def test_an_earlier_client_s_missing_fields_have_their_defaults(
    array: list[Any], message: WireMessage
) -> None:
    assert decode_from_client(msgspec.msgpack.encode(array)) == message


def test_an_earlier_server_s_missing_fields_have_their_defaults() -> None:
    assert decode_from_server(b"\x93\x05\x07\xa4busy") == Refused(7, "busy", "", 0)
    assert decode_from_server(b"\x92\x06\xa6silent") == Goodbye("silent", 0)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_cut_of_a_body_is_undecodable(kind: type[WireMessage]) -> None:
    body = body_of(plain(kind))
    for cut in range(len(body)):
        with pytest.raises(Undecodable) as raised:
            decode_as(kind, body[:cut])
        assert raised.value.code is Refusal.MALFORMED


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_bytes_after_the_array_are_malformed(kind: type[WireMessage]) -> None:
    with pytest.raises(Undecodable) as raised:
        decode_as(kind, body_of(plain(kind)) + b"\x00")
    assert raised.value.code is Refusal.MALFORMED


@pytest.mark.parametrize(
    ("body", "request_number", "code"),
    [
        pytest.param(b"", 0, Refusal.MALFORMED, id="nothing"),
        pytest.param(b"\xc0", 0, Refusal.MALFORMED, id="nil"),
        pytest.param(b"\x05", 0, Refusal.MALFORMED, id="no array"),
        pytest.param(b"\x90", 0, Refusal.MALFORMED, id="empty array"),
        pytest.param(b"\x82\xa4type\x14\xa7request\x05", 0, Refusal.MALFORMED, id="map"),
        pytest.param(b"\x92\xa7SignOut\x05", 0, Refusal.MALFORMED, id="code in words"),
        pytest.param(b"\x92\xc3\x05", 0, Refusal.MALFORMED, id="code true"),
        pytest.param(b"\x92\xca\x41\xa0\0\0\x05", 0, Refusal.MALFORMED, id="code 20.0"),
        pytest.param(b"\x92\x7f\x05", 5, Refusal.UNKNOWN_MESSAGE, id="unknown code"),
        pytest.param(b"\x92\x00\x05", 5, Refusal.UNKNOWN_MESSAGE, id="code 0"),
        pytest.param(b"\x92\xff\x05", 5, Refusal.UNKNOWN_MESSAGE, id="code -1"),
        pytest.param(
            b"\x92\xcf" + b"\xff" * 8 + b"\x05", 5, Refusal.UNKNOWN_MESSAGE, id="code 2^64-1"
        ),
        pytest.param(b"\x91\x7f", 0, Refusal.UNKNOWN_MESSAGE, id="unknown, alone"),
        pytest.param(b"\x92\x7f\x91\x01", 0, Refusal.UNKNOWN_MESSAGE, id="unknown, no number"),
        pytest.param(b"\x92\x02\x05", 5, Refusal.UNKNOWN_MESSAGE, id="a server's code"),
        pytest.param(b"\x91\x14", 0, Refusal.MALFORMED, id="no request number"),
        pytest.param(b"\x92\x14\x00", 0, Refusal.MALFORMED, id="request 0"),
        pytest.param(b"\x92\x14\xff", 0, Refusal.MALFORMED, id="request -1"),
        pytest.param(b"\x92\x14\xc2", 0, Refusal.MALFORMED, id="request false"),
        pytest.param(b"\x92\x14\xcf\x80" + bytes(7), 0, Refusal.MALFORMED, id="request 2^63"),
        pytest.param(
            b"\x92\x14\xcb" + struct.pack(">d", 5.0), 0, Refusal.MALFORMED, id="request 5.0"
        ),
        pytest.param(
            b"\x92\x14\xcb" + struct.pack(">d", float("nan")), 0, Refusal.MALFORMED, id="NaN"
        ),
        pytest.param(b"\x92\x14\xd4\x01\x00", 0, Refusal.MALFORMED, id="extension type"),
        pytest.param(b"\x92\x14\xd6\xff" + bytes(4), 0, Refusal.MALFORMED, id="timestamp"),
        pytest.param(b"\x92\x14\xc1", 0, Refusal.MALFORMED, id="the unused opcode"),
        pytest.param(b"\x93\x14\x05\xc1", 0, Refusal.MALFORMED, id="the unused opcode behind"),
        pytest.param(b"\x93\x12\x05\xd9\x20" + b"a" * 32, 5, Refusal.MALFORMED, id="str for bin"),
        pytest.param(b"\x94\x01\x05\x01\xc4\x01a", 5, Refusal.MALFORMED, id="bin for int"),
        pytest.param(b"\x95\x01\x05\x01\x01\xc4\x01a", 5, Refusal.MALFORMED, id="bin for str"),
        pytest.param(b"\x95\x01\x05\x01\x01\xa1\xff", 5, Refusal.MALFORMED, id="no UTF-8"),
        pytest.param(b"\x95\x01\x05\x01\x01\xa2\xc0\x80", 5, Refusal.MALFORMED, id="overlong"),
        pytest.param(b"\x95\x01\x05\x01\x01\xa3\xed\xa0\x80", 5, Refusal.MALFORMED, id="surrogate"),
        pytest.param(b"\x95\x01\x05\x01\x01\xc0", 5, Refusal.MALFORMED, id="nil for str"),
        pytest.param(b"\xdd\xff\xff\xff\xff\x14\x05", 0, Refusal.MALFORMED, id="array of 2^32"),
        pytest.param(b"\x93\x14\x05\xdf\xff\xff\xff\xff", 0, Refusal.MALFORMED, id="map of 2^32"),
        pytest.param(b"\x93\x14\x05\xdb\xff\xff\xff\xff", 0, Refusal.MALFORMED, id="str of 2^32"),
        pytest.param(b"\x93\x14\x05\xc6\xff\xff\xff\xff", 0, Refusal.MALFORMED, id="bin of 2^32"),
        pytest.param(b"\x91" * 60_000 + b"\x01", 0, Refusal.MALFORMED, id="nested"),
        pytest.param(
            b"\x93\x14\x05" + b"\x91" * 60_000 + b"\x01", 0, Refusal.MALFORMED, id="nested behind"
        ),
        pytest.param(
            b"\x93\x14\x05" + b"\x81\x01" * 30_000 + b"\x01", 0, Refusal.MALFORMED, id="maps"
        ),
    ],
)
def test_p9_what_is_no_message_is_refused_under_its_number(
    body: bytes, request_number: int, code: Refusal
) -> None:
    with pytest.raises(Undecodable) as raised:
        decode_from_client(body)
    assert (raised.value.request, raised.value.code) == (request_number, code)
    assert 0 < len(raised.value.detail) <= MAX_DETAIL_CHARS


@pytest.mark.parametrize("kind", FROM_SERVER)
def test_a_client_cannot_say_what_is_the_server_s_to_say(kind: type[WireMessage]) -> None:
    with pytest.raises(Undecodable) as raised:
        decode_from_client(body_of(plain(kind)))
    assert raised.value.code is Refusal.UNKNOWN_MESSAGE


@pytest.mark.parametrize("body", [b"\x91\x7f", b"\x92\x7f\x91\x01", b"\x93\x7f\xc0\xa1x"])
def test_a_newer_server_s_push_is_unknown_whatever_it_holds(body: bytes) -> None:
    with pytest.raises(Undecodable) as raised:
        decode_from_server(body)
    assert raised.value.code is Refusal.UNKNOWN_MESSAGE


@pytest.mark.parametrize(
    "body",
    [
        b"\x92\x14\x05",
        b"\xdc\x00\x02\x14\x05",
        b"\xdd\0\0\0\x02\x14\x05",
        b"\x92\xcc\x14\xcd\x00\x05",
        b"\x92\xd0\x14\xd3" + bytes(7) + b"\x05",
    ],
)
def test_any_format_of_an_integer_or_a_length_is_taken(body: bytes) -> None:
    assert decode_from_client(body) == SignOut(5)


@pytest.mark.parametrize("decode", BOTH)
@given(body=st.binary(max_size=200))
def test_p9_random_bytes_are_undecodable_or_a_message(decode: Decode, body: bytes) -> None:
    try:
        message = decode(body)
    except Undecodable:
        return
    assert isinstance(message, WireMessage)


@given(messages_of(*ALL_KINDS), st.data())
def test_p9_a_damaged_message_is_undecodable_or_a_message(
    message: WireMessage, data: st.DataObject
) -> None:
    body = bytearray(body_of(message))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    for decode in BOTH:
        try:
            decoded = decode(bytes(body))
        except Undecodable:
            continue
        assert decode(body_of(decoded)) == decoded


@given(st.sampled_from(ALL_KINDS), st.lists(anything, max_size=9))
def test_p9_a_mistyped_message_is_undecodable_or_a_message(
    kind: type[WireMessage], fields: list[Any]
) -> None:
    body = msgspec.msgpack.encode([type_code(kind), *fields])
    for decode in BOTH:
        try:
            decoded = decode(body)
        except Undecodable:
            continue
        assert type(decoded) is kind


@pytest.mark.parametrize("head", [b"\xdc\xff\xf0\x7f\x05", b"\xdc\xff\xf0\x14\x00"])
def test_p9_a_long_array_of_nothing_costs_no_memory(head: bytes) -> None:
    body = head + b"\x01" * (0xFFF0 - 2)
    tracemalloc.start()
    try:
        with pytest.raises(Undecodable):
            decode_from_client(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(body)


def test_p9_a_promised_array_costs_nothing_before_its_elements_are_there() -> None:
    body = b"\x95\x21\x05\xdd\xff\xff\xff\xff" + body_of(Changed(ROOM_MESSAGE))[2:]
    tracemalloc.start()
    try:
        with pytest.raises(Undecodable):
            decode_from_server(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1024 * 1024


def test_what_has_no_bytes_is_not_encoded() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode(Post(1, bytes(16), "half a pair: \ud83d"))
    with pytest.raises(OverflowError):
        encode(Ping(2**64))


def test_a_role_that_version_1_does_not_have_is_malformed() -> None:
    array = elements(plain(SignedIn))
    array[2][3] = "owner of " + "everything " * 100
    with pytest.raises(Undecodable) as raised:
        decode_from_server(msgspec.msgpack.encode(array))
    assert raised.value.code is Refusal.MALFORMED
    assert "owner" in raised.value.detail
    assert len(raised.value.detail) == MAX_DETAIL_CHARS


def test_texts_are_counted_in_code_points() -> None:
    device = "\U0001f44d" * 100
    message = SignIn(1, "amelia", "password", device)
    assert decode_from_client(body_of(message)) == message
