"""docs/protocol.md says what the code does: each example is decoded and encoded
again, each table compared with the classes, both ways."""

import json
import re
from enum import Enum
from typing import Any

import msgspec
import pytest
from msgspec import NODEFAULT, inspect

from protocol import joincode, limits
from protocol.codec import Undecodable, decode_from_client, decode_from_server, encode
from protocol.connection import ClientConnection, Mistake, ServerConnection
from protocol.limits import LENGTH_PREFIX_BYTES
from protocol.messages import (
    AccountState,
    Attachment,
    Attention,
    AuditEntry,
    Hold,
    Invite,
    Limits,
    Member,
    Person,
    Ping,
    Priority,
    Refused,
    Registration,
    Role,
    RoomMessage,
    ScheduledMessage,
    SessionInfo,
    WireMessage,
    type_code,
)
from protocol.refusals import Farewell, Refusal
from protocol.states import REQUESTS, TRANSITIONS, State
from tests.protocol import document
from tests.protocol.document import Example
from tests.protocol.samples import ALL_KINDS, FROM_CLIENT

KINDS = {kind.__name__: kind for kind in ALL_KINDS}
EXAMPLES = list(document.examples())
WHOLE = [example for example in EXAMPLES if len(example.words) == 1 and example.words[0] in KINDS]
ACCEPTED = [example for example in EXAMPLES if example.words[1:] == ("accepted",)]
REFUSED = [example for example in EXAMPLES if example.words == ("refused",)]

STATE_WORDS = {
    "every state but `closed`": set(State) - {State.CLOSED},
    "every state but `new` and `closed`": set(State) - {State.NEW, State.CLOSED},
}


def direction_of(kind: type[WireMessage]) -> str:
    return "C>S" if kind in FROM_CLIENT else "S>C"


def decode(example: Example) -> WireMessage:
    body = example.data[LENGTH_PREFIX_BYTES:]
    assert int.from_bytes(example.data[:LENGTH_PREFIX_BYTES], "big") == len(body)
    return decode_from_client(body) if example.direction == "C>S" else decode_from_server(body)


# -- the examples --------------------------------------------------------------


def test_no_example_is_overlooked() -> None:
    assert len(WHOLE) + len(ACCEPTED) + len(REFUSED) == len(EXAMPLES)
    assert document.text().count("```hex") == len(EXAMPLES)
    assert ACCEPTED
    assert REFUSED
    assert {example.words[0] for example in WHOLE} == set(KINDS)


@pytest.mark.parametrize("example", WHOLE, ids=str)
def test_an_example_is_what_it_says_it_is(example: Example) -> None:
    message = document.meant(example.meaning)
    assert type(message).__name__ == example.words[0]
    assert example.direction == direction_of(type(message))
    assert encode(message).hex(" ") == example.data.hex(" ")
    assert decode(example) == message
    assert encode(decode(example)) == example.data


def test_every_join_code_is_one() -> None:
    codes = set(re.findall(r"rostrum1\.[\w-]{20,}", document.text()))
    assert len(codes) == 2
    for code in codes:
        assert joincode.read(code).host == "chat.northgate.example"


@pytest.mark.parametrize("example", WHOLE, ids=str)
def test_an_example_tells_every_field(example: Example) -> None:
    message = document.meant(example.meaning)
    told = re.findall(r"(\w+)=", re.sub(r'"[^"]*"', "", example.meaning))
    assert told == [name for struct in structs(message) for name in struct]


def structs(struct: Any) -> list[list[str]]:
    """The names of a message's fields in the order in which they are written,
    those of structures within after the field that holds them."""
    names: list[list[str]] = []
    for name in struct.__struct_fields__:
        names.append([name])
        value = getattr(struct, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, msgspec.Struct):
                names += structs(item)
    return names


@pytest.mark.parametrize("example", ACCEPTED, ids=str)
def test_what_another_version_would_say_is_accepted(example: Example) -> None:
    message = document.meant(example.meaning)
    assert decode(example) == message
    assert encode(message) != example.data


@pytest.mark.parametrize("example", REFUSED, ids=str)
def test_a_mistake_is_refused_as_it_says(example: Example) -> None:
    expected = document.meant(example.meaning)
    with pytest.raises(Undecodable) as raised:
        decode(example)
    assert isinstance(expected, Refused)
    assert (raised.value.request, raised.value.code) == (expected.request, expected.code)


