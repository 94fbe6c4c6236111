"""What must hold whatever two peers say to a server.

`one_input` takes what a fuzzer has made up and plays it: its bytes are the
script (`OPS`), the peers two that may each be anybody. Also which of the
server's threads works next is up to the script. It raises AssertionError where
a promise is broken.
"""

import atexit
import functools
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

from protocol.codec import encode
from protocol.framing import frame
from protocol.limits import LENGTH_PREFIX_BYTES, PROTOCOL_VERSION
from protocol.messages import (
    AccountState,
    ChangePassword,
    CreateInvite,
    EndSession,
    GetAudit,
    GetPeople,
    Hello,
    Post,
    RedeemReset,
    Register,
    RemovePerson,
    ResetPassword,
    Resume,
    Role,
    SetRole,
    SetState,
    SignIn,
    Sync,
    Welcome,
    WireMessage,
)
from protocol.states import REQUESTS
from server.sessions.guessing import REFUSED_AFTER_S
from tests.fuzz.peer import Known, Peer
from tests.fuzz.stage import ADMIN, ALICE, BOB, MEMBER, PASSWORD, Stage, stage
from tests.protocol.samples import plain

KINDS = tuple(sorted(REQUESTS, key=lambda kind: kind.__name__))
PASSWORDS = (PASSWORD, PASSWORD, PASSWORD, "quite another password")
PAUSES_S = (0.6, 1.1, 11.0, 31.0, 46.0, 601.0)
"""Beyond a look at the accounts, presence, the limits for Hello, for a frame and
for silence, and a password that is fresh."""

MAX_OPS = 60

Value = TypeVar("Value")


class Play:
    """One script, played on the stage."""

    def __init__(self, on: Stage, script: bytes) -> None:
        self._stage = on
        self._script = script
        self._at = 0
        self._known = Known()
        self._peers: list[Peer | None] = [None, None]
        self._turn = 0
        self._request = 0

    def run(self) -> None:
        for _ in range(MAX_OPS):
            if self._at >= len(self._script):
                break
            op = self._byte()
            self._turn = op >> 7
            OPS[(op & 0x7F) % len(OPS)](self)
        self.wait()
        # What strangers may not try is refused a while later, one after the other.
        for _ in range(MAX_OPS):
            if not any(peer is not None and not peer.hung_up and peer.open for peer in self._peers):
                break
            self._stage.pass_time(REFUSED_AFTER_S)
            self.wait()
        for peer in self._peers:
            if peer is not None and not peer.hung_up:
                assert not peer.open, "one answer to each thing that is said"
        self._is_alive()
        assert not self._stage.errors.records, self._stage.errors.records

    # -- what is said --------------------------------------------------------------

    def say_plain(self) -> None:
        """A message of this kind, as anybody might send it."""
        self._say(plain(KINDS[self._byte() % len(KINDS)], self._number()))

    def say_bent(self) -> None:
        """The same with one of its bytes changed."""
        kind = KINDS[self._byte() % len(KINDS)]
        body = bytearray(encode(plain(kind, self._number()))[LENGTH_PREFIX_BYTES:])
        body[self._byte() % len(body)] = self._byte()
        self._peer().say(frame(bytes(body)))

    def say_again(self) -> None:
        """A message of this kind under the number of the one before."""
        self._say(plain(KINDS[self._byte() % len(KINDS)], max(1, self._request)))

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
        name, password = self._name(who), PASSWORDS[who // 2 % len(PASSWORDS)]
        self._say(SignIn(self._number(), name, password))

    def come_in(self) -> None:
        """Greet, sign in and catch up, each after the other's answer."""
        self.greet()
        self.wait()
        self._say(SignIn(self._number(), self._name(self._byte()), PASSWORD))
        self.wait()
        self._say(Sync(self._number(), 0))
        self.wait()

    def resume(self) -> None:
        """By a token that somebody got."""
        token = self._one_of(self._known.tokens, bytes(32))
        self._say(Resume(self._number(), token))

    def register(self) -> None:
        """As carol, perhaps by an invite, or as bob, who is there already."""
        which = self._byte()
        invite = self._known.invites[-1] if which & 2 and self._known.invites else ""
        name = MEMBER if which % 8 == 7 else "carol"
        self._say(Register(self._number(), name, "C", PASSWORD, "", invite))

    def redeem(self) -> None:
        """By a reset code that somebody got."""
        who = self._name(self._byte())
        code = self._one_of(self._known.codes, "none")
        self._say(RedeemReset(self._number(), who, code, PASSWORDS[-1]))

    def change_password(self) -> None:
        which = self._byte()
        old, new = PASSWORDS[which % 4], PASSWORDS[which // 4 % 4]
        self._say(ChangePassword(self._number(), old, new))

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
            EndSession(number, 0),
            CreateInvite(number, (Role.ADMIN, Role.MEMBER)[which % 2], 1, 600_000),
            GetPeople(number, "", 0, 10),
            GetAudit(number, 0, 10),
        )
        self._say(deeds[which // 2 % len(deeds)])

    # -- what happens --------------------------------------------------------------

    def hang_up(self) -> None:
        """Close, in the middle of whatever there is."""
        peer = self._peers[self._turn]
        if peer is not None:
            peer.close()

    def turn(self) -> None:
        """The server reads what was said; its threads have not begun."""
        self._stage.turn()

    def write(self) -> None:
        self._stage.write()

    def read(self) -> None:
        self._stage.read()

    def hash(self) -> None:
        self._stage.hash()

    def pass_time(self) -> None:
        self._stage.pass_time(PAUSES_S[self._byte() % len(PAUSES_S)])

    def wait(self) -> None:
        """Let everything come of what was said."""
        is_over = False
        while not is_over:
            self._stage.settle()
            # All of them, not until the first that heard something.
            heard = [peer.hear() for peer in self._peers if peer is not None]
            is_over = not any(heard)

    # ------------------------------------------------------------------------------

    def _is_alive(self) -> None:
        """A newcomer is greeted."""
        newcomer = Peer(self._stage.connect(), self._known)
        newcomer.tell(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION))
        self._stage.settle()
        (welcome,) = newcomer.hear()
        assert isinstance(welcome, Welcome), welcome

    def _peer(self) -> Peer:
        peer = self._peers[self._turn]
        if peer is None or peer.hung_up:
            peer = self._peers[self._turn] = Peer(self._stage.connect(), self._known)
        return peer

    def _say(self, message: WireMessage) -> None:
        self._peer().tell(message)

    def _number(self) -> int:
        self._request += 1
        return self._request

    def _name(self, which: int) -> str:
        return ADMIN if which % 2 else MEMBER

    def _one_of(self, values: list[Value], none: Value) -> Value:
        which = self._byte()
        return values[which % len(values)] if values else none

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
    Play.say_again,
    Play.say_body,
    Play.say_bytes,
    Play.greet,
    Play.sign_in,
    Play.come_in,
    Play.resume,
    Play.register,
    Play.redeem,
    Play.change_password,
    Play.post,
    Play.administer,
    Play.hang_up,
    Play.turn,
    Play.write,
    Play.read,
    Play.hash,
    Play.pass_time,
    Play.wait,
)


def play(on: Stage, script: bytes) -> None:
    """Play it, and leave the stage as it was found."""
    try:
        Play(on, script).run()
    finally:
        on.put_back()


@functools.cache
def _standing() -> Stage:
    """One stage for as long as the process lives: a fuzzer has no end of its own."""
    kept_open = ExitStack()
    atexit.register(kept_open.close)
    return kept_open.enter_context(stage())


def one_input(data: bytes) -> None:
    """Play this script."""
    play(_standing(), data)
