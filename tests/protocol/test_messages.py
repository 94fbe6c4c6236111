"""The messages as classes: codes, fields, bounds."""

from typing import Any

import msgspec
import pytest
from msgspec import inspect

from protocol import limits
from protocol.codec import Undecodable, decode_from_client, decode_from_server, encode
from protocol.messages import (
    Attachment,
    Attending,
    Changed,
    Changes,
    ChangeScheduled,
    Edit,
    GetHistory,
    History,
    Ping,
    Pong,
    Post,
    Register,
    RoomMessage,
    Schedule,
    Seen,
    SignIn,
    WireMessage,
    type_code,
)
from protocol.states import REQUESTS, TRANSITIONS, State
from tests.protocol.samples import ALL_KINDS, FROM_CLIENT, ROOM_MESSAGE, elements, plain

FOUR_BYTES = "\U0001f44d"
GREATEST = limits.MAX_INTEGER


def body_of(message: WireMessage) -> bytes:
    return encode(message)[limits.LENGTH_PREFIX_BYTES :]


def decode(kind: type[WireMessage], body: bytes) -> WireMessage:
    return decode_from_client(body) if kind in FROM_CLIENT else decode_from_server(body)


def bounded_fields() -> list[Any]:
    """(message class, index on the wire, value at the bound, value beyond)"""
    cases = []
    for kind in ALL_KINDS:
        described = inspect.type_info(kind)
        assert isinstance(described, inspect.StructType)
        for index, field in enumerate(described.fields, start=1):
            bounds: list[tuple[object, object]] = []
            match field.type:
                case inspect.IntType(ge=low, le=high):
                    assert low is not None, f"{kind} {field.name}"
                    assert high is not None, f"{kind} {field.name}"
                    bounds = [(low, low - 1), (high, high + 1)]
                case inspect.StrType(max_length=longest):
                    assert longest is not None, f"{kind} {field.name}"
                    bounds = [("x" * longest, "x" * (longest + 1))]
                case inspect.BytesType(min_length=shortest, max_length=longest):
                    assert longest is not None, f"{kind} {field.name}"
                    bounds = [(bytes(longest), bytes(longest + 1))]
                    if shortest:
                        bounds.append((bytes(shortest), bytes(shortest - 1)))
            for number, (at, beyond) in enumerate(bounds):
                name = f"{kind.__name__}.{field.name}-{number}"
                cases.append(pytest.param(kind, index, at, beyond, id=name))
    return cases


@pytest.mark.parametrize(("kind", "index", "at", "beyond"), bounded_fields())
def test_every_field_is_taken_at_its_bound_and_not_beyond(
    kind: type[WireMessage], index: int, at: object, beyond: object
) -> None:
    array = elements(plain(kind))
    array[index] = at
    assert elements(decode(kind, msgspec.msgpack.encode(array))) == array
    array[index] = beyond
    with pytest.raises(Undecodable):
        decode(kind, msgspec.msgpack.encode(array))


def test_codes_are_unique_and_in_the_order_of_the_lists() -> None:
    codes = [type_code(kind) for kind in ALL_KINDS]
    assert len(set(codes)) == len(codes)
    assert all(1 <= code <= 127 for code in codes)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_message_is_an_array_led_by_its_code(kind: type[WireMessage]) -> None:
    message = plain(kind)
    assert elements(message)[0] == type_code(kind)
    assert len(elements(message)) == 1 + len(kind.__struct_fields__)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_message_cannot_be_changed(kind: type[WireMessage]) -> None:
    message = plain(kind)
    with pytest.raises(AttributeError):
        setattr(message, kind.__struct_fields__[0], 0)


def test_every_request_leads_with_its_number() -> None:
    assert set(FROM_CLIENT) - REQUESTS == {Attending, Ping, Seen}
    for kind in REQUESTS:
        assert kind.__struct_fields__[0] == "request"
    assert Ping.__struct_fields__[0] == Pong.__struct_fields__[0] == "token"