def test_the_whole_exchange_is_one() -> None:
    start = document.text()[: document.text().index("## A whole exchange")].count("\n")
    said = [example for example in WHOLE if example.line > start]
    client, server = ClientConnection(), ServerConnection()
    for example in said:
        message = document.meant(example.meaning)
        speaker, subscriber = (client, server) if example.direction == "C>S" else (server, client)
        assert speaker.send(message) == example.data
        subscriber.receive(example.data)
        heard = list(subscriber.incoming())
        assert not isinstance(heard[0], Mistake)
        assert heard == [message]
    assert client.state is server.state is State.GREETED
    names = [example.words[0] for example in said]
    for name in ("Hello", "SignIn", "GetHistory", "History", "Post", "Posted", "Changed"):
        assert name in names


# -- the messages --------------------------------------------------------------


def test_the_index_has_every_message() -> None:
    rows = document.table(document.section("## Messages"), "code", "message", "direction", "what")
    told = [(int(code), name, direction) for code, name, direction, _ in rows]
    expected = [
        (
            type_code(kind),
            f"[{kind.__name__}](#{kind.__name__.lower()})",
            "client to server" if kind in FROM_CLIENT else "server to client",
        )
        for kind in sorted(ALL_KINDS, key=type_code)
    ]
    assert told == expected


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_message_s_code_direction_states_and_answer(kind: type[WireMessage]) -> None:
    section = document.section(f"#### {kind.__name__}")
    found = re.search(
        r"^Code (\d+), (client to server|server to client), in (?:states? )?(.+?)\. (.+)$",
        section,
        re.MULTILINE,
    )
    assert found, section
    code, direction, states, answer = found.groups()
    assert int(code) == type_code(kind)
    assert direction == ("client to server" if kind in FROM_CLIENT else "server to client")
    legal = {state for state, row in TRANSITIONS if row is kind}
    if kind is Refused:
        legal = set(State) - {State.CLOSED}
    told = STATE_WORDS.get(states) or {State(state) for state in document.quoted(states)}
    assert told == legal
    if kind in REQUESTS or kind is Ping:
        names = document.quoted(answer)
        assert answer == f"Answer: {' or '.join(f'`{name}`' for name in names)}."
        for name in names:
            answering = document.section(f"#### {name}")
            assert re.search(rf"Answers .*`{kind.__name__}`", answering)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_message_s_fields(kind: type[WireMessage]) -> None:
    assert fields_told(document.section(f"#### {kind.__name__}")) == fields_of(kind)


@pytest.mark.parametrize(
    "kind",
    [
        Person,
        RoomMessage,
        Limits,
        Attachment,
        ScheduledMessage,
        Member,
        SessionInfo,
        Invite,
        AuditEntry,
    ],
)
def test_a_structure_s_fields(kind: type[msgspec.Struct]) -> None:
    section = document.section("## Structures")
    start = section.index(f"`{kind.__name__}`: ")
    part = section[start : section.index("\n\n", section.index("\n|", start))]
    assert fields_told(part) == fields_of(kind)


def fields_told(part: str) -> list[tuple[str, str, str]]:
    rows = document.table(part, "field", "type", "default", "meaning")
    return [(name, kind, default.strip("`")) for name, kind, default, _ in rows]


def fields_of(kind: type[msgspec.Struct]) -> list[tuple[str, str, str]]:
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    return [
        (
            field.name,
            type_in_words(field.type),
            "" if field.default is NODEFAULT else json.dumps(field.default),
        )
        for field in described.fields
    ]


def type_in_words(kind: inspect.Type) -> str:
    match kind:
        case inspect.IntType(ge=0, le=limits.MAX_INTEGER):
            return "count"
        case inspect.IntType(ge=1, le=limits.MAX_INTEGER):
            return "number"
        case inspect.IntType(ge=low, le=high):
            return f"int {low} to {high}"
        case inspect.StrType(max_length=None):
            return "text"
        case inspect.StrType(max_length=longest):
            return f"text to {longest}"
        case inspect.BytesType(min_length=shortest, max_length=longest) if shortest == longest:
            return f"bytes of {longest}"
        case inspect.BytesType(min_length=shortest, max_length=longest):
            return f"bytes of {shortest or 0} to {longest}"
        case inspect.BoolType():
            return "bool"
        case inspect.StructType(cls=cls) | inspect.EnumType(cls=cls):
            return cls.__name__
        case inspect.VarTupleType(item_type=item):
            return f"array of {type_in_words(item)}"
    raise AssertionError(f"no words for {kind}")


