"""What the client knows of its connection and of the room it leads to."""

from enum import StrEnum

import msgspec

from app.clock import SYSTEM, Clock
from app.models.observable import Observable
from protocol.messages import Limits, Registration


class Phase(StrEnum):
    """Where the connection stands, in a person's terms."""

    NO_SERVER = "no_server"
    """No address is known yet: ask for one."""
    CONNECTING = "connecting"
    WAITING = "waiting"
    """Not connected; tries again by itself at `retry_at`."""
    GREETED = "greeted"
    """Connected, nobody signed in."""
    SIGNING_IN = "signing_in"
    CATCHING_UP = "catching_up"
    """Signed in; fetching what was missed."""
    LIVE = "live"
    """Signed in and complete: everything that was posted is here."""
    UNTRUSTED = "untrusted"
    """The server's certificate is not to be taken; a person has to decide."""
    ENDED = "ended"
    """The server ended it for `reason`; it does not try again by itself."""


class Check(StrEnum):
    """How asking the server went whether something is missing."""

    NONE = "none"
    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"


class RoomInfo(msgspec.Struct, frozen=True):
    """What `Welcome` told of the room."""

    room_id: bytes
    name: str
    description: str
    registration: Registration
    limits: Limits
    keep_days: int = 0
    """How long messages are kept; 0: for ever."""
    asks_attention: bool = False
    """Whether administrators are told if a person could see what is shown."""


class Snapshot(msgspec.Struct, frozen=True):
    """One state of the connection, whole."""

    phase: Phase = Phase.NO_SERVER
    address: str = ""
    """host:port as a person writes it."""
    retry_at: float | None = None
    """When the next attempt starts, in seconds of `Clock.monotonic_s`."""
    reason: str = ""
    """Why the connection was lost or refused: a code that the translations
    have as `reason.<code>`: `unreachable`, `lost`, `not_rostrum`, `no_tls`, or one of
    `Refusal` and `Farewell`."""
    online: int = 0
    members: int = 0
    complete_through: int = 0
    """The newest message's id when nothing up to it is missing (P4)."""
    complete_since_ms: int = 0
    """Since when nothing has been missing, by this machine's clock; 0: something is."""
    held_from: int = 0
    """The oldest message that is kept on this computer, all after it being, too; 0: none
    is."""
    holds_all: bool = False
    """Whether the room has nothing below that."""
    missing: int = 0
    """How many changes have been known to be missing for longer than a moment."""
    check: Check = Check.NONE
    """How the last look went whether something is missing."""
    checked_at_ms: int = 0
    """When that was."""
    shown_fingerprint: str = ""
    """Of the certificate that the server showed, in hex, where that is not to be
    taken; empty otherwise."""
    known_fingerprint: str = ""
    """Of the one that it is known by; empty where there is none yet."""


class Status(Observable):
    """The connection's state, always whole and current. Controllers write."""

    def __init__(self, clock: Clock = SYSTEM) -> None:
        super().__init__()
        self._clock = clock
        self._now = Snapshot()
        self._room: RoomInfo | None = None
        self._server_time = (clock.now_ms(), clock.monotonic_s())
        """What the server's clock said at a moment of this machine's steady one."""

    @property
    def now(self) -> Snapshot:
        return self._now

    @property
    def room(self) -> RoomInfo | None:
        """The room, once a server has introduced it (or the cache knows it)."""
        return self._room

    @property
    def limits(self) -> Limits:
        """The room's limits; until it is known, what rooms commonly have."""
        return self._room.limits if self._room is not None else Limits()

    @property
    def readers(self) -> int:
        """How many are to read what one announces: as many as are counted for it."""
        return max(self._now.members - 1, 0)

    def update(self, **changes: object) -> None:
        """Change these fields of the snapshot; listeners hear of it once, and
        only if something differs."""
        following = msgspec.structs.replace(self._now, **changes)
        if following != self._now:
            self._now = following
            self._changed()

    def server_now_ms(self) -> int:
        """Return what the server's clock says now, in milliseconds since 1970, as far as
        it was told; until then, what this machine's says."""
        at_ms, at_s = self._server_time
        return at_ms + round((self._clock.monotonic_s() - at_s) * 1000)

    def set_clock(self, server_now_ms: int) -> None:
        """Take what the server's clock says now."""
        self._server_time = (server_now_ms, self._clock.monotonic_s())

    def introduce(self, room: RoomInfo) -> None:
        """Note what room this is: the server has told."""
        if room != self._room:
            self._room = room
            self._changed()
