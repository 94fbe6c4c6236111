"""Rostrum: a server process, and members who are accounts with session tokens."""

import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.load.scripts import Scripts, Step
from protocol.codec import encode
from protocol.limits import (
    MAX_CHANGES_MESSAGES,
    PING_WHEN_QUIET_S,
    POST_ID_BYTES,
    PROTOCOL_VERSION,
)
from protocol.messages import (
    Changes,
    Hello,
    Ping,
    Post,
    Posted,
    Resume,
    Role,
    SignedIn,
    Sync,
    WireMessage,
    type_code,
)
from server.domain.users import new_token, token_digest
from server.storage.sqlite import open_store
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess
from tests.support.wire import WireClient

CONNECTIONS = 20_000
"""What the room takes while it is measured: all come from one address."""

_SIGN_IN = 0x5AAD0001
_SYNC = 0x5AAD0002
"""Request numbers whose bytes are not met by chance in what is heard."""


class Rostrum:
    """A server with one administrator who has a password, and so many members, and further
    administrators, who have session tokens alone."""

    stores = True

    def __init__(
        self, folder: Path, members: int, tls: bool = False, administrators: int = 0
    ) -> None:
        self.name = "Rostrum, TLS" if tls else "Rostrum"
        self._process = ServerProcess(folder, tls=tls)
        self._process.make_room()
        self.data_dir = self._process.data_dir
        with (self.data_dir / "rostrum.toml").open("a", encoding="utf-8") as settings:
            settings.write(
                f"\nmax_connections = {CONNECTIONS}\n"
                f'max_connections_per_address = {CONNECTIONS}\nlog_level = "warning"\n'
            )
        self.tokens = make_accounts(self.data_dir, "member", Role.MEMBER, members)
        self.admin_tokens = make_accounts(self.data_dir, "admin", Role.ADMIN, administrators)

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()

    @property
    def port(self) -> int:
        return self._process.port

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """End it as an operator does."""
        self._process.stop()

    def start(self) -> None:
        """Start it again, on its port. Returns when it listens."""
        self._process.start()

    def scripts(self, count: int, held: Sequence[int] = ()) -> Scripts:
        """Return what the first so many members say to get in. With revisions `held`, each
        also asks for all that has changed since: for one after the other of these, a page
        each."""
        pages = [
            Step(encode(Sync(_SYNC + place, revision)), start_of(Changes, _SYNC + place))
            for place, revision in enumerate(held)
        ]
        steps = [[sign_in(token), *pages] for token in self.tokens[:count]]
        return Scripts(steps, encode(Ping(1)), PING_WHEN_QUIET_S)

    def publisher(self) -> "RostrumPublisher":
        return RostrumPublisher(self.administrator())

    def administrator(self) -> WireClient:
        """Return a connection on which an administrator is signed in."""
        client = WireClient(self._process.port, tls=self._process.tls)
        client.hello()
        client.sign_in(ADMIN, PASSWORD)
        return client


class RostrumPublisher:
    """An administrator, who is told of each message that it is on the disk."""

    def __init__(self, client: WireClient) -> None:
        self._client = client
        self._unanswered = 0

    def publish(self, texts: Sequence[str]) -> None:
        posts = [
            Post(self._client.number(), secrets.token_bytes(POST_ID_BYTES), text) for text in texts
        ]
        self._unanswered += len(posts)
        self._client.say_bytes(b"".join(map(encode, posts)))

    def settle(self) -> None:
        while self._unanswered:
            self._unanswered -= isinstance(self._client.next(), Posted)
        self._client.heard.clear()

    def close(self) -> None:
        self._client.close()


def make_accounts(data_dir: Path, name: str, role: Role, count: int) -> list[bytes]:
    """Add so many accounts to a room that nobody serves, each with a session. Returns their
    tokens. Their passwords fit nothing: hashing ten thousand would take minutes."""
    tokens = [new_token() for _ in range(count)]
    now_ms = time.time_ns() // 1_000_000
    with open_store(data_dir) as store, store.transaction():
        for number, token in enumerate(tokens, 1):
            shown = f"{name.title()} {number}"
            user = store.users.add(f"{name}{number:05d}", shown, role, "-", now_ms)
            store.sessions.open(user.id, token_digest(token), "bench", "127.0.0.1", now_ms)
    return tokens


def pages_between(held: int, revision: int) -> list[int]:
    """Return the revisions to sync by, one page after the other, for short messages."""
    return list(range(held, revision, MAX_CHANGES_MESSAGES))


def sign_in(token: bytes) -> Step:
    """Return the step by which somebody with this token gets in."""
    hello = encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION, "bench"))
    return Step(hello + encode(Resume(_SIGN_IN, token)), start_of(SignedIn, _SIGN_IN))


def start_of(kind: type[WireMessage], request: int) -> bytes:
    """Return how a body begins after its array's head: its type and its request number,
    as MessagePack has them."""
    code = type_code(kind)
    first = bytes([code]) if code < 0x80 else bytes([0xCC, code])
    return first + b"\xce" + request.to_bytes(4, "big")
