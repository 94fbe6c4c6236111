"""A peer that asks without reading, for as long as the server lets it."""

import select
import ssl
import time
from collections.abc import Callable

from protocol.codec import encode
from protocol.messages import FromServer, WireMessage
from tests.support.wire import TIMEOUT_S, WireClient

AT_ONCE_BYTES = 16 * 1024
"""One TLS record: what was begun of it goes on as the same bytes."""

LOOK_EVERY_S = 0.05

_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Asker:
    """Sends question after question on a client's connection.

    `asked` counts the questions, numbered from 1 on, that were sent or begun.
    """

    def __init__(self, client: WireClient, question: Callable[[int], WireMessage]) -> None:
        self.asked = 0
        self._client = client
        self._question = question
        self._unsent = b""
        client.socket.setblocking(False)

    def ask_until(self, is_enough: Callable[[], bool], at_most: int) -> None:
        """Ask, so many at most, and read nothing, until the system takes no more or
        all was asked, and it is enough."""
        deadline = time.monotonic() + 2 * TIMEOUT_S
        while True:
            while len(self._unsent) < AT_ONCE_BYTES and self.asked < at_most:
                self.asked += 1
                self._unsent += encode(self._question(self.asked))
            if self._unsent and self._send():
                continue
            if is_enough():
                return
            assert time.monotonic() < deadline, f"not enough after {self.asked} questions"
            if self._unsent:
                select.select([], [self._client.socket], [], LOOK_EVERY_S)

    def read_until(self, is_last: Callable[[FromServer], bool]) -> list[FromServer]:
        """Send what is left and read on; everything that came."""
        heard: list[FromServer] = []
        is_over = False
        while not is_over:
            self._send()
            try:
                data = self._client.socket.recv(65536)
            except _LATER:
                readable, _, _ = select.select([self._client.socket], [], [], TIMEOUT_S)
                assert readable, f"nothing came after {heard[-3:]}"
                continue
            assert data, f"the server hung up after {heard[-3:]}"
            self._client.connection.receive(data)
            for message in self._client.connection.incoming():
                heard.append(message)
                is_over = is_over or is_last(message)
        return heard

    def _send(self) -> bool:
        """Send a piece, if the system takes it."""
        if not self._unsent:
            return True
        try:
            sent = self._client.socket.send(self._unsent[:AT_ONCE_BYTES])
        except _LATER:
            return False
        self._unsent = self._unsent[sent:]
        return True
