"""Who has seen and confirmed what, as far as this client knows and is told."""

from collections.abc import Iterable

from app.models.cache import Cache
from app.models.listing import Why
from app.models.observable import Observable
from protocol.messages import Standing, Tally


class Receipts(Observable):
    """One's own standing with the messages that ask, one's answers on their way,
    and, for administrators, how far messages have come. Main thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._cache: Cache | None = None
        self._seen = 0
        self._standings: dict[int, Standing] = {}
        self._waiting: dict[int, int] = {}
        self._whys: dict[int, Why] = {}
        self._tallies: dict[int, Tally] = {}
        self._news: set[int] = set()

    @property
    def seen(self) -> int:
        """The newest message that was before the person's eyes here."""
        return self._seen

    @property
    def waiting(self) -> dict[int, int]:
        """Answers that the server has not taken yet, by message."""
        return dict(self._waiting)

    def standing(self, message_id: int) -> Standing | None:
        """How one stands with this message; None: it does not ask this person,
        as far as is known."""
        return self._standings.get(message_id)

    def why(self, message_id: int) -> Why | None:
        """Why one's answer to it was not taken."""
        return self._whys.get(message_id)

    def tally(self, message_id: int) -> Tally | None:
        """How far it has come; None: nobody has told."""
        return self._tallies.get(message_id)

    def take_news(self) -> set[int]:
        """The messages of which something has changed since this was asked last."""
        news, self._news = self._news, set()
        return news

    # -- controllers write -------------------------------------------------------

    def open(self, cache: Cache | None) -> None:
        """Go on from what this cache kept; None: nobody is signed in."""
        self._cache = cache
        self._news |= {*self._standings, *self._waiting, *self._whys, *self._tallies}
        self._seen = cache.seen if cache else 0
        self._standings = {one.message_id: one for one in cache.standings} if cache else {}
        self._waiting = dict(cache.answers) if cache else {}
        self._whys.clear()
        self._tallies.clear()
        self._tell({*self._standings, *self._waiting})

    def saw(self, through_id: int) -> bool:
        """Everything up to this message was seen. False: that is no news."""
        if through_id <= self._seen:
            return False
        self._seen = through_id
        if self._cache is not None:
            self._cache.set_seen(through_id)
        return True

    def stand(self, standings: Iterable[Standing]) -> None:
        """The server tells how one stands with these."""
        changed = set()
        for standing in standings:
            self._standings[standing.message_id] = standing
            changed.add(standing.message_id)
        self._keep_standings()
        self._tell(changed)

    def answer(self, message_id: int, choice: int) -> None:
        """One answers this; it is kept until the server has taken it."""
        self._waiting[message_id] = choice
        self._whys.pop(message_id, None)
        self._keep_answers()
        self._tell({message_id})

    def settle(self, message_id: int, why: Why | None = None) -> None:
        """The server has taken it; or has not, for that reason."""
        if self._waiting.pop(message_id, None) is not None:
            self._keep_answers()
        if why is not None:
            self._whys[message_id] = why
        self._tell({message_id})

    def count(self, tallies: Iterable[Tally]) -> None:
        """So far have these come."""
        changed = set()
        for tally in tallies:
            if self._tallies.get(tally.message_id) != tally:
                self._tallies[tally.message_id] = tally
                changed.add(tally.message_id)
        self._tell(changed)

    def forget_tallies(self) -> None:
        """They are not this person's to know, or may be out of date."""
        changed = set(self._tallies)
        self._tallies.clear()
        self._tell(changed)

    # ------------------------------------------------------------------------------

    def _keep_standings(self) -> None:
        if self._cache is not None:
            newest = sorted(self._standings)[-MAX_KEPT:]
            self._cache.set_standings(tuple(self._standings[number] for number in newest))

    def _keep_answers(self) -> None:
        if self._cache is not None:
            self._cache.set_answers(self._waiting)

    def _tell(self, changed: set[int]) -> None:
        if changed:
            self._news |= changed
            self._changed()


MAX_KEPT = 200
"""Standings that are kept for the next start: more than the server tells."""
