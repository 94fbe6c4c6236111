"""The two ends without a network: what each takes, refuses and closes on."""

from typing import Any

import msgspec
import pytest

from protocol import limits
from protocol.codec import encode
from protocol.connection import ClientConnection, Mistake, ServerConnection, ServerError
from protocol.framing import FrameTooLarge, frame
from protocol.messages import (
    Attending,
    Changed,
    FromClient,
    FromServer,
    Goodbye,
    Hello,
    Ping,
    Pong,
    Post,
    Posted,
    Refused,
    Seen,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    Sync,
    Welcome,
    WireMessage,
)
from protocol.refusals import Refusal
from protocol.states import TRANSITIONS, IllegalMessage, State
from tests.protocol.samples import (
    FROM_CLIENT,
    FROM_SERVER,
    ROOM_MESSAGE,
    WAY_TO,
    elements,
    plain,
)

UNKNOWN = frame(b"\x92\x7f\x05")
HOPELESS = frame(b"\xc0")


def server_in(state: State) -> ServerConnection:
    server = ServerConnection()
    for message in WAY_TO[state]:
        if type(message) in FROM_CLIENT:
            server.receive(encode(message))
            assert list(server.incoming()) == [message]
        else:
            assert isinstance(message, FromServer)
            server.send(message)
    assert server.state is state
    return server


def client_in(state: State) -> ClientConnection:
    client = ClientConnection()
    for message in WAY_TO[state]:
        if isinstance(message, FromClient):
            client.send(message)
        else:
            client.receive(encode(message))
            assert list(client.incoming()) == [message]
    assert client.state is state
    return client


def mistakes(server: ServerConnection, data: bytes) -> list[tuple[int, Refusal]]:
    server.receive(data)
    heard = []
    for message in server.incoming():
        assert isinstance(message, Mistake), message
        heard.append((message.request, message.code))
    return heard


# -- the server's end ----------------------------------------------------------


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", FROM_CLIENT)
def test_p9_an_illegal_message_is_a_mistake_and_changes_nothing(
    state: State, kind: type[WireMessage]
) -> None:
    server = server_in(state)
    message = plain(kind, 9)
    server.receive(encode(message))
    heard = list(server.incoming())
    if (state, kind) in TRANSITIONS:
        assert heard == [message]
        return
    assert [type(mistake) for mistake in heard] == [Mistake]
    mistake = heard[0]
    assert isinstance(mistake, Mistake)
    assert (mistake.request, mistake.code) == (
        0 if kind in (Attending, Ping, Seen) else 9,
        Refusal.NOT_NOW,
    )
    assert kind.__name__ in mistake.detail
    assert server.state is state


def test_p9_mistakes_do_not_stop_what_follows() -> None:
    server = ServerConnection()
    hello = plain(Hello)
    server.receive(HOPELESS + UNKNOWN + encode(plain(Sync, 4)) + encode(hello) + HOPELESS)
    heard = list(server.incoming())
    codes = [message.code for message in heard if isinstance(message, Mistake)]
    assert codes == [
        Refusal.MALFORMED,
        Refusal.UNKNOWN_MESSAGE,
        Refusal.NOT_NOW,
        Refusal.MALFORMED,
    ]
    assert heard[3] == hello
    assert server.state is State.AWAITING_WELCOME


def test_a_mistake_that_is_said_back_is_what_the_client_hears() -> None:
    server = server_in(State.GREETED)
    client = client_in(State.GREETED)
    for request, code in mistakes(server, UNKNOWN + encode(plain(Post, 8))):
        client.receive(server.send(Refused(request, code)))
    assert list(client.incoming()) == [Refused(5, "unknown_message"), Refused(8, "not_now")]
    assert client.state is server.state is State.GREETED


@pytest.mark.parametrize("again", [SignIn, Hello, Post])
def test_p9_a_number_in_use_is_refused_under_none(again: type[WireMessage]) -> None:
    """Were it refused under its own number, both ends would take that for the
    answer that the first request waits for."""
    server = server_in(State.AWAITING_SIGN_IN)
    assert mistakes(server, encode(plain(again, 2))) == [(0, Refusal.NOT_NOW)]
    server.send(Refused(0, Refusal.NOT_NOW))
    assert not server.signed_in
    server.send(plain(SignedIn, 2))
    assert server.signed_in


