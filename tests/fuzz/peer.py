"""One end of a connection that says anything at all, and what it may hear.

Whatever comes is held against what this peer said: one answer to each frame, no
secret that its role may not know, nobody let in who did not give what lets in.
"""

import base64
import socket
import unicodedata
from collections import Counter, defaultdict

from protocol import joincode
from protocol.codec import Undecodable, decode_from_client, decode_from_server, encode
from protocol.framing import FrameReader
from protocol.limits import MAX_BODY_FROM_SERVER_BYTES
from protocol.messages import (
    Accepted,
    Audit,
    Awaiting,
    Changed,
    ChangePassword,
    Changes,
    Confirm,
    Confirmed,
    CreateInvite,
    Done,
    Found,
    FromServer,
    GetAudit,
    GetHistory,
    GetInvites,
    GetPart,
    GetPeople,
    GetRoster,
    GetScheduled,
    GetSessions,
    GetTallies,
    GetVersions,
    Goodbye,
    Hello,
    History,
    InviteCreated,
    Invites,
    Lagging,
    OfferFile,
    OwnAnswers,
    Part,
    People,
    Ping,
    Pinned,
    Pong,
    Post,
    Posted,
    Presence,
    Received,
    RedeemReset,
    Refused,
    Register,
    Remind,
    Reminded,
    ResetCode,
    ResetPassword,
    Resume,
    Role,
    RoomMessage,
    Roster,
    Scheduled,
    Search,
    Seen,
    SendPart,
    Sessions,
    SetRole,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    Sync,
    Tallies,
    TalliesOf,
    Templates,
    Upcoming,
    Versions,
    Welcome,
    WireMessage,
    YouChanged,
)
from server.domain.user import username_key
from server.domain.users import reset_digest
from tests.fuzz.stage import ADMIN, ALICE, MEMBER, PASSWORD
from tests.support.refusals import require_documented

PUSHES = (
    Accepted,
    Presence,
    Changed,
    Pinned,
    Templates,
    Upcoming,
    Tallies,
    OwnAnswers,
    Lagging,
    Goodbye,
    YouChanged,
    Awaiting,
)
TO_ANYBODY = (Welcome, Pong, Refused, Goodbye, SignedIn)
TO_ADMINISTRATORS = (
    Posted,
    People,
    Invites,
    InviteCreated,
    ResetCode,
    Audit,
    Awaiting,
    Versions,
    Templates,
    Scheduled,
    Upcoming,
    Received,
    Tallies,
    TalliesOf,
    Roster,
    Reminded,
)

ANSWERS: dict[type[WireMessage], type[WireMessage]] = {
    Hello: Welcome,
    Register: SignedIn,
    SignIn: SignedIn,
    Resume: SignedIn,
    RedeemReset: SignedIn,
    SignOut: SignedOut,
    GetSessions: Sessions,
    Sync: Changes,
    GetHistory: History,
    Post: Posted,
    GetPeople: People,
    ResetPassword: ResetCode,
    GetInvites: Invites,
    CreateInvite: InviteCreated,
    GetAudit: Audit,
    GetVersions: Versions,
    Search: Found,
    GetScheduled: Scheduled,
    OfferFile: Received,
    SendPart: Received,
    GetPart: Part,
    GetTallies: TalliesOf,
    Confirm: Confirmed,
    GetRoster: Roster,
    Remind: Reminded,
}
"""The answer to a request, where nobody has to await approval; `Done` to the
others."""

UNBOUNDED_BYTES = 1 << 62

NEWCOMERS = range(3, 100)
"""The numbers of accounts that are yet to be created."""


class Known:
    """What everybody together has been told and has said: who knows more than
    that has it from a leak."""

    def __init__(self) -> None:
        self.tokens: list[bytes] = []
        self.codes: list[str] = []
        self.invites: list[str] = []
        self.may_post = {ALICE}
        """Accounts that somebody may have made administrators."""
        self.authors: set[int] = set()
        self._passwords: defaultdict[str, set[str]] = defaultdict(set)
        self._passwords[username_key(ADMIN)] = {PASSWORD}
        self._passwords[username_key(MEMBER)] = {PASSWORD}
        self._changed: set[str] = set()

    def said(self, message: WireMessage) -> None:
        """Somebody asked for this, and may have got it."""
        if isinstance(message, SetRole) and message.role is Role.ADMIN:
            self.may_post.add(message.person_id)
        if isinstance(message, Register):
            if message.invite in self.invites:
                self.may_post |= set(NEWCOMERS)
            self._passwords[username_key(message.username)].add(_composed(message.password))
        elif isinstance(message, RedeemReset):
            self._passwords[username_key(message.username)].add(_composed(message.new_password))
        elif isinstance(message, ChangePassword):
            self._changed.add(_composed(message.new_password))

    def heard(self, message: FromServer) -> None:
        """The server told this to somebody who may know it."""
        self.authors |= {one.author_id for one in _messages_in(message)}
        assert self.authors <= self.may_post, f"a member has posted: {message}"
        if isinstance(message, SignedIn):
            self.tokens.append(message.token)
        elif isinstance(message, ResetCode):
            self.codes.append(message.code)
        elif isinstance(message, InviteCreated):
            self.invites.append(invite_in(message.join_code))

    def lets_in(self, message: WireMessage) -> bool:
        """Whether somebody may be signed in by this."""
        match message:
            case Register():
                return True
            case SignIn():
                passwords = self._passwords[username_key(message.username)] | self._changed
                return _composed(message.password) in passwords
            case Resume():
                return message.token in self.tokens
            case RedeemReset():
                return reset_digest(message.code) in map(reset_digest, self.codes)
        return False


