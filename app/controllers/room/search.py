"""Searching: the server's whole room while there is a connection, and what is held on this
computer while there is none."""

from app.controllers.common.cache_guard import CacheGuard
from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.requests import Later, Requests
from app.models.room.search import Query, Search
from app.models.room.timeline import Timeline
from protocol.limits import MAX_SEARCH_CHARS
from protocol.messages import Changed, Found, FromServer, Refused, SignedIn
from protocol.messages import Search as SearchRequest

LOOK_AFTER_S = 0.25
"""The search begins when no key was pressed for this long."""

PAGE = 30
"""So many are asked for at a time: more than a window shows."""

LOCAL_STEP = 500
"""Messages that are looked through at once here, some milliseconds: then the window has its
turn."""


class SearchController(SignInPart):
    """Fills the model with what it looks for."""

    def __init__(
        self,
        requests: Requests,
        guard: CacheGuard,
        later: Later,
        timeline: Timeline,
        model: Search,
    ) -> None:
        self._requests = requests
        self._guard = guard
        self._later = later
        self._timeline = timeline
        self._model = model
        self._is_signed_in = False
        self._run = object()
        """Renewed when what is on its way is of no use any more."""

    # -- from the view -----------------------------------------------------------------

    def look_for(self, query: Query) -> None:
        """Look for this, once nothing more is typed."""
        query = Query(
            query.text[:MAX_SEARCH_CHARS],
            query.author[:MAX_SEARCH_CHARS],
            query.from_ms,
            query.to_ms,
        )
        if query == self._model.query:
            return
        self._model.begin(query, not self._is_signed_in)
        self._start(LOOK_AFTER_S)

    def look_further(self) -> None:
        """Look for more of it further down: the end of what was found is in sight."""
        model = self._model
        # What was found in the whole room is not gone on with in a part of it.
        can = self._is_signed_in or model.is_local
        if can and model.has_more and not model.is_looking and model.reason is None:
            model.expect()
            self._look(self._run)

    def leave(self) -> None:
        """Look for nothing any more."""
        self._run = object()
        self._model.begin(Query(), False)

    # -- from the session --------------------------------------------------------------

    def begin(self, signed_in: SignedIn) -> None:
        """Look through the server's room from now on."""
        self._is_signed_in = True
        self._again()

    def end(self) -> None:
        """Look through what is held here from now on: the link is gone."""
        if self._is_signed_in:
            self._is_signed_in = False
            self._again()

    def clear(self) -> None:
        """Forget it: nobody is signed in any more."""
        self._is_signed_in = False
        self.leave()

    def on_push(self, message: FromServer) -> None:
        """Follow what becomes of what was found."""
        if isinstance(message, Changed):
            self._model.follow([message.message])

    # ----------------------------------------------------------------------------------

    def _again(self) -> None:
        """Look anew, elsewhere. What was found in the whole room is shown on without it."""
        model = self._model
        if model.query.is_empty:
            return
        if model.is_local or model.is_looking or model.reason is not None:
            model.begin(model.query, not self._is_signed_in)
            self._start(0)

    def _start(self, delay_s: float) -> None:
        run = self._run = object()
        if self._model.query.is_empty:
            return

        def due() -> None:
            if self._run is run:
                self._look(run)

        self._later(delay_s, due)

    def _look(self, run: object) -> None:
        if not self._is_signed_in:
            with self._guard:
                self._look_here(run, self._model.through_id or self._timeline.top + 1, 0)
            return
        query = self._model.query

        def answer(found: Found) -> None:
            if self._run is not run:
                return
            had = len(self._model.found)
            goes_on = found.through_id > 1 and not found.messages
            self._model.add(found.messages, found.through_id, goes_on)
            if goes_on and had == len(self._model.found):
                self._look(run)  # nothing yet, and it is not through

        def refused(refusal: Refused) -> None:
            if self._run is run:
                self._model.refuse(self._requests.reason_of(refusal))

        self._requests.ask(
            lambda number: SearchRequest(
                number,
                query.text,
                PAGE,
                self._model.through_id,
                query.author,
                query.from_ms,
                query.to_ms,
            ),
            Found,
            answer,
            refused,
        )

    def _look_here(self, run: object, before_id: int, had: int) -> None:
        page = self._timeline.held_before(before_id, LOCAL_STEP)
        query = self._model.query
        found = [message for message in reversed(page) if query.finds(message)]
        had += len(found)
        is_through = len(page) < LOCAL_STEP
        goes_on = not is_through and had < PAGE
        through_id = 1 if is_through or not page else page[0].id
        self._model.add(found, through_id, goes_on)

        def due() -> None:
            if self._run is run:
                with self._guard:
                    self._look_here(run, through_id, had)

        if goes_on:
            self._later(0, due)
