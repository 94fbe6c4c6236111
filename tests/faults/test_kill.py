"""kill -9 under posting load: what was confirmed is there once, in order, and
every client ends complete (P1 to P4).

The suite kills a few times; ROSTRUM_KILL_ROUNDS says how often.
"""

import os
import random
import threading
import time
from pathlib import Path

import pytest

from protocol.messages import Changed
from server.storage.sqlite import FILE_NAME
from server.storage.sqlite.checks.verify import findings
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess
from tests.support.wire import HungUp, WireClient

ROUNDS = int(os.environ.get("ROSTRUM_KILL_ROUNDS", "4"))
POSTERS = 3
READERS = 2
LONGEST_LIFE_S = 0.4

Message = tuple[int, int, str]
"""Id, revision and text."""


class Caller(threading.Thread):
    """Comes back whenever the server does, until told to stop."""

    def __init__(self, server: ServerProcess, token: bytes) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.token = token
        self.stopping = threading.Event()
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.stopping.is_set():
                try:
                    with WireClient(self.server.port, tls=False) as client:
                        client.hello()
                        client.resume(self.token)
                        self.talk(client)
                except (HungUp, OSError):
                    self.stopping.wait(0.005)  # the server is being started anew
        except BaseException as error:
            self.failure = error

    def talk(self, client: WireClient) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        self.stopping.set()
        self.join(60)
        assert not self.is_alive(), "a caller hangs"
        if self.failure is not None:
            raise self.failure


class Poster(Caller):
    """Posts under one id until it is confirmed, then the next."""

    def __init__(self, server: ServerProcess, token: bytes, number: int) -> None:
        super().__init__(server, token)
        self.number = number
        self.count = 0
        self.confirmed: list[Message] = []

    def talk(self, client: WireClient) -> None:
        while not self.stopping.is_set():
            text = f"{self.number}/{self.count}"
            post_id = self.number.to_bytes(8, "big") + self.count.to_bytes(8, "big")
            posted = client.post(text, post_id)
            self.confirmed.append((posted.id, posted.revision, text))
            self.count += 1


class Reader(Caller):
    """Keeps what it was told, and asks for what it missed."""

    def __init__(self, server: ServerProcess, token: bytes) -> None:
        super().__init__(server, token)
        self.held: list[Message] = []

    def talk(self, client: WireClient) -> None:
        self.catch_up(client)
        client.socket.settimeout(0.5)
        while not self.stopping.is_set():
            try:
                heard = client.next()
            except AssertionError:
                continue  # nothing came within that time
            if isinstance(heard, Changed) and heard.message.revision == len(self.held) + 1:
                self.hold(heard)
            elif isinstance(heard, Changed) and heard.message.revision > len(self.held):
                self.catch_up(client)

    def catch_up(self, client: WireClient) -> None:
        for message in client.sync(len(self.held)):
            self.held.append((message.id, message.revision, message.text))

    def hold(self, heard: Changed) -> None:
        message = heard.message
        self.held.append((message.id, message.revision, message.text))


@pytest.mark.timeout(900)
def test_p1_p2_p3_p4_whatever_was_confirmed_is_there_once_after_every_kill(tmp_path: Path) -> None:
    source = random.Random(7)
    with ServerProcess(tmp_path, tls=False) as server:
        with WireClient(server.port, tls=False) as client:
            client.hello()
            tokens = [client.sign_in(ADMIN, PASSWORD).token]
        posters = [Poster(server, tokens[0], number) for number in range(POSTERS)]
        readers = [Reader(server, tokens[0]) for _ in range(READERS)]
        callers: list[Caller] = [*posters, *readers]
        for caller in callers:
            caller.start()
        for _ in range(ROUNDS):
            time.sleep(source.uniform(0.02, LONGEST_LIFE_S))  # the random moment is the test
            server.restart()
            assert not [one.failure for one in callers if one.failure], callers
        for poster in posters:
            poster.finish()
        with WireClient(server.port, tls=False) as client:
            client.hello()
            client.resume(tokens[0])
            stored = [(one.id, one.revision, one.text) for one in client.sync(0)]
        for reader in readers:
            reader.finish()
            with WireClient(server.port, tls=False) as client:
                client.hello()
                client.resume(tokens[0])
                reader.catch_up(client)
        server.stop()
    numbers = list(range(1, len(stored) + 1))
    assert [one[0] for one in stored] == [one[1] for one in stored] == numbers, "a gap"
    texts = [one[2] for one in stored]
    assert len(set(texts)) == len(texts), "a message is there twice"
    confirmed = [one for poster in posters for one in poster.confirmed]
    assert len(confirmed) > ROUNDS, "nothing was under way"
    assert set(confirmed) <= set(stored), "what was confirmed is not there"
    for poster in posters:
        own = [text for text in texts if text.startswith(f"{poster.number}/")]
        assert own == [f"{poster.number}/{count}" for count in range(len(own))]
    for reader in readers:
        assert reader.held == stored
    assert findings(server.data_dir / FILE_NAME) == []
    print(f"{ROUNDS} kills, {len(confirmed)} confirmed posts")
