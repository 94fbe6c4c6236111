"""A whole service that a test turns by hand, and peers with real sockets.

Nothing moves but when it is told to, so the same bytes lead the same way, as a
fuzzer wants it. Passwords are hashed with next to no memory; nothing else
differs from the server that people use.
"""

import contextlib
import logging
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import argon2

from protocol.codec import encode
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import Hello, Register
from server import passwords, settings
from server.service import Service
from server.setup import make_room
from server.throttle import SignInGuard
from tests.support.running import ROOM

ADMIN = "alice"
MEMBER = "bob"
PASSWORD = "a long enough password"

CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

LONGEST_WAIT_S = 20.0

MAX_PLAYS = 200
"""After so many the room is a new one in any case."""


class Errors(logging.Handler):
    """Everything that the server has logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))


class Stage:
    """The room, with alice, who is its administrator, and bob, a member."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="rostrum-fuzz-"))
        self._chosen = settings.load(self._make_template(), {}, {"port": 0})
        self._count = 0
        self.service = self._open()

    def _make_template(self) -> Path:
        template = self._folder / "template"
        template.mkdir()
        make_room(template, {**ROOM, "tls": False}, ADMIN, "Amelia Hart", PASSWORD)
        return template

    def add_member(self) -> None:
        """Let bob register; he is there from now on, whatever is renewed."""
        with self.connect() as peer:
            peer.sendall(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
            peer.sendall(encode(Register(2, MEMBER, "Ben Osei", PASSWORD)))
            self.settle()
        self._end()
        shutil.rmtree(self._folder / "template")
        (self._folder / str(self._count)).rename(self._folder / "template")
        self.service = self._open()

    def put_back(self) -> None:
        """Let everything be as it was in the beginning, but for sessions that
        have ended."""
        self._plays += 1
        context = self.service._context
        if self._plays > MAX_PLAYS or (context.room.head.id, context.watch._seen) != self._before:
            self._end()
            shutil.rmtree(self._folder / str(self._count))
            self.service = self._open()

    def forgive(self) -> None:
        """Let no wrong password of before slow down the next one."""
        object.__setattr__(self.service._context, "sign_ins", SignInGuard())

    def close(self) -> None:
        """End it and leave nothing behind."""
        self._end()
        shutil.rmtree(self._folder)

    def connect(self) -> socket.socket:
        """Somebody of whom nothing is known yet."""
        peer = socket.create_connection(("127.0.0.1", self.service.port))
        # What is sent is there at once, or the stage would not know when it is quiet.
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return peer

    def settle(self) -> None:
        """Turn until there is nothing left to do."""
        reactor, read = self.service._reactor, list[object]()
        deadline = time.monotonic() + LONGEST_WAIT_S
        self._turn_until_quiet(deadline)
        # Whatever was read meanwhile, for connections to follow, was read before this.
        self.service._storage.read(lambda _store: None, read.append)
        while not read:
            reactor.turn(0.01)
            assert time.monotonic() < deadline, "nothing is read any more"
        self._turn_until_quiet(deadline)

    def _turn_until_quiet(self, deadline: float) -> None:
        reactor = self.service._reactor
        while True:
            is_busy = any(session._in_flight for session in self.service._sessions)
            if not is_busy and not reactor._handed_over and not reactor._selector.select(0):
                return
            reactor.turn(0.01 if is_busy else 0)
            assert time.monotonic() < deadline, "there is always something left to do"

    def _open(self) -> Service:
        self._count += 1
        self._plays = 0
        folder = self._folder / str(self._count)
        shutil.copytree(self._folder / "template", folder)
        service = Service(self._chosen, folder)
        self._before = service._context.room.head.id, service._context.watch._seen
        return service

    def _end(self) -> None:
        self.service.stop_threadsafe()
        self.service.run()


@contextlib.contextmanager
def stage() -> Iterator[tuple[Stage, Errors]]:
    """A stage, and what goes wrong on it."""
    logger, errors = logging.getLogger("server"), Errors()
    real, was_propagating = passwords._argon2, logger.propagate
    passwords._argon2 = CHEAP
    logger.addHandler(errors)
    logger.propagate = False
    try:
        made = Stage()
        try:
            made.add_member()
            yield made, errors
        finally:
            made.close()
    finally:
        passwords._argon2 = real
        logger.removeHandler(errors)
        logger.propagate = was_propagating
