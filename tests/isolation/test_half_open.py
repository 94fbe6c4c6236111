"""P5: a peer that is only half there is given up, with all that waited for it."""

import socket
from collections.abc import Callable

import pytest

from protocol.messages import Presence
from server.sessions.session import PUSH_CAP_BYTES
from tests.isolation.conftest import House, first_words, until

OpenHouse = Callable[[], House]


def test_p5_a_peer_that_died_while_bytes_waited_for_it_is_given_up(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sessions.session.HELLO_LIMIT_S", 1.0)
    monkeypatch.setattr("server.sessions.session.SILENCE_LIMIT_S", 2.0)
    monkeypatch.setattr("server.transport.streams.LINGER_S", 0.2)
    house = open_house()
    alice = house.alice()
    # From here on it neither reads nor writes: to the server it is as one whose
    # machine was switched off, but that its system still takes what fits.
    house.member("dead", receive_buffer_bytes=8192)
    stream = house.session_of("dead")._stream
    stream._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    number = 0
    while stream.pending_bytes < PUSH_CAP_BYTES // 2:
        number += 1
        assert number < 300, "it takes everything"
        alice.post("x" * 4000, number.to_bytes(16, "big"))
    until(lambda: stream.closed, alice)
    assert stream.pending_bytes == 0
    until(lambda: Presence(1, 2) in alice.heard, alice)


@pytest.mark.parametrize("words", [slice(0), slice(-1)], ids=["none", "all but one byte"])
def test_p9_a_peer_that_dies_within_its_first_words_is_given_up(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, words: slice
) -> None:
    monkeypatch.setattr("server.sessions.session.HELLO_LIMIT_S", 1.0)
    monkeypatch.setattr("server.transport.streams.LINGER_S", 0.2)
    house = open_house()
    alice = house.alice()
    with socket.create_connection(("127.0.0.1", house.service.port)) as dead:
        dead.sendall(first_words(house.tls)[words])
        until(lambda: house.service.metrics.connections == 2, alice)
        until(lambda: len(house.service.connections) == 1, alice)


def test_a_peer_that_ends_its_own_side_is_let_go_at_once(house: House) -> None:
    alice, leaver = house.alice(), house.member("leaver")
    stream = house.session_of("leaver")._stream
    leaver.socket.shutdown(socket.SHUT_WR)
    until(lambda: stream.closed, alice)
