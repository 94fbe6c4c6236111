"""A whole service that a test turns by hand, and sockets that lead to it.

Nothing moves but when it is told to (`byhand.py`), so the same script leads the
same way, as fuzzing wants it.
"""

import contextlib
import itertools
import logging
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from protocol.codec import encode
from protocol.limits import LENGTH_PREFIX_BYTES, MAX_BODY_FROM_CLIENT_BYTES, PROTOCOL_VERSION
from protocol.messages import Hello, Register
from server import settings
from server.composition import compose
from server.sessions.guesses import SignInGuard
from server.setup import make_room
from server.transport.streams import RECEIVE_BYTES
from tests.fuzz.byhand import PoolByHand, StorageByHand, by_hand
from tests.support.clock import StandingClock
from tests.support.running import ROOM

ADMIN = "alice"
MEMBER = "bob"
PASSWORD = "a long enough password"
ALICE, BOB = 1, 2
"""The numbers of their accounts."""

ADDRESS = "192.0.2.7"

QUIET_S = 0.01 if sys.platform == "win32" else 0.0
"""How long nothing must have come for everything to be there: on Windows a pair
of sockets is TCP, whose bytes are on their way for a moment."""

IN_MEMORY = Path("/dev/shm")
"""Where the room lies, if there is such a folder: a fuzzer would wait for the disk
most of the time."""

LONGEST_WAIT_S = 20.0

MAX_HELD_BYTES = LENGTH_PREFIX_BYTES + MAX_BODY_FROM_CLIENT_BYTES + RECEIVE_BYTES
"""The most that a peer can make its session keep of what it sent (P9)."""


class Errors(logging.Handler):
    """Everything that the server has logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))


class Stage:
    """The room, with alice, who is its administrator, and bob, a member.
    `chosen` are settings of its own."""

    def __init__(self, clock: StandingClock, errors: Errors, **chosen: object) -> None:
        self.clock = clock
        self.errors = errors
        self._folder = Path(
            tempfile.mkdtemp(prefix="rostrum-fuzz-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None)
        )
        self._count = itertools.count(1)
        self._peers: list[socket.socket] = []
        template = self._folder / "template"
        make_room(template, {**ROOM, "tls": False}, ADMIN, "Amelia Hart", PASSWORD)
        self._chosen = settings.load(template, {}, {"port": 0})
        self._open()
        peer = self.connect()
        peer.sendall(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
        peer.sendall(encode(Register(2, MEMBER, "Ben Osei", PASSWORD)))
        self.settle()
        self._end()
        shutil.rmtree(template)
        self._room.rename(template)
        self._chosen = settings.load(template, {}, {"port": 0, **chosen})
        self._open()

    def put_back(self) -> None:
        """Everything as it was in the beginning."""
        self._end()
        shutil.rmtree(self._room)
        self.errors.records.clear()
        self._open()

    def close(self) -> None:
        """End it and leave nothing behind."""
        self._end()
        shutil.rmtree(self._folder)

    def connect(self, address: str = ADDRESS) -> socket.socket:
        """Somebody of whom nothing is known yet. Closed with the stage at the
        latest."""
        ours, theirs = socket.socketpair()
        self._peers.append(ours)
        self.service.connections.accept(theirs, address, len(self._peers))
        return ours

    def forgive(self) -> None:
        """Let no wrong password of before slow down the next one."""
        object.__setattr__(self.service.context, "sign_ins", SignInGuard())

    # -- what moves ----------------------------------------------------------------

    def turn(self) -> None:
        """One turn of the loop."""
        self.service.reactor.turn(0)

    def write(self) -> bool:
        """Let the writer's thread work; whether it had anything to do."""
        return self._storage.write_next()

    def read(self) -> bool:
        """Let the reader's thread work; whether it had anything to do."""
        return self._storage.read_next() or self._storage.tidy_next()

    def hash(self) -> bool:
        """Let a hasher work; whether it had anything to do."""
        return self._pool.hash_next()

    def pass_time(self, seconds: float) -> None:
        """Put the clock forward, and do what is due."""
        self.clock.forward(seconds)
        self.turn()

    def settle(self) -> None:
        """Go on until there is nothing left to do."""
        deadline = time.monotonic() + LONGEST_WAIT_S
        while self.write() or self.read() or self.hash() or self._is_busy():
            self.turn()
            assert time.monotonic() < deadline, "there is always something left to do"
        for session in self.service.connections:
            assert session._connection.buffered <= MAX_HELD_BYTES

    def _is_busy(self) -> bool:
        reactor = self.service.reactor
        return bool(
            reactor._handed_over
            or reactor._ready
            or reactor._unhurried
            or reactor._before_waiting
            or reactor._selector.select(QUIET_S)
            or (reactor._timers and reactor._timers[0][0] <= self.clock.monotonic_s())
        )

    def _open(self) -> None:
        self._room = self._folder / str(next(self._count))
        shutil.copytree(self._folder / "template", self._room)
        self.service = compose(self._chosen, self._room, self.clock)
        storage, pool = self.service.storage, self.service.passwords._pool
        assert isinstance(storage, StorageByHand) and isinstance(pool, PoolByHand)
        self._storage, self._pool = storage, pool

    def _end(self) -> None:
        for peer in self._peers:
            peer.close()
        self._peers.clear()
        self.settle()
        self.service.stop_threadsafe()
        self.service.run()


@contextlib.contextmanager
def stage(**chosen: object) -> Iterator[Stage]:
    """A stage; `chosen` are settings of its own."""
    logger, errors = logging.getLogger("server"), Errors()
    was_propagating = logger.propagate
    logger.addHandler(errors)
    logger.propagate = False
    try:
        with by_hand() as clock:
            made = Stage(clock, errors, **chosen)
            try:
                yield made
            finally:
                made.close()
    finally:
        logger.removeHandler(errors)
        logger.propagate = was_propagating