def test_the_longest_post_of_the_room_fits_a_client_s_frame() -> None:
    text, at_ms = FOUR_BYTES * limits.MAX_TEXT_CHARS, limits.MAX_TIME_MS
    name = FOUR_BYTES * limits.MAX_FILE_NAME_CHARS
    files = (Attachment(bytes(32), name, 1, 65_535, 65_535),) * limits.MAX_ATTACHMENTS
    for longest in (
        Post(GREATEST, bytes(16), text, attachments=files),
        Schedule(GREATEST, bytes(16), at_ms, text, attachments=files),
        ChangeScheduled(GREATEST, GREATEST, GREATEST, at_ms, text, attachments=files),
    ):
        assert len(body_of(longest)) <= limits.MAX_BODY_FROM_CLIENT_BYTES
        assert decode_from_client(body_of(longest)) == longest


TEXTS = (Post, Edit, Schedule, ChangeScheduled)
"""What the frame alone bounds."""


@pytest.mark.parametrize("kind", [kind for kind in FROM_CLIENT if kind not in TEXTS])
def test_whatever_else_a_client_may_say_fits_the_cap_of_its_state(
    kind: type[WireMessage],
) -> None:
    array = elements(plain(kind))
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    for index, field in enumerate(described.fields, start=1):
        if isinstance(field.type, inspect.StrType):
            array[index] = FOUR_BYTES * (field.type.max_length or 0)
        elif isinstance(field.type, inspect.IntType):
            array[index] = field.type.le
        elif isinstance(field.type, inspect.BytesType):
            array[index] = bytes(field.type.max_length or 0)
    body = msgspec.msgpack.encode(array)
    assert decode_from_client(body)
    before = (State.NEW, kind) in TRANSITIONS or (State.GREETED, kind) in TRANSITIONS
    assert len(body) <= (
        limits.MAX_BODY_BEFORE_SIGN_IN_BYTES if before else limits.MAX_BODY_FROM_CLIENT_BYTES
    )


def longest_room_message(text: str) -> RoomMessage:
    name = FOUR_BYTES * limits.MAX_DISPLAY_NAME_CHARS
    return RoomMessage(GREATEST, GREATEST, GREATEST, name, GREATEST, text, bytes(16))


@pytest.mark.parametrize(
    ("count", "text_bytes"),
    [
        (limits.MAX_CHANGES_MESSAGES, limits.MAX_CHANGES_BYTES // limits.MAX_CHANGES_MESSAGES),
        (limits.MAX_CHANGES_BYTES // (4 * limits.MAX_TEXT_CHARS), 4 * limits.MAX_TEXT_CHARS),
    ],
)
def test_the_longest_changes_fits_a_server_s_frame(count: int, text_bytes: int) -> None:
    messages = tuple(longest_room_message("x" * text_bytes) for _ in range(count))
    changes = Changes(GREATEST, messages, GREATEST, GREATEST)
    assert len(body_of(changes)) <= limits.MAX_BODY_FROM_SERVER_BYTES
    history = History(GREATEST, messages[: limits.MAX_PAGE_MESSAGES], True)
    assert len(body_of(history)) <= limits.MAX_BODY_FROM_SERVER_BYTES


def test_names_may_be_mistyped_without_being_malformed() -> None:
    """P10: what is longer than the room's rules still arrives, to be refused
    in words."""
    long_name = "x" * (limits.MAX_DISPLAY_NAME_CHARS + 1)
    long_password = "x" * (limits.MAX_PASSWORD_CHARS + 1)
    for message in (
        Register(1, long_name, long_name, long_password),
        SignIn(1, long_name, long_password),
        Post(1, bytes(16), "x" * (limits.MAX_TEXT_CHARS + 1)),
        GetHistory(1, 0, 1),
        GetHistory(1, 0, limits.MAX_PAGE_MESSAGES),
    ):
        assert decode_from_client(body_of(message)) == message


def test_a_pushed_message_is_the_one_that_history_tells() -> None:
    changed = decode_from_server(body_of(Changed(ROOM_MESSAGE)))
    page = decode_from_server(body_of(History(1, (ROOM_MESSAGE,), False)))
    assert isinstance(changed, Changed)
    assert isinstance(page, History)
    assert changed.message == page.messages[0] == ROOM_MESSAGE
