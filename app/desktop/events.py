"""What the desktop tells the main thread: frozen, and by a queue."""

import queue
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from protocol.messages import Attention


class TrayAction(StrEnum):
    """What can be chosen at the icon in the tray."""

    OPEN = "open"
    PAUSE_HOUR = "pause_hour"
    PAUSE_DAY = "pause_day"
    RESUME = "resume"
    TEST = "test"
    QUIT = "quit"


class Outcome(StrEnum):
    """What became of a notification."""

    SHOWN = "shown"
    """The system took it. Whether it is seen is the system's affair."""
    NOT_ALLOWED = "not_allowed"
    """The system's settings say that this program shows none."""
    FAILED = "failed"
    """The system has no means to show one, or these failed."""
    SLOW = "slow"
    """The system did not answer in time."""


@dataclass(frozen=True)
class TrayChosen:
    """Somebody chose something at the icon."""

    action: TrayAction


@dataclass(frozen=True)
class TrayStands:
    """Whether there is an icon that a person can reach has changed."""

    is_there: bool


@dataclass(frozen=True)
class NoteTold:
    """What became of the notification with this key."""

    key: str
    outcome: Outcome


@dataclass(frozen=True)
class NoteClicked:
    """Somebody clicked the notification with this key."""

    key: str


@dataclass(frozen=True)
class SecondStart:
    """The program was started once more, with this link or code or nothing. `answer`
    tells whoever started it that its wish was taken over."""

    argument: str
    answer: Callable[[], None]


@dataclass(frozen=True)
class NetworkChanged:
    """This machine's addresses have changed."""


@dataclass(frozen=True)
class AttentionChanged:
    """Whether a person could see what is shown here has changed."""

    attention: Attention


DesktopEvent = (
    TrayChosen
    | TrayStands
    | NoteTold
    | NoteClicked
    | SecondStart
    | NetworkChanged
    | AttentionChanged
)


class Inbox:
    """Where events wait for the pump. Any thread may put."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[DesktopEvent] = queue.SimpleQueue()
        self.told: Callable[[], None] = lambda: None
        """Called after each event, on the thread that puts it."""

    def put(self, event: DesktopEvent) -> None:
        self._events.put(event)
        self.told()

    def take(self, most: int) -> list[DesktopEvent]:
        """Return the next events, up to so many, without waiting."""
        events: list[DesktopEvent] = []
        while len(events) < most and not self._events.empty():
            events.append(self._events.get_nowait())
        return events