class Peer:
    """One connection, read and written without waiting."""

    def __init__(self, sock: socket.socket, known: Known) -> None:
        self.socket = sock
        self.socket.setblocking(False)
        self.hung_up = False
        self.role: Role | None = None
        self._known = known
        self._own_frames = FrameReader(UNBOUNDED_BYTES)
        self._frames = FrameReader(MAX_BODY_FROM_SERVER_BYTES)
        self._unanswered: defaultdict[int, list[WireMessage | None]] = defaultdict(list)
        self._pings: Counter[int] = Counter()
        self._open = 0
        self._notices = self._maybe_refused = 0

    @property
    def open(self) -> int:
        """How many frames wait for their answer."""
        return max(0, self._open - self._maybe_refused)

    def tell(self, message: WireMessage) -> None:
        """Say this."""
        self.say(encode(message))

    def say(self, data: bytes) -> None:
        """Send it, as much of it as the system takes."""
        if self.hung_up:
            return
        try:
            sent = self.socket.send(data)
        except BlockingIOError:
            return
        except OSError:
            self.hung_up = True
            return
        self._own_frames.feed(data[:sent])
        for body in self._own_frames.bodies():
            self._said(body)

    def hear(self) -> list[FromServer]:
        """What has come, each thing held against what it may be."""
        try:
            while data := self.socket.recv(1 << 18):
                self._frames.feed(data)
            self.hung_up = True
        except BlockingIOError:
            pass
        except OSError:
            self.hung_up = True
        heard = []
        for body in self._frames.bodies():
            try:
                message = decode_from_server(body)
            except Undecodable as error:
                raise AssertionError(f"the server said what nobody can read: {error}") from None
            self._take(message)
            heard.append(message)
        return heard

    def close(self) -> None:
        """Be gone, in the middle of whatever there is."""
        self.socket.close()
        self.hung_up = True

    def _said(self, body: bytes) -> None:
        self._open += 1
        try:
            message = decode_from_client(body)
        except Undecodable as error:
            self._unanswered[error.request].append(None)
            return
        self._known.said(message)
        if isinstance(message, Seen):
            # Answered by nothing, unless it is refused: under no number.
            self._open -= 1
            self._notices += 1
            return
        if isinstance(message, Ping):
            self._pings[message.token] += 1
        self._unanswered[getattr(message, "request", 0)].append(message)

    def _take(self, message: FromServer) -> None:
        if not isinstance(message, PUSHES):
            self._answer(message)
        if isinstance(message, SignedIn | YouChanged):
            self.role = message.person.role
        elif isinstance(message, SignedOut):
            assert self.role is not None, "signed out of nothing"
            self.role = None
        elif self.role is None:
            assert isinstance(message, TO_ANYBODY), f"a stranger hears {message}"
        elif self.role is Role.MEMBER:
            assert not isinstance(message, TO_ADMINISTRATORS), f"a member hears {message}"
        self._known.heard(message)
        if isinstance(message, Goodbye):
            self.hung_up = True

    def _answer(self, message: FromServer) -> None:
        if isinstance(message, Refused) and not message.request and self._notices:
            self._notices -= 1
            self._maybe_refused += 1
            return
        self._open -= 1
        assert self._open >= 0, f"nobody asked for {message}"
        if isinstance(message, Pong):
            self._pings[message.token] -= 1
            assert self._pings[message.token] >= 0, f"nobody sent the ping of {message}"
            assert self.role is not None or not message.revision, f"a stranger hears {message}"
            return
        if isinstance(message, Refused):
            assert message.code != "internal", message
            if not message.request:
                return
        asked = self._asked(message)
        if isinstance(message, Refused) and asked is not None:
            require_documented(message, asked)
        if isinstance(message, SignedIn):
            assert asked is not None and self._known.lets_in(asked), f"let in by {asked}"

    def _asked(self, answer: FromServer) -> WireMessage | None:
        """What this answers; None for what was no message. What was said before
        it under the same number was refused under none, because a number that
        waits for its answer is not free."""
        said = self._unanswered[getattr(answer, "request", 0)]
        for index, one in enumerate(said):
            may_be = ANSWERS.get(type(one), Done) if one is not None else Refused
            if isinstance(answer, Refused | may_be):
                del said[: index + 1]
                return one
        raise AssertionError(f"{answer} answers none of {said}")


def _messages_in(message: FromServer) -> tuple[RoomMessage, ...]:
    if isinstance(message, Changed):
        return (message.message,)
    return message.messages if isinstance(message, Changes | History | Found) else ()


def invite_in(join_code: str) -> str:
    """The invite as `Register` takes it."""
    secret = joincode.read(join_code).invite
    return base64.urlsafe_b64encode(secret).decode("ascii").rstrip("=")


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)