def test_the_enumerations() -> None:
    rows = document.table(document.section("## Structures"), "enumeration", "value", "meaning")
    told = [(name, value.strip("`")) for name, value, _ in rows]
    kinds: tuple[type[Enum], ...] = (Role, Registration, Priority, Attention, Hold, AccountState)
    assert told == [(kind.__name__, str(value)) for kind in kinds for value in kind]


def test_the_requests_are_named() -> None:
    sentence = document.section("## Requests and answers").split("\n")[1].split(". ")[0]
    assert set(document.quoted(sentence)) == {kind.__name__ for kind in REQUESTS}


def test_the_code_ranges_hold_every_message() -> None:
    ranges = {}
    for codes, purpose in document.table(document.section("## Codes"), "codes", "purpose"):
        low, high = map(int, codes.split("-"))
        ranges[range(low, high + 1)] = purpose
    for kind in ALL_KINDS:
        (purpose,) = (purpose for codes, purpose in ranges.items() if type_code(kind) in codes)
        assert "reserved" not in purpose
        section = document.section(f"### {purpose[0].upper()}{purpose[1:]}")
        assert f"#### {kind.__name__}\n" in section
    assert sorted(code for codes in ranges for code in codes) == list(range(1, 128))


# -- the states, codes and limits ----------------------------------------------


def test_the_state_table_is_the_table() -> None:
    rows = document.table(
        document.section("## States"), "state", "messages", "sent by", "next state"
    )
    told = {}
    for state, names, sender, following in rows:
        for name in names.split(", "):
            kind = KINDS[name]
            assert sender == ("client" if kind in FROM_CLIENT else "server")
            assert (State(state), kind) not in told, "told twice"
            told[State(state), kind] = State(following)
    assert told == TRANSITIONS


@pytest.mark.parametrize(("heading", "codes"), [("Refusals", Refusal), ("Farewells", Farewell)])
def test_every_code_says_whose_fault_it_is_and_what_to_do(
    heading: str, codes: type[Refusal] | type[Farewell]
) -> None:
    rows = document.table(
        document.section(f"## {heading}"), "code", "whose fault", "when", "what to do"
    )
    assert [row[0] for row in rows] == [code.value for code in codes]
    assert all(cell for row in rows for cell in row)


def test_every_limit_is_told_and_right() -> None:
    rows = document.table(document.section("## Limits"), "name", "value", "unit")
    told = {name: float(value) for name, value, _ in rows}
    assert told == {name: float(value) for name, value in vars(limits).items() if name.isupper()}


def test_the_caps() -> None:
    rows = document.table(document.section("## Frames"), "sender", "state", "longest body")
    assert [row[2] for row in rows] == [
        f"{limits.MAX_BODY_BEFORE_SIGN_IN_BYTES} bytes",
        f"{limits.MAX_BODY_FROM_CLIENT_BYTES} bytes",
        f"{limits.MAX_BODY_FROM_SERVER_BYTES} bytes",
    ]


def test_the_times_in_the_prose() -> None:
    section = document.section("## Time-outs")
    assert f"nothing for {limits.PING_WHEN_QUIET_S:g} s sends `Ping`" in section
    assert f"heard nothing at all for {limits.ANSWER_TIMEOUT_S:g} s" in section
    assert f"heard nothing from a client for {limits.SILENCE_LIMIT_S:g} s" in section
    assert f"port {limits.DEFAULT_PORT} " in document.section("## Transport")


def test_every_promise_is_told() -> None:
    rows = document.table(document.section("## Promises"), "promise", "the server", "the client")
    assert [row[0].split()[0] for row in rows] == [f"P{number}" for number in range(1, 11)]


def test_every_link_leads_somewhere() -> None:
    anchors = {
        heading.lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", document.text(), re.MULTILINE)
    }
    for link in re.findall(r"\]\(#([^)]+)\)", document.text()):
        assert link in anchors
