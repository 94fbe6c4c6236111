"""What must hold whatever two peers say to a server.

`one_input` takes what a fuzzer has made up and plays it: its bytes are the
script (`OPS`), the peers two that may each be anybody. It raises AssertionError
where a promise is broken.
"""

import atexit
import functools
import socket
from collections.abc import Callable
from contextlib import ExitStack

from protocol.codec import Undecodable, decode_from_server, encode
from protocol.framing import FrameReader, frame
from protocol.limits import MAX_BODY_FROM_SERVER_BYTES, PROTOCOL_VERSION
from protocol.messages import (
    AccountState,
    Audit,
    Awaiting,
    AwaitingApproval,
    Changed,
    Done,
    FromServer,
    GetAudit,
    GetPeople,
    Goodbye,
    Hello,
    InviteCreated,
    Invites,
    Lagging,
    People,
    Pong,
    Post,
    Posted,
    Presence,
    Refused,
    RemovePerson,
    ResetCode,
    ResetPassword,
    Resume,
    Role,
    SetRole,
    SetState,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    Sync,
    Welcome,
    WireMessage,
    YouChanged,
)
from protocol.states import REQUESTS
from tests.fuzz.stage import ADMIN, MEMBER, PASSWORD, Errors, Stage, stage
from tests.protocol.samples import plain

PUSHES = (Presence, Changed, Lagging, Goodbye, YouChanged, Awaiting)
TO_ANYBODY = (Welcome, Pong, Refused, Goodbye, Done, SignedIn, SignedOut, AwaitingApproval)
TO_ADMINISTRATORS = (People, Invites, Audit, Awaiting)
TO_WHO_WAS_ONE = (*TO_ADMINISTRATORS, Posted, InviteCreated, ResetCode)
"""What was done in time is confirmed, also to one who was demoted right after."""

KINDS = tuple(sorted(REQUESTS, key=lambda kind: kind.__name__))
ALICE, BOB = 1, 2
"""The numbers of their accounts."""

MAX_OPS = 40


