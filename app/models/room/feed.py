"""How the timeline tells what to show: the one interface between the model
that holds the messages and whatever shows a part of them."""

from collections.abc import Sequence
from typing import Protocol

from protocol.messages import RoomMessage


class Feed(Protocol):
    """Shows a run of messages without gaps, oldest first: a window on the
    timeline. The Text view is one; tests bring another."""

    def clear(self) -> None:
        """Show nothing: nothing is known yet, or nobody is signed in."""

    def replace(
        self,
        messages: Sequence[RoomMessage],
        at_start: bool,
        at_end: bool,
        from_id: int = 0,
        news: Sequence[int] = (),
    ) -> None:
        """Show just these. `at_start`: the first is the room's first; `at_end`: the
        last is the newest. From its end, or from the message `from_id` on. `news`:
        the ids of all that others have posted, here or not, and that is not known
        to have been seen."""

    def prepend(self, messages: Sequence[RoomMessage], at_start: bool) -> None:
        """Show these right before the first one shown; answers `need_older`. Empty where
        nothing could be had (offline): ask again later."""

    def append(self, messages: Sequence[RoomMessage], at_end: bool) -> None:
        """Show these right after the last one shown; answers `need_newer`."""

    def arrive(self, messages: Sequence[RoomMessage]) -> None:
        """Take messages that were posted just now. A window that reaches to the newest
        takes them in; another only tells that there are new ones."""

    def update(self, message: RoomMessage) -> None:
        """Show this message anew, if it is in the window: it has changed."""


class Listener(Protocol):
    """Hears what happens in the room, wherever somebody reads: whoever tells of it
    outside of the window."""

    def opened(self, unseen: Sequence[int]) -> None:
        """Begin anew. These, others have posted since the person was last here."""

    def heard(self, news: Sequence[int], messages: Sequence[RoomMessage]) -> None:
        """Take what was posted just now, or while this client was away: the ids of what
        others have posted, and the newest of all these messages, oldest first."""

    def changed(self, message: RoomMessage) -> None:
        """Take a message that is held and has changed."""
