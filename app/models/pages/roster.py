"""Who has confirmed one message and who has not, to look through."""

from enum import StrEnum

from app.models.collation import folded, name_key
from app.models.listing import Reason
from app.models.observable import Observable
from app.models.operation import Operation
from protocol.messages import RoomMessage, RosterEntry


class Part(StrEnum):
    """Which people are looked at."""

    NOT_YET = "not_yet"
    CONFIRMED = "confirmed"


class Order(StrEnum):
    """What they are sorted by."""

    NAME = "name"
    STATE = "state"
    TIME = "time"


class Roster(Observable):
    """The people of one message, all of them, and how they are looked at. Of a
    message that asks nothing, those who have seen it count as confirmed."""

    def __init__(self) -> None:
        super().__init__()
        self.operation = Operation()
        """Reminding, or writing a file."""
        self._message: RoomMessage | None = None
        self._entries: tuple[RosterEntry, ...] = ()
        self._is_known = False
        self._reason: Reason | None = None
        self._part = Part.NOT_YET
        self._search = ""
        self._order = Order.NAME
        self._is_downwards = False
        self._shown: tuple[RosterEntry, ...] | None = None

    @property
    def message(self) -> RoomMessage | None:
        """Whose it is; None: none is looked at."""
        return self._message

    @property
    def entries(self) -> tuple[RosterEntry, ...]:
        """Everybody of whom the message asks an answer, by their ids."""
        return self._entries

    @property
    def is_known(self) -> bool:
        """Whether the server has told all of it."""
        return self._is_known

    @property
    def reason(self) -> Reason | None:
        """Why it was not told."""
        return self._reason

    @property
    def part(self) -> Part:
        return self._part

    @property
    def search(self) -> str:
        return self._search

    @property
    def order(self) -> tuple[Order, bool]:
        """What they are sorted by, and whether downwards."""
        return self._order, self._is_downwards

    def has_confirmed(self, entry: RosterEntry) -> bool:
        """Tell whether this person has done what the message asks."""
        asks = self._message is not None and bool(self._message.answers)
        return bool(entry.choice) if asks else entry.has_seen

    def count(self, part: Part) -> int:
        """Return how many are counted there, whatever is searched for."""
        return sum(
            1 for entry in self._entries if entry.is_counted and self._part_of(entry) is part
        )

    @property
    def seen(self) -> int:
        """How many of those who are counted have seen it."""
        return sum(1 for entry in self._entries if entry.is_counted and entry.has_seen)

    @property
    def shown(self) -> tuple[RosterEntry, ...]:
        """Those of the part that is looked at who match, sorted."""
        if self._shown is None:
            wanted = folded(self._search)
            found = [
                entry
                for entry in self._entries
                if self._part_of(entry) is self._part
                and (wanted in folded(entry.display_name) or wanted in folded(entry.username))
            ]
            found.sort(key=lambda entry: (name_key(entry.display_name), entry.person_id))
            if self._order is Order.STATE:
                found.sort(key=_state)
            elif self._order is Order.TIME:
                found.sort(key=lambda entry: entry.at_ms or entry.last_seen_ms)
            if self._is_downwards:
                found.reverse()
            self._shown = tuple(found)
        return self._shown

    # -- how it is looked at -------------------------------------------------------

    def look_at(self, part: Part) -> None:
        self._part = part
        self._renew()

    def look_for(self, search: str) -> None:
        """Show those whose name has this in it."""
        self._search = search
        self._renew()

    def sort_by(self, order: Order) -> None:
        """Sort by this; by the same again: the other way round."""
        self._is_downwards = order is self._order and not self._is_downwards
        self._order = order
        self._renew()

    # -- controllers write -----------------------------------------------------------

    def open(self, message: RoomMessage) -> None:
        """Begin the roster of this message: it is wanted."""
        self._message = message
        self._entries, self._is_known, self._reason = (), False, None
        self._part, self._search = Part.NOT_YET, ""
        self._order, self._is_downwards = Order.NAME, False
        self.operation.clear()
        self._renew()

    def close(self) -> None:
        """Forget the roster: nobody looks any more."""
        self._message = None
        self._entries, self._is_known, self._reason = (), False, None
        self.operation.clear()
        self._renew()

    def tell(self, entries: tuple[RosterEntry, ...]) -> None:
        """Take all entries."""
        self._entries, self._is_known, self._reason = entries, True, None
        self._renew()

    def refuse(self, reason: Reason) -> None:
        """Note why the server refused to send it."""
        self._reason = reason
        self._renew()

    def _part_of(self, entry: RosterEntry) -> Part:
        return Part.CONFIRMED if self.has_confirmed(entry) else Part.NOT_YET

    def _renew(self) -> None:
        self._shown = None
        self._changed()


def _state(entry: RosterEntry) -> tuple[int, int]:
    """Return what to sort by: answers in their order; else online first, then who has
    seen it."""
    return entry.choice, 0 if entry.online else 1 if entry.has_seen else 2
