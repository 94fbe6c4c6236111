"""What is told of the room outside of its window: notifications, and what is unread."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.models.observable import Observable
from protocol.messages import Attention, RoomMessage


class NoteKind(StrEnum):
    """What a notification is about."""

    MESSAGE = "message"
    SEVERAL = "several"
    """More than are told one by one."""
    AWAY = "away"
    """What was announced while nobody could be told."""
    TEST = "test"
    IN_TRAY = "in_tray"
    """That the program goes on in the tray."""


class TestStatus(StrEnum):
    """How a test notification went."""

    __test__ = False  # to pytest, its name says that it is a test

    NONE = "none"
    UNDER_WAY = "under_way"
    SHOWN = "shown"
    NOT_ALLOWED = "not_allowed"
    FAILED = "failed"
    SLOW = "slow"


@dataclass(frozen=True)
class Note:
    """A notification. `key` names it: a later one of the same key takes its place.
    `message` is the one that it is about, or the first of `count`."""

    key: str
    kind: NoteKind
    message: RoomMessage | None = None
    count: int = 1
    is_urgent: bool = False


TEST_KEY = "test"
TRAY_KEY = "tray"


class Notifications(Observable):
    """What is to be told now. Controllers write. Main thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._notes: dict[str, Note] = {}
        self._unread = 0
        self._rings = 0
        self._sample: tuple[int, str] = (0, "")
        self._test = TestStatus.NONE
        self._quiet_until: datetime | None = None
        self._attention = Attention.HERE

    @property
    def notes(self) -> dict[str, Note]:
        """The notifications that stand, by their keys, oldest first."""
        return dict(self._notes)

    @property
    def unread(self) -> int:
        """How many messages of others came after the last that was seen here."""
        return self._unread

    @property
    def rings(self) -> int:
        """How often the sound was to be heard so far."""
        return self._rings

    @property
    def sample(self) -> tuple[int, str]:
        """How often somebody tried a sound, and which it was last."""
        return self._sample

    @property
    def test(self) -> TestStatus:
        """How the last test went."""
        return self._test

    @property
    def quiet_until(self) -> datetime | None:
        """Until when, by the wall's clock here, nothing but what is urgent disturbs; None:
        everything does."""
        return self._quiet_until

    @property
    def attention(self) -> Attention:
        """Whether a person could see what this computer shows, as the system has it."""
        return self._attention

    def show(self, note: Note) -> None:
        """Have this told, in place of one of the same key."""
        if self._notes.get(note.key) != note:
            self._notes[note.key] = note
            self._changed()

    def withdraw(self, *keys: str) -> None:
        """Have these told no more."""
        gone = [key for key in keys if key in self._notes]
        for key in gone:
            del self._notes[key]
        if gone:
            self._changed()

    def clear(self) -> None:
        """Have nothing told."""
        self.withdraw(*self._notes)

    def count(self, unread: int) -> None:
        """Note how many are unread."""
        if unread != self._unread:
            self._unread = unread
            self._changed()

    def ring(self) -> None:
        """Let the sound be heard."""
        self._rings += 1
        self._changed()

    def try_sound(self, name: str) -> None:
        """Let this sound be heard."""
        self._sample = self._sample[0] + 1, name
        self._changed()

    def tell_test(self, status: TestStatus) -> None:
        """Note how the test stands."""
        if status is not self._test:
            self._test = status
            self._changed()

    def set_quiet(self, until: datetime | None) -> None:
        """Note until when it is quiet."""
        if until != self._quiet_until:
            self._quiet_until = until
            self._changed()

    def set_attention(self, attention: Attention) -> None:
        """Note what the system says of it."""
        if attention is not self._attention:
            self._attention = attention
            self._changed()
