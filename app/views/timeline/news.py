"""What is new in the room to the person at this window.

New is what others posted and what has not been in sight since. Above the first
of it stands a divider, "3 new", which stays until the window was left and come
back to, so that one finds the place again.
"""

from collections.abc import Iterable, Set


class News:
    """The ids that are new, and where the divider stands."""

    def __init__(self) -> None:
        self._unread: list[int] = []
        self._divider = 0
        self._count = 0
        self._is_attended = False
        self._furthest = 0
        """The newest message that was in sight while somebody looked."""

    @property
    def unread(self) -> int:
        """How many have not been in sight yet."""
        return len(self._unread)

    @property
    def first_unread(self) -> int:
        """The first of them; 0: there is none."""
        return self._unread[0] if self._unread else 0

    @property
    def divider(self) -> int:
        """The message that it stands above; 0: there is none."""
        return self._divider

    @property
    def count(self) -> int:
        """How many new messages there are from the divider on, read or not."""
        return self._count

    def clear(self) -> None:
        """Forget everything: nothing is known of the room any more."""
        self._unread = []
        self._divider = self._count = self._furthest = 0
        self._is_attended = False

    def arrive(self, message_ids: Iterable[int]) -> None:
        """Take what others posted just now, or while this client was away."""
        had_any = bool(self._unread)
        new = sorted(set(message_ids) - set(self._unread))
        self._unread = sorted(self._unread + new)
        if self._divider and (self._is_attended or had_any):
            self._count += len(new)
        elif not self._is_attended and new:
            self._divide()

    def look(self, touched: Set[int], is_attended: bool) -> None:
        """Note which messages are in sight, and whether anybody looks at the window."""
        if is_attended and not self._is_attended:
            # What was skipped before one left is not pointed out for ever.
            self._unread = [one for one in self._unread if one > self._furthest]
            self._divide()
        self._is_attended = is_attended
        if not is_attended:
            return
        before = self._unread
        if touched:
            self._furthest = max(self._furthest, *touched)
            self._unread = [one for one in before if one not in touched]
        if self._unread and not self._divider:
            self._divider = self.first_unread
            self._count = sum(one >= self._divider for one in before)

    def _divide(self) -> None:
        self._divider, self._count = self.first_unread, len(self._unread)
