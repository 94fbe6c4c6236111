"""What a reader sees of the timeline, in messages and pixels."""

from collections.abc import Sequence

from protocol.messages import RoomMessage
from tests.support.window import BOB, Window

HOUR_MS = 3_600_000
FIRST_AT_MS = 1_700_000_000_000


def message(message_id: int, text: str | None = None, revision: int = 0) -> RoomMessage:
    """A message; most have a line or two, and every few hours one is posted."""
    lines = f"message {message_id}" + "\nand more" * (message_id % 4)
    return RoomMessage(
        message_id,
        revision or message_id,
        1,
        "Alice Hart",
        FIRST_AT_MS + message_id * 5 * HOUR_MS,
        lines if text is None else text,
        message_id.to_bytes(16, "big"),
    )


def run(first: int, last: int) -> list[RoomMessage]:
    """The messages from the first to the last id."""
    return [message(message_id) for message_id in range(first, last + 1)]


class Reader:
    """Someone who reads in a window."""

    def __init__(self, window: Window) -> None:
        self._window = window
        window.enter(BOB)
        self.feed = window.feed
        self.text = window.feed.pane.text
        self.text.focus_force()
        self.settle()

    def settle(self) -> None:
        self._window.root.update()

    # -- what is seen ----------------------------------------------------------------

    @property
    def ids(self) -> list[int]:
        return [message_id for message_id, _ in self.feed.shown()]

    def place(self) -> tuple[int, int]:
        """The first message whose body begins on the screen, and where it does,
        in pixels from the top."""
        self.settle()
        at = f"message-{self.top_message()}.first" if self.top_message() else "1.0"
        while body := self.text.tag_nextrange("body", at):
            line = self.text.dlineinfo(body[0])
            if line is not None and line[1] >= 0:
                tags = self.text.tag_names(body[0])
                return next(int(name[8:]) for name in tags if "message-" in name), line[1]
            at = body[1]
        raise AssertionError("no message begins on the screen")

    def top_message(self) -> int:
        """The message of which the topmost line is a part; 0 above the first."""
        tags = self.text.tag_names("@0,0")
        return next((int(name[8:]) for name in tags if "message-" in name), 0)

    def top_of(self, message_id: int) -> int | None:
        """Where a message's body begins, or None if that is not on the screen."""
        self.settle()
        body = self.text.tag_nextrange("body", f"message-{message_id}.first")
        assert body, "every message has a body"
        line = self.text.dlineinfo(body[0])
        return None if line is None else line[1]

    def sees_the_end(self) -> bool:
        """Whether the newest line that is held is whole on the screen."""
        self.settle()
        line = self.text.dlineinfo("end - 2 chars")
        return line is not None and line[1] + line[3] <= self.text.winfo_height()

    def asked(self) -> list[tuple[str, int]]:
        """What was asked for since the last time."""
        self.settle()
        asked = [call for call in self._window.calls if call[0] in ("need_older", "need_newer")]
        self._window.calls.clear()
        return [(name, message_id) for name, message_id in asked]

    # -- what is done ----------------------------------------------------------------

    def show(self, messages: Sequence[RoomMessage], at_start: bool, at_end: bool) -> None:
        self.feed.replace(messages, at_start, at_end)
        self.settle()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.text.event_generate(key)
        self.settle()

    def drag(self, fraction: float) -> None:
        """Move the scroll bar's thumb."""
        self.feed.pane._drag("moveto", str(fraction))
        self.settle()
