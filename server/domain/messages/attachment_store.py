"""Files that go with messages: what the room keeps of them."""

from typing import Protocol


class AttachmentStore(Protocol):
    """The files. `sha256` is that of the whole file."""

    def sizes(self, sha256: bytes) -> tuple[int, int]:
        """Return how large the file is, and how much of it is there; (0, 0): nothing is
        known of it. What is there whole was looked at."""

    def begin(self, sha256: bytes, size: int, now_ms: int) -> None:
        """Expect a file of this size, with nothing there yet, in place of what there was."""

    def add(self, sha256: bytes, offset: int, data: bytes, now_ms: int) -> None:
        """Keep these bytes, which follow on what is there and do not make it whole."""

    def finish(self, sha256: bytes, offset: int, data: bytes, now_ms: int) -> bool:
        """Keep the last bytes, if they make the file whole that was meant; False: they do
        not, and all of it is dropped."""

    def unfinished(self) -> int:
        """Count the files of which something is missing."""

    def part(self, sha256: bytes, offset: int) -> bytes:
        """Return the bytes from here on, a part's at most; none where the file is not there
        whole, or ends."""

    def goes_with_a_message(self, sha256: bytes, also_scheduled: bool) -> bool:
        """Tell whether it goes with a message that stands, or also with a scheduled one."""

    @property
    def is_tidy_due(self) -> bool:
        """Whether the last message that a file went with is gone."""

    def tidy(self, before_ms: int) -> None:
        """Drop what was let go of by the last message, and what nobody has sent on or
        posted since this moment. For a store that is in no transaction."""