def test_p9_nonsense_under_a_number_in_use_is_refused_under_none() -> None:
    server = server_in(State.AWAITING_SIGN_IN)
    nonsense = msgspec.msgpack.encode([17, 2, "amelia"])
    unknown = msgspec.msgpack.encode([127, 2])
    assert mistakes(server, frame(nonsense) + frame(unknown)) == [
        (0, Refusal.MALFORMED),
        (0, Refusal.UNKNOWN_MESSAGE),
    ]


def test_p9_a_post_s_number_does_not_sign_anybody_out() -> None:
    server = server_in(State.SIGNED_IN)
    server.receive(encode(plain(Post, 7)))
    assert len(list(server.incoming())) == 1
    assert mistakes(server, encode(plain(SignOut, 7))) == [(0, Refusal.NOT_NOW)]
    server.send(plain(Posted, 7))
    server.receive(encode(plain(SignOut, 7)))
    assert list(server.incoming()) == [plain(SignOut, 7)]


BEFORE = limits.MAX_BODY_BEFORE_SIGN_IN_BYTES
SIGNED_IN = limits.MAX_BODY_FROM_CLIENT_BYTES
CAPS = dict.fromkeys(State, BEFORE) | {
    State.SIGNED_IN: SIGNED_IN,
    State.AWAITING_SIGN_OUT: SIGNED_IN,
}


@pytest.mark.parametrize("state", State)
def test_p9_the_cap_is_the_state_s(state: State) -> None:
    server = server_in(state)
    server.receive(CAPS[state].to_bytes(4, "big"))
    assert list(server.incoming()) == []
    server = server_in(state)
    server.receive((CAPS[state] + 1).to_bytes(4, "big"))
    with pytest.raises(FrameTooLarge):
        list(server.incoming())


def long_post(request: int) -> Post:
    return Post(request, bytes(16), "x" * BEFORE)


def test_p9_the_cap_rises_with_signed_in_and_falls_with_signed_out() -> None:
    server = server_in(State.AWAITING_SIGN_IN)
    server.send(plain(SignedIn, 2))
    server.receive(encode(long_post(5)))
    assert list(server.incoming()) == [long_post(5)]
    server.receive(encode(plain(SignOut, 6)))
    assert list(server.incoming()) == [plain(SignOut, 6)]
    server.send(plain(SignedOut, 6))
    server.receive(encode(long_post(7))[:4])
    with pytest.raises(FrameTooLarge):
        list(server.incoming())


def test_the_cap_stays_while_signing_out() -> None:
    server = server_in(State.AWAITING_SIGN_OUT)
    server.send(Changed(ROOM_MESSAGE))
    server.receive(SIGNED_IN.to_bytes(4, "big"))
    assert list(server.incoming()) == []


def test_p9_a_refused_sign_in_does_not_raise_the_cap() -> None:
    server = server_in(State.AWAITING_SIGN_IN)
    server.send(Refused(2, Refusal.WRONG_CREDENTIALS))
    assert server.state is State.GREETED
    server.receive((BEFORE + 1).to_bytes(4, "big"))
    with pytest.raises(FrameTooLarge):
        list(server.incoming())


def test_the_cap_counts_at_the_moment_a_frame_is_taken() -> None:
    """The session may answer one message before it takes the next from the
    same bytes."""
    server = server_in(State.GREETED)
    server.receive(encode(plain(SignIn, 2)) + encode(long_post(3)))
    incoming = server.incoming()
    assert next(incoming) == plain(SignIn, 2)
    server.send(plain(SignedIn, 2))
    assert next(incoming) == long_post(3)


# -- the client's end ----------------------------------------------------------


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", [kind for kind in FROM_SERVER if kind is not Refused])
def test_a_client_closes_on_what_the_server_may_not_say_now(
    state: State, kind: type[WireMessage]
) -> None:
    client = client_in(state)
    client.receive(encode(plain(kind)))
    if (state, kind) in TRANSITIONS:
        assert list(client.incoming()) == [plain(kind)]
    else:
        with pytest.raises(ServerError, match=kind.__name__):
            list(client.incoming())


