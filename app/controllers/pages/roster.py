"""Who has confirmed a message: fetched whole, reminded, written to a file."""

import logging
from pathlib import Path

from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.operations import Operations
from app.controllers.common.reauthentication import Reauthentication
from app.controllers.common.requests import Later
from app.models.listing import Reason
from app.models.pages.roster import Roster as RosterModel
from app.models.pages.roster_file import write
from protocol.limits import MAX_ROSTER_PAGE
from protocol.messages import (
    FromServer,
    GetRoster,
    Refused,
    Remind,
    Reminded,
    RoomMessage,
    Roster,
    RosterEntry,
    SignedIn,
    Tallies,
)

log = logging.getLogger(__name__)

FOLLOW_EVERY_S = 3.0
"""While it is looked at it is fetched anew so often at most, where it has
changed."""


class RosterController(SignInPart):
    """All pages of it are fetched; what they tell is shown when it is whole."""

    def __init__(
        self, reauthentication: Reauthentication, later: Later, model: RosterModel
    ) -> None:
        self._reauthentication = reauthentication
        self._later = later
        self._model = model
        self._operations = Operations(reauthentication, model.operation, self.reload)
        self._is_signed_in = False
        self._is_fetching = False
        self._is_resting = False
        self._is_outdated = False

    def begin(self, signed_in: SignedIn) -> None:
        """Take up work: somebody is signed in on this link."""
        self._is_signed_in = True
        self._operations.begin()
        self.reload()

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self._is_signed_in = self._is_fetching = False
        self._operations.end()

    def clear(self) -> None:
        """Forget what was this person's: nobody is signed in any more."""
        self.end()
        self._model.close()

    def on_push(self, message: FromServer) -> None:
        """Take a push: where it is about the message that is looked at, that has changed."""
        looked_at = self._model.message
        if isinstance(message, Tallies) and looked_at is not None:
            self._is_outdated |= any(one.message_id == looked_at.id for one in message.tallies)
            self._follow()

    # -- from the view -----------------------------------------------------------

    def open(self, message: RoomMessage) -> None:
        """Look at this one's."""
        self._model.open(message)
        self._is_fetching = False
        self.reload()

    def close(self) -> None:
        """Stop fetching: nobody looks any more."""
        self._model.close()
        self._is_fetching = False

    def reload(self) -> None:
        """Fetch it anew."""
        message = self._model.message
        if message is not None and self._is_signed_in and not self._is_fetching:
            self._is_fetching = True
            self._is_outdated = False
            self._ask(message, ())

    def remind(self) -> None:
        """Ask those once more who have not confirmed."""
        message = self._model.message
        if message is not None:
            operation = self._model.operation
            self._operations.run(
                "remind",
                lambda number: Remind(number, message.id),
                Reminded,
                lambda told: operation.tell(n=told.people - told.away, away=told.away),
                n=0,
                away=0,
            )

    def save(self, path: Path) -> None:
        """Write all of it to this file, as CSV."""
        message, operation = self._model.message, self._model.operation
        if message is None or operation.is_under_way:
            return
        operation.start("save_roster", file=path.name, n=len(self._model.entries))
        try:
            write(path, message, self._model.entries)
        except OSError as error:
            log.warning("the roster was not saved: %s", error)
            operation.refuse(Reason("file_not_written"))
            return
        operation.finish()

    # ------------------------------------------------------------------------------

    def _ask(self, message: RoomMessage, held: tuple[RosterEntry, ...]) -> None:
        def told(page: Roster) -> None:
            if self._model.message is not message:
                return
            entries = held + page.entries
            if page.more and page.entries:
                self._ask(message, entries)
                return
            self._is_fetching = False
            self._model.tell(entries)
            self._rest()

        def refused(refusal: Refused) -> None:
            if self._model.message is message:
                self._is_fetching = False
                self._model.refuse(self._reauthentication.reason_of(refusal))

        after_id = held[-1].person_id if held else 0
        self._reauthentication.ask(
            lambda number: GetRoster(number, message.id, after_id, MAX_ROSTER_PAGE),
            Roster,
            told,
            refused,
        )

    def _rest(self) -> None:
        if not self._is_resting:
            self._is_resting = True

            def rested() -> None:
                self._is_resting = False
                self._follow()

            self._later(FOLLOW_EVERY_S, rested)

    def _follow(self) -> None:
        if self._is_outdated and not self._is_resting:
            self.reload()
