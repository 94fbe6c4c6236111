"""A client without its window at a scripted server, both moved by one test."""

import itertools
import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app.controllers.client import Client
from app.models.connection.status import Phase
from app.models.credentials import MemoryCredentials
from app.net.backoff import BackoffPolicy
from protocol.messages import (
    FromServer,
    GetHistory,
    History,
    Person,
    Ping,
    Presence,
    Resume,
    Role,
    RoomMessage,
    SignedIn,
    SignIn,
    WireMessage,
)
from tests.app.net.scripted import WAIT_S, Peer, ScriptedServer
from tests.support.headless import QUICK, HeadlessClient

ALICE = Person(1, "alice", "Amelia Hart", Role.ADMIN)
BOB = Person(2, "bob", "Bob", Role.MEMBER)
TOKEN = b"t" * 32
PASSWORD = "a long enough password"

Kind = TypeVar("Kind", bound=WireMessage)


def message(
    number: int, revision: int = 0, text: str = "text", author: int = 9, post_id: bytes = b""
) -> RoomMessage:
    """One of the room's."""
    post_id = post_id or number.to_bytes(16, "big")
    return RoomMessage(number, revision or number, author, "Someone", 5, text, post_id)


class Play:
    """`peer` is the server's end of the client's latest connection."""

    def __init__(self, data_dir: Path, backoff: BackoffPolicy = QUICK) -> None:
        self.server = ScriptedServer()
        self.credentials = MemoryCredentials()
        self.headless = HeadlessClient(data_dir, self.server.port, self.credentials, backoff)
        self._tokens = itertools.count(1000)
        self.client.open()
        self.greet()

    @property
    def client(self) -> Client:
        return self.headless.client

    def close(self) -> None:
        self.client.close()
        self.server.close()

    def until(self, condition: Callable[[], bool], what: str = "as expected") -> None:
        self.headless.until(condition, what)

    def until_phase(self, phase: Phase) -> None:
        self.until(lambda: self.client.status.now.phase is phase, f"to be {phase}")

    def break_off(self) -> None:
        """Close the connection; return when the client knows."""
        self.headless.reasons.clear()
        self.peer.close()
        self.until(lambda: bool(self.headless.reasons), "to notice")

    def greet(self, room_id: bytes = bytes(16)) -> Peer:
        """Take the client's next connection in."""
        before = self.client._requests._link
        self.peer = self.server.accept()
        self.peer.greet(room_id)
        self.until(lambda: self.client._requests._link not in (None, before), "to be greeted")
        return self.peer

    def hear_a(self, kind: type[Kind]) -> Kind:
        """What the client says next, pings aside; it is moved meanwhile."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            for message in self.peer.connection.incoming():
                if not isinstance(message, Ping):
                    assert isinstance(message, kind), message
                    return message
            self.headless.turn(0.002)
            if select.select([self.peer.socket], [], [], 0)[0]:
                self.peer.connection.receive(self.peer.socket.recv(65536))
        raise AssertionError(f"the client said nothing; {self.headless.describe()}")

    def say(self, *messages: FromServer) -> None:
        for said in messages:
            self.peer.say(said)

    def settle(self) -> None:
        """Return when the client, signed in, has dealt with all that was said."""
        token = next(self._tokens)
        self.say(Presence(token, token))
        self.until(lambda: self.client.status.now.online == token, "to have heard it all")

    def sign_in(
        self, person: Person = ALICE, token: bytes = TOKEN, revision: int = 0, last_id: int = 0
    ) -> None:
        """Sign in by the form. The newest page, where one is asked for, is left
        to the test."""
        self.client.session.sign_in(person.username, PASSWORD, True)
        request = self.hear_a(SignIn).request
        self.say(SignedIn(request, person, token, revision, last_id))
        self.until(lambda: self.client.account.person == person, "to be signed in")

    def resume(self, person: Person = ALICE, revision: int = 0, last_id: int = 0) -> None:
        """Take up the session again that the client asks for."""
        resume = self.hear_a(Resume)
        self.say(SignedIn(resume.request, person, resume.token, revision, last_id))

    def give_page(self, *messages: RoomMessage, more: bool = False) -> None:
        """Answer the `GetHistory` that is heard next."""
        self.say(History(self.hear_a(GetHistory).request, messages, more))