@pytest.mark.parametrize("body", [b"\x91\x7f", b"\x92\x7f\x91\x01", b"\x92\x7f\x05"])
def test_a_client_passes_over_what_a_newer_server_says(body: bytes) -> None:
    client = client_in(State.SIGNED_IN)
    client.receive(frame(body) + encode(Changed(ROOM_MESSAGE)))
    assert list(client.incoming()) == [Changed(ROOM_MESSAGE)]


@pytest.mark.parametrize("body", [b"", b"\xc0", b"\x91\x26", b"\x93\x04\x07\xff"])
def test_a_client_closes_on_a_malformed_message(body: bytes) -> None:
    client = client_in(State.SIGNED_IN)
    client.receive(frame(body))
    with pytest.raises(ServerError):
        list(client.incoming())


@pytest.mark.parametrize("state", State)
def test_a_client_s_cap_is_the_same_in_every_state(state: State) -> None:
    client = client_in(state)
    client.receive(limits.MAX_BODY_FROM_SERVER_BYTES.to_bytes(4, "big"))
    assert list(client.incoming()) == []
    client = client_in(state)
    client.receive((limits.MAX_BODY_FROM_SERVER_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(FrameTooLarge):
        list(client.incoming())


# -- both ----------------------------------------------------------------------


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", FROM_CLIENT)
def test_a_client_says_only_what_the_table_allows(state: State, kind: type[WireMessage]) -> None:
    client = client_in(state)
    assert client.may_send(kind) == ((state, kind) in TRANSITIONS)
    if client.may_send(kind):
        assert client.send(plain(kind, 9)) == encode(plain(kind, 9))
    else:
        with pytest.raises(IllegalMessage):
            client.send(plain(kind, 9))
        assert client.state is state


def test_what_cannot_be_encoded_changes_nothing() -> None:
    client = client_in(State.GREETED)
    with pytest.raises(UnicodeEncodeError):
        client.send(SignIn(2, "amelia", "half a pair: \ud83d"))
    assert client.state is State.GREETED
    client.send(plain(SignIn, 2))


@pytest.mark.parametrize("connection", [ClientConnection, ServerConnection])
def test_the_end_closes(connection: type[ClientConnection] | type[ServerConnection]) -> None:
    end = connection()
    end.receive(encode(plain(Hello))[:7])
    assert end.buffered == 7
    end.receive_end()
    assert end.state is State.CLOSED
    assert not end.signed_in
    with pytest.raises(IllegalMessage):
        end.send(Goodbye("silent"))  # type: ignore[arg-type] # a client's end, perhaps


@pytest.mark.parametrize("state", State)
def test_signed_in_is_told_by_both(state: State) -> None:
    expected = state in (State.SIGNED_IN, State.AWAITING_SIGN_OUT)
    assert server_in(state).signed_in == client_in(state).signed_in == expected


def test_a_whole_exchange_cut_at_every_byte() -> None:
    said: list[Any] = [
        plain(Hello, 1),
        plain(Welcome, 1),
        plain(SignIn, 2),
        plain(SignedIn, 2),
        plain(Post, 3),
        plain(Posted, 3),
        Changed(ROOM_MESSAGE),
        Ping(1),
        Pong(1, 1),
        plain(SignOut, 4),
        plain(SignedOut, 4),
        Goodbye("server_stopping"),
    ]
    client, server = ClientConnection(), ServerConnection()
    for message in said:
        speaker, listener = (client, server) if type(message) in FROM_CLIENT else (server, client)
        data = speaker.send(message)
        for byte in data[:-1]:
            listener.receive(bytes((byte,)))
            assert list(listener.incoming()) == []
        listener.receive(data[-1:])
        assert list(listener.incoming()) == [message]
        assert client.state is server.state
    assert client.state is State.CLOSED


def test_fields_of_the_future_do_not_disturb_the_machine() -> None:
    server = ServerConnection()
    server.receive(frame(msgspec.msgpack.encode([*elements(plain(Hello, 1)), {"new": 1}])))
    assert list(server.incoming()) == [plain(Hello, 1)]
    assert server.state is State.AWAITING_WELCOME
