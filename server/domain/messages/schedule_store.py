"""Messages that are posted later: what the room keeps of them."""

from typing import NamedTuple, Protocol

from protocol.messages import Hold, ScheduledMessage, Upcoming
from server.domain.messages.history import Draft
from server.domain.user import User


class Plan(NamedTuple):
    """What is to be posted, and when; `lifetime_ms` as in `Post`."""

    at_ms: int
    draft: Draft
    lifetime_ms: int


class ScheduleStore(Protocol):
    """What is scheduled. Ids rise, and none is given twice."""

    def upcoming(self) -> Upcoming:
        """Return how many there are, when the next is due, and how many are held."""

    def page(self, offset: int, limit: int, max_bytes: int) -> tuple[list[ScheduledMessage], bool]:
        """Return them in the order of their times, but for the first `offset`: up to
        `limit`, and `max_bytes` as they are encoded, but at least one if there is any; and
        whether there are later ones."""

    def by_id(self, scheduled_id: int) -> ScheduledMessage | None:
        """Return the one with this id."""

    def due(self, now_ms: int, limit: int) -> list[ScheduledMessage]:
        """Return those whose time has come and that are not held, the first first."""

    def has_been_given(self, author_id: int, post_id: bytes) -> bool:
        """Tell whether this author has ever scheduled something under this id (P2)."""

    def add(self, author: User, post_id: bytes, plan: Plan) -> None:
        """Keep a new one."""

    def change(self, scheduled_id: int, author: User, plan: Plan) -> None:
        """Put this in its place, under its next version."""

    def hold(self, scheduled_id: int, reason: Hold) -> None:
        """Have it wait for a decision."""

    def remove(self, scheduled_id: int) -> bytes:
        """Let go of it, for good, and return its post's id."""