class Peer:
    """One end of a connection: what it said, and what it may hear."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.socket.setblocking(False)
        self.hung_up = False
        self.role: Role | None = None
        self.was_administrator = False
        self.said = 0
        self.answered = 0
        self._frames = FrameReader(MAX_BODY_FROM_SERVER_BYTES)
        self._own_frames = FrameReader(1 << 62)

    def say(self, data: bytes) -> None:
        """Send it, as much of it as the system takes."""
        if self.hung_up:
            return
        try:
            sent = self.socket.send(data)
        except OSError:
            self.hung_up = True
            return
        self._own_frames.feed(data[:sent])
        self.said += len(list(self._own_frames.bodies()))

    def hear(self) -> list[FromServer]:
        """What has come, each thing checked against what this peer may hear."""
        try:
            while data := self.socket.recv(65536):
                self._frames.feed(data)
            self.hung_up = True
        except BlockingIOError:
            pass
        except ConnectionError:
            self.hung_up = True
        heard = []
        for body in self._frames.bodies():
            try:
                message = decode_from_server(body)
            except Undecodable as error:
                raise AssertionError(f"the server said what nobody can read: {error}") from None
            self._take(message)
            heard.append(message)
        assert self._frames.buffered == 0, "half a frame, and nothing more"
        return heard

    def _take(self, message: FromServer) -> None:
        if isinstance(message, SignedIn | YouChanged):
            self.role = message.person.role
            self.was_administrator |= self.role is Role.ADMIN
        elif isinstance(message, SignedOut):
            self.role, self.was_administrator = None, False
        if self.role is None:
            assert isinstance(message, TO_ANYBODY), f"a stranger hears {message}"
        if self.role is Role.MEMBER:
            withheld = TO_ADMINISTRATORS if self.was_administrator else TO_WHO_WAS_ONE
            assert not isinstance(message, withheld), f"a member hears {message}"
        if isinstance(message, Refused):
            assert message.code != "internal", message
        if isinstance(message, Goodbye):
            self.hung_up = True
        elif not isinstance(message, PUSHES):
            self.answered += 1


class Play:
    """One script, played on the stage."""

    def __init__(self, on: Stage, script: bytes) -> None:
        self._stage = on
        self._script = script
        self._at = 0
        self._stack = ExitStack()
        self._peers: list[Peer | None] = [None, None]
        self._turn = 0
        self._tokens = [bytes(32), bytes(32)]
        self._request = 0

    def run(self) -> None:
        with self._stack:
            for _ in range(MAX_OPS):
                if self._at >= len(self._script):
                    break
                op = self._byte()
                self._turn = op >> 7
                OPS[op % len(OPS)](self)
            self._settle()
            for peer in self._peers:
                if peer is not None and not peer.hung_up:
                    assert peer.answered == peer.said, "one answer to each thing that is said"
        self._stage.settle()
        assert not self._stage.service._sessions, "a connection that has ended stays"

    def say_plain(self) -> None:
        """A message of this kind, as anybody might send it."""
        self._say(plain(KINDS[self._byte() % len(KINDS)], self._number()))

    def say_bent(self) -> None:
        """The same with one of its bytes changed."""
        body = bytearray(encode(plain(KINDS[self._byte() % len(KINDS)], self._number()))[4:])
        body[self._byte() % len(body)] = self._byte()
        self._peer().say(frame(bytes(body)))

    def say_body(self) -> None:
        """Anything at all, in a frame."""
        self._peer().say(frame(self._bytes()))

    def say_bytes(self) -> None:
        """Anything at all."""
        self._peer().say(self._bytes())

    def greet(self) -> None:
        self._say(Hello(self._number(), PROTOCOL_VERSION, PROTOCOL_VERSION))

    def sign_in(self) -> None:
        """As alice or as bob, mostly by the right password."""
        who = self._byte()
        password = "not the right one" if who % 8 == 7 else PASSWORD
        self._say(SignIn(self._number(), ADMIN if who % 2 else MEMBER, password))

    def come_in(self) -> None:
        """Greet, sign in and catch up, without waiting for an answer."""
        self.greet()
        self._settle()
        self._say(SignIn(self._number(), ADMIN if self._byte() % 2 else MEMBER, PASSWORD))
        self._settle()
        self._say(Sync(self._number(), 0))

    def resume(self) -> None:
        """By the token that one of the two got last."""
        self._say(Resume(self._number(), self._tokens[self._byte() % 2]))

    def sign_out(self) -> None:
        self._say(SignOut(self._number()))

    def post(self) -> None:
        key = self._byte() % 4
        self._say(Post(self._number(), key.to_bytes(16, "big"), f"message {key}"))

    def administer(self) -> None:
        """A deed of an administrator's upon alice or bob."""
        which = self._byte()
        number, on = self._number(), (ALICE, BOB)[which % 2]
        deeds: tuple[WireMessage, ...] = (
            SetRole(number, on, Role.ADMIN),
            SetRole(number, on, Role.MEMBER),
            SetState(number, on, AccountState.ACTIVE),
            SetState(number, on, AccountState.DISABLED),
            RemovePerson(number, on),
            ResetPassword(number, on),
            GetPeople(number, "", 0, 10),
            GetAudit(number, 0, 10),
        )
        self._say(deeds[which // 2 % len(deeds)])

    def hang_up(self) -> None:
        """Close, in the middle of whatever there is."""
        peer = self._peers[self._turn]
        if peer is not None:
            peer.socket.close()
            self._peers[self._turn] = None

    def wait(self) -> None:
        """Let everything come of what was said."""
        self._settle()

    def _settle(self) -> None:
        self._stage.settle()
        for index, peer in enumerate(self._peers):
            if peer is not None:
                for message in peer.hear():
                    if isinstance(message, SignedIn):
                        self._tokens[index] = message.token

    def _peer(self) -> Peer:
        peer = self._peers[self._turn]
        if peer is None or peer.hung_up:
            peer = Peer(self._stack.enter_context(self._stage.connect()))
            self._peers[self._turn] = peer
        return peer

    def _say(self, message: WireMessage) -> None:
        self._peer().say(encode(message))

    def _number(self) -> int:
        self._request += 1
        return self._request

    def _byte(self) -> int:
        byte = self._script[self._at] if self._at < len(self._script) else 0
        self._at += 1
        return byte

    def _bytes(self) -> bytes:
        count = self._byte()
        taken = self._script[self._at : self._at + count]
        self._at += count
        return taken


OPS: tuple[Callable[[Play], None], ...] = (
    Play.say_plain,
    Play.say_bent,
    Play.say_body,
    Play.say_bytes,
    Play.greet,
    Play.sign_in,
    Play.come_in,
    Play.resume,
    Play.sign_out,
    Play.post,
    Play.administer,
    Play.hang_up,
    Play.wait,
)


def play(on: Stage, errors: Errors, script: bytes) -> None:
    """Play it, and leave the stage as it was found."""
    on.forgive()
    Play(on, script).run()
    assert not errors.records, errors.records
    on.put_back()


@functools.cache
def _standing() -> tuple[Stage, Errors]:
    """One stage for as long as the process lives: a fuzzer has no end of its own."""
    atexit.register(_left.close)
    return _left.enter_context(stage())


_left = ExitStack()


def one_input(data: bytes) -> None:
    """Play this script."""
    try:
        play(*_standing(), data)
    except BaseException:
        _left.close()  # its threads would keep a process alive that is about to end
        raise
