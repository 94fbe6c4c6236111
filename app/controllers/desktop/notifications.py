"""Which messages are told outside of the window, and when nobody is to be disturbed.

Told is what others have posted and nobody has seen, where nobody looks at the window.
What is urgent is told at once, whatever was set. The rest comes together: the first at
once, what follows within a moment in one go, and more than a few as one. What comes in
quiet hours, or while the program sleeps or is offline, is told as one when that is over.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from app.clock import Clock
from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.requests import Later
from app.desktop.events import Outcome
from app.models.quiet_hours import quiet_until
from app.models.room.notifications import (
    TEST_KEY,
    TRAY_KEY,
    Note,
    NoteKind,
    Notifications,
    TestStatus,
)
from app.models.room.receipts import Receipts
from app.models.room.timeline import Timeline
from app.models.settings import Settings
from protocol.messages import Attention, Priority, RoomMessage

MOST_SINGLE = 3
"""So many are told one by one."""

BURST_S = 1.5
"""What follows within this time is told together."""

TOGETHER_S = 300.0
"""What was told longer ago than this is not told once more with what is new: most people
have put it aside."""

AWAY_MS = 60_000
"""What was posted longer ago than this, and is heard only now, nobody could be told."""

LOOK_EVERY_S = 30.0
"""How often it is looked whether it is quiet: people set their clocks."""

TEST_STANDS_S = 15.0

SUMMARY_KEY = "summary"

_TESTS = {
    Outcome.SHOWN: TestStatus.SHOWN,
    Outcome.NOT_ALLOWED: TestStatus.NOT_ALLOWED,
    Outcome.FAILED: TestStatus.FAILED,
    Outcome.SLOW: TestStatus.SLOW,
}


class NotificationsController(SignInPart):
    """Listens to the timeline (`app.models.room.feed.Listener`)."""

    def __init__(
        self,
        later: Later,
        timeline: Timeline,
        receipts: Receipts,
        settings: Settings,
        model: Notifications,
        server_now_ms: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._later = later
        self._receipts = receipts
        self._settings = settings
        self._model = model
        self._server_now_ms = server_now_ms
        self._clock = clock
        self._unread: set[int] = set()
        self._told: dict[int, RoomMessage] = {}
        """What is told now and not urgent, one by one or together."""
        self._waiting: dict[int, RoomMessage] = {}
        """What will be told in a moment."""
        self._held: dict[int, RoomMessage] = {}
        """What is told when it is quiet no more."""
        self._told_at = 0.0
        """When something was told last."""
        self._is_gathering = False
        self._has_window = True
        """Whether the person's keyboard is in the window."""
        timeline.tell(self)
        receipts.subscribe(self._seen_more)
        settings.subscribe(self._look_at_quiet)

    def start(self) -> None:
        """Begin to look whether it is quiet."""
        self._look_at_quiet()
        self._later(LOOK_EVERY_S, self.start)

    # -- from the room -----------------------------------------------------------

    def opened(self, unseen: Sequence[int]) -> None:
        """Begin anew with so many that nobody has seen."""
        self._forget()
        self._unread = set(unseen)
        self._count()

    def heard(self, news: Sequence[int], messages: Sequence[RoomMessage]) -> None:
        """Tell of what others have posted, or keep it for later."""
        self._unread |= set(news)
        by_others = set(news)
        fresh = [one for one in messages if one.id in by_others and not self._is_past(one)]
        self._count()
        if not self._settings.values.notifies or self._is_attended:
            return
        calm = {}
        for message in fresh:
            if message.priority is Priority.URGENT:
                self._model.show(_single(message))
            else:
                calm[message.id] = message
        if self._quiet_until() is not None:
            self._held |= calm
        elif calm:
            self._waiting |= calm
            if not self._is_gathering:
                self._tell_waiting()

    def changed(self, message: RoomMessage) -> None:
        """Tell it as it is now; a withdrawn one no more."""
        if message.withdrawn_at_ms:
            self._unread.discard(message.id)
            self._count()
            self._drop({message.id})
            return
        for kept in (self._told, self._waiting, self._held):
            if message.id in kept:
                kept[message.id] = message
        for note in self._model.notes.values():
            if note.message is not None and note.message.id == message.id:
                self._model.show(replace(note, message=message))

    def clear(self) -> None:
        """Tell nothing: nobody is signed in any more."""
        self._forget()
        self._unread.clear()
        self._count()

    # -- from the window and the desktop -----------------------------------------

    def attend(self, is_attended: bool) -> None:
        """Note whether somebody looks at the window."""
        self._has_window = is_attended
        if self._is_attended:
            self._waiting.clear()
            self._held.clear()

    def pay_attention(self, attention: Attention) -> None:
        """Note whether a person could see what is shown: in front of a locked screen
        nobody looks at the window."""
        self._model.set_attention(attention)

    def take(self, key: str) -> int:
        """Take away the note that was clicked. Returns the message that it is about; 0:
        it is about none, or there is no such note."""
        note = self._model.notes.get(key)
        self._model.withdraw(key)
        if key == SUMMARY_KEY:
            self._told.clear()
        elif note is not None and note.message is not None:
            self._told.pop(note.message.id, None)
        return note.message.id if note is not None and note.message is not None else 0

    def told(self, key: str, outcome: Outcome) -> None:
        """Note what the system did with a notification."""
        if key == TEST_KEY and self._model.test is TestStatus.UNDER_WAY:
            self._model.tell_test(_TESTS[outcome])

    def test(self) -> None:
        """Show a notification that says that it is a test."""
        self._model.withdraw(TEST_KEY)
        self._model.tell_test(TestStatus.UNDER_WAY)
        self._model.show(Note(TEST_KEY, NoteKind.TEST))
        self._model.ring()
        self._later(TEST_STANDS_S, lambda: self._model.withdraw(TEST_KEY))

    def forget_test(self) -> None:
        """Say no more how a test went."""
        if self._model.test is not TestStatus.UNDER_WAY:
            self._model.tell_test(TestStatus.NONE)

    def try_sound(self, name: str) -> None:
        """Let this sound be heard, whatever is set."""
        self._model.try_sound(name)

    def tell_of_tray(self) -> None:
        """Say once that the program goes on in the tray."""
        if not self._settings.values.has_told_of_tray:
            self._settings.change(has_told_of_tray=True)
            self._model.show(Note(TRAY_KEY, NoteKind.IN_TRAY))
            self._later(TEST_STANDS_S, lambda: self._model.withdraw(TRAY_KEY))

    def pause(self, until: datetime | None) -> None:
        """Let nothing but what is urgent disturb until then; None: from now on it may."""
        until_ms = round(until.timestamp() * 1000) if until is not None else 0
        self._settings.change(paused_until_ms=until_ms)

    # ------------------------------------------------------------------------------

    def _tell_waiting(self) -> None:
        fresh = {number: one for number, one in self._waiting.items() if not self._is_past(one)}
        self._waiting.clear()
        if not fresh:
            return
        self._tell(fresh)
        self._is_gathering = True

        def gathered() -> None:
            self._is_gathering = False
            self._tell_waiting()

        self._later(BURST_S, gathered)

    def _tell(self, fresh: dict[int, RoomMessage]) -> None:
        oldest = min(one.posted_at_ms for one in fresh.values())
        is_late = len(fresh) > 1 and oldest < self._server_now_ms() - AWAY_MS
        summary = self._model.notes.get(SUMMARY_KEY)
        now_s = self._clock.monotonic_s()
        if now_s - self._told_at >= TOGETHER_S:
            # Those stay where the system has them, until they were seen.
            self._told.clear()
            summary = None
        self._told_at = now_s
        self._told |= fresh
        if summary is None and not is_late and len(self._told) <= MOST_SINGLE:
            for message in fresh.values():
                self._model.show(_single(message))
        else:
            self._model.withdraw(*(_single(one).key for one in self._told.values()))
            was_late = summary is not None and summary.kind is NoteKind.AWAY
            kind = NoteKind.AWAY if is_late or was_late else NoteKind.SEVERAL
            first = self._told[min(self._told)]
            self._model.show(Note(SUMMARY_KEY, kind, first, len(self._told)))
        self._model.ring()

    def _seen_more(self) -> None:
        seen_through = self._receipts.seen.top
        past = {number for number in self._unread if number <= seen_through}
        if past:
            self._unread -= past
            self._count()
            self._drop(past)

    def _drop(self, message_ids: set[int]) -> None:
        """Tell of these no more."""
        for kept in (self._waiting, self._held, self._told):
            for message_id in message_ids & set(kept):
                del kept[message_id]
        notes = self._model.notes
        gone = [
            key
            for key, note in notes.items()
            if key != SUMMARY_KEY and note.message is not None and note.message.id in message_ids
        ]
        summary = notes.get(SUMMARY_KEY)
        if summary is not None and not self._told:
            gone.append(SUMMARY_KEY)
        self._model.withdraw(*gone)
        if summary is not None and self._told:
            first = self._told[min(self._told)]
            self._model.show(replace(summary, message=first, count=len(self._told)))

    def _forget(self) -> None:
        self._told.clear()
        self._waiting.clear()
        self._held.clear()
        self._model.clear()

    def _count(self) -> None:
        self._model.count(len(self._unread))

    @property
    def _is_attended(self) -> bool:
        return self._has_window and self._model.attention is not Attention.LOCKED

    def _is_past(self, message: RoomMessage) -> bool:
        return bool(message.withdrawn_at_ms) or message.id <= self._receipts.seen.top

    # -- quiet ----------------------------------------------------------------------

    def _quiet_until(self) -> datetime | None:
        """Return until when nothing calm is told; None: it is."""
        values, now = self._settings.values, self._clock.now()
        quiet = quiet_until(now, values.quiet_hours) if values.has_quiet_hours else None
        if values.is_paused_at(self._clock.now_ms()):
            paused = datetime.fromtimestamp(values.paused_until_ms / 1000)
            quiet = max(quiet, paused) if quiet is not None else paused
        return quiet

    def _look_at_quiet(self) -> None:
        until = self._quiet_until()
        self._model.set_quiet(until)
        if until is None and self._held:
            held, self._held = self._held, {}
            self._waiting |= held
            if not self._is_gathering:
                self._tell_waiting()


def _single(message: RoomMessage) -> Note:
    is_urgent = message.priority is Priority.URGENT
    return Note(f"message-{message.id}", NoteKind.MESSAGE, message, is_urgent=is_urgent)
