"""Hearing the room: live changes, catching up, older pages."""

import logging
from collections.abc import Callable
from functools import partial

from app.clock import Clock
from app.controllers.common.cache_guard import CacheGuard
from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.requests import Later, Requests
from app.controllers.room.excursion import Excursion
from app.models.connection.status import Check, Phase, Status
from app.models.room.outbox import Outbox
from app.models.room.timeline import PAGE_MESSAGES, Timeline
from protocol.messages import (
    Changed,
    Changes,
    FromServer,
    GetHistory,
    History,
    Lagging,
    Pong,
    Presence,
    Refused,
    RoomMessage,
    SignedIn,
    Sync,
)
from protocol.refusals import Refusal

log = logging.getLogger(__name__)

BEHIND_FOR_S = 10.0
"""How long something may be missing before that is said."""

CHECK_LIMIT_S = 10.0
"""How long the server may take to say whether something is missing."""


class RoomController(SignInPart):
    """Keeps the timeline complete and the feed supplied."""

    def __init__(
        self,
        requests: Requests,
        guard: CacheGuard,
        timeline: Timeline,
        outbox: Outbox,
        status: Status,
        come_back: Callable[[], None],
        heard: Callable[[tuple[RoomMessage, ...]], None],
        later: Later,
        clock: Clock,
    ) -> None:
        self._requests = requests
        self._guard = guard
        self._timeline = timeline
        self._outbox = outbox
        self._status = status
        self._come_back = come_back
        self._heard = heard
        """Is told what a sync has brought."""
        self._later = later
        self._clock = clock
        self._behind: object | None = None
        """Since something is missing: of this time."""
        self._own_id = 0
        self._is_signed_in = False
        self._is_syncing = False
        self._asked_before: int | None = None
        self._newest_page_is_due = False
        self._excursion = Excursion(requests, timeline)

    # -- from the session ----------------------------------------------------------

    def begin(self, signed_in: SignedIn) -> None:
        """Find out on this link what was missed."""
        self._own_id = signed_in.person.id
        self._is_signed_in = True
        self._is_syncing = False
        self._asked_before = None
        room = self._status.room
        assert room is not None
        self._timeline.begin(
            room.room_id, signed_in.revision, signed_in.last_id, signed_in.kept_from_id
        )
        self._status.update(phase=Phase.CATCHING_UP, reason="", retry_at=None)
        self._newest_page_is_due = self._timeline.is_empty and not self._timeline.at_start
        if self._newest_page_is_due:
            self._ask_history(0)
        self.settle()

    def end(self) -> None:
        """Stop syncing: the link is gone, or nobody is signed in on it any more."""
        self._is_signed_in = False
        self._is_syncing = False
        if self._status.now.check is Check.UNDER_WAY:
            self._status.update(check=Check.FAILED)
        self._excursion.end()
        if self._asked_before is not None:
            self._answer_older(self._asked_before)
        self._asked_before = None

    def on_push(self, message: FromServer) -> None:
        """Take a push, or an answer's figures."""
        if not self._is_signed_in:
            return  # said before the sign-out arrived over there
        match message:
            case Changed(change):
                self._timeline.apply_change(change)
                self._outbox.settle_by(change, self._own_id)
            case Presence(online, members):
                self._status.update(online=online, members=members)
            case Pong(_, revision) | Lagging(revision):
                self._timeline.learn(revision)

    def settle(self) -> None:
        """Tell the feed after each batch, and see whether we are complete."""
        if self._is_signed_in:
            if self._timeline.is_behind:
                self._sync()
            else:
                if self._newest_page_is_due and self._asked_before is None:
                    # The page lay above all that is held, a break having come
                    # between sign-in and page; the sync has brought it since.
                    self._show_newest_page()
                is_due = self._newest_page_is_due
                self._status.update(phase=Phase.CATCHING_UP if is_due else Phase.LIVE)
        if not self._newest_page_is_due:
            self._timeline.tell_feed()
        self._tell_completeness()

    def _tell_completeness(self) -> None:
        """Say up to where nothing is missing; or, if that has been so for longer than a
        moment, what is."""
        timeline = self._timeline
        self._status.update(
            held_from=0 if timeline.is_empty else timeline.floor, holds_all=timeline.at_start
        )
        if timeline.is_behind:
            if self._behind is None:
                self._behind = object()
                self._later(BEHIND_FOR_S, partial(self._still_behind, self._behind))
            if self._status.now.missing:
                self._tell_missing()
            return
        self._behind = None
        is_live = self._status.now.phase is Phase.LIVE
        since_ms = self._status.now.complete_since_ms or self._clock.now_ms()
        self._status.update(
            complete_through=timeline.top,
            complete_since_ms=since_ms if is_live else 0,
            missing=0,
        )

    def _still_behind(self, since: object) -> None:
        if self._behind is since:
            log.warning("changes have been missing for %d s", BEHIND_FOR_S)
            self._tell_missing()

    def _tell_missing(self) -> None:
        timeline = self._timeline
        missing = timeline.known_revision - timeline.complete_through
        self._status.update(missing=missing, complete_since_ms=0)

    def check(self) -> None:
        """Ask the server whether something is missing, and fetch it."""
        if self._status.now.check is Check.UNDER_WAY:
            return
        if not self._is_signed_in:
            self._status.update(check=Check.FAILED, checked_at_ms=self._clock.now_ms())
            return
        self._status.update(check=Check.UNDER_WAY)
        after = self._timeline.complete_through

        def answer(changes: Changes) -> None:
            self._take(changes, after)
            self._status.update(check=Check.DONE, checked_at_ms=self._clock.now_ms())

        def refused(_refusal: Refused) -> None:
            self._status.update(check=Check.FAILED, checked_at_ms=self._clock.now_ms())

        self._requests.ask(
            lambda number: Sync(number, after), Changes, answer, refused, CHECK_LIMIT_S
        )

    # -- from the feed ---------------------------------------------------------------

    def need_older(self, before_id: int) -> None:
        """Have the feed show what comes before this id."""
        with self._guard:
            timeline = self._timeline
            if before_id < timeline.floor:
                self._excursion.need_older(before_id)
            elif timeline.has_older(before_id) or timeline.at_start or not self._is_signed_in:
                timeline.show_older(before_id)
            elif self._asked_before is None:
                self._ask_history(timeline.floor)

    def need_newer(self, after_id: int) -> None:
        """Have the feed show what comes after this id."""
        with self._guard:
            if self._timeline.reaches_down_to(after_id):
                self._timeline.show_newer(after_id)
            else:
                self._excursion.need_newer(after_id)

    def show_latest(self) -> None:
        """Have the feed show the newest messages."""
        with self._guard:
            self._excursion.leave()
            self._timeline.show_latest()

    def show_from(self, message_id: int) -> bool:
        """Have the feed show this message, wherever in the room it is. False: it is not
        here, and can't be had now."""
        with self._guard:
            return self._show_from(message_id)
        return False

    def _show_from(self, message_id: int) -> bool:
        timeline = self._timeline
        if timeline.holds(message_id):
            self._excursion.leave()
            timeline.show_from(message_id)
            return True
        if not self._is_signed_in or message_id > timeline.top:
            return False
        self._excursion.go_to(message_id)
        return True

    # -- asking ------------------------------------------------------------------------

    def _sync(self) -> None:
        if self._is_syncing or not self._requests.is_linked:
            return
        self._is_syncing = True
        self._status.update(phase=Phase.CATCHING_UP)
        after = self._timeline.complete_through

        def answer(changes: Changes) -> None:
            self._is_syncing = False
            self._take(changes, after)

        def refused(refusal: Refused) -> None:
            if refusal.code == Refusal.AHEAD_OF_ROOM:
                # What is held never happened in this room. The next sign-in
                # tells where the room stands, and begins anew from there.
                self._timeline.forget()
                self._come_back()
                return
            log.warning("sync was refused: %s %s", refusal.code, refusal.detail)
            self._requests.again(refusal, self._sync_again)

        self._requests.ask(lambda number: Sync(number, after), Changes, answer, refused)

    def _take(self, changes: Changes, after: int) -> None:
        """Take a page of changes; settle(), after this batch, asks for the next one if
        there is one."""
        self._timeline.apply_changes(changes, after)
        self._heard(changes.messages)
        for message in changes.messages:
            self._outbox.settle_by(message, self._own_id)

    def _sync_again(self) -> None:
        self._is_syncing = False
        self.settle()

    def _ask_history(self, before_id: int) -> None:
        self._asked_before = before_id
        self._timeline.expect_page()

        def answer(page: History) -> None:
            self._asked_before = None
            self._timeline.apply_history(page.messages, page.more, before_id)
            for message in page.messages:
                self._outbox.settle_by(message, self._own_id)
            self._answer_older(before_id)

        def refused(refusal: Refused) -> None:
            log.warning("history was refused: %s %s", refusal.code, refusal.detail)
            self._timeline.expect_no_page()
            if before_id:
                self._asked_before = None
                self._answer_older(before_id)
            else:
                # Without its newest page there is nothing to show: ask on.
                self._requests.again(refusal, self._ask_newest_again)

        self._requests.ask(
            lambda number: GetHistory(number, before_id, PAGE_MESSAGES), History, answer, refused
        )

    def _ask_newest_again(self) -> None:
        if self._is_signed_in and self._newest_page_is_due:
            self._ask_history(0)

    def _answer_older(self, before_id: int) -> None:
        if before_id:
            self._timeline.show_older(before_id)
        elif not self._timeline.is_empty or self._timeline.at_start:
            self._show_newest_page()

    def _show_newest_page(self) -> None:
        self._newest_page_is_due = False
        self._timeline.show_latest()
