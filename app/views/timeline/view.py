"""The timeline: a window on the room's messages.

It holds at most WINDOW_MESSAGES around what is on the screen, however long the
room is. Near either end it asks for more, once until that is answered, and
lets go of as many at the other end.

Where one reads is held on to: either the end of the room or what stands at the
upper edge of the view (`_place`). Only a person moves it, by scrolling, or by
going to the newest or to what is new. After everything else that lays out the
text anew (messages that come and go, receipts, answers that appear, another
size, language or theme) the view goes back to it, to the pixel.
"""

import tkinter as tk
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from app.views.context import ViewContext
from app.views.kit.widgets import follow
from app.views.timeline.lookout import Lookout
from app.views.timeline.message_block import Beside
from app.views.timeline.news import News
from app.views.timeline.receipts import ReceiptActions
from app.views.timeline.timeline_pane import TimelineActions, TimelinePane
from app.views.timeline.timeline_text import Place
from protocol.messages import RoomMessage

WINDOW_MESSAGES = 300
"""Several screenfuls of short messages on a tall display, and filled in well
under a tenth of a second."""

DAY_CHECK_MS = 30_000
"""How late a heading may say "Today" of what has become yesterday."""


class HistoryActions(Protocol):
    """What can be asked for besides what is shown."""

    def need_older(self, before_id: int) -> None:
        """Ask for more messages before this id."""

    def need_newer(self, after_id: int) -> None:
        """Ask for more messages after this id."""

    def show_latest(self) -> None:
        """Ask for the newest messages."""

    def check(self) -> None:
        """Ask the server whether anything is missing."""

    def show_from(self, message_id: int) -> bool:
        """Ask for this message and what comes after it. False: it can't be had now."""


class TimelineHost(TimelineActions, Protocol):
    """What the timeline asks of the view that it is in."""

    def empty_words(self) -> tuple[str, str]:
        """Return what is said in an empty room, and what its button is called, if any."""

    def is_screen_locked(self) -> bool:
        """Tell whether the system says that nobody could see the window."""


class Timeline:
    """Shows the room's messages: a `Feed`. `pane` is its widget."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        history: HistoryActions,
        receipts: ReceiptActions,
        host: TimelineHost,
        beside: Beside,
    ) -> None:
        self._context = context
        self._history = history
        self._receipts = receipts
        self._host = host
        self._news = News()
        self._room = ""
        self._reachable = False
        self._at_start = False
        self._at_end = False
        self._asked_older = False
        self._asked_newer = False
        # Asked in vain: not again until a person moves or the server is back.
        self._older_failed = False
        self._newer_failed = False
        self._place: Place | None = None
        """Where one reads; None: at the end, which is kept in sight."""
        self._has_moved = False
        """Whether a person has scrolled, and things have not settled since."""
        self._today = context.clock.now().date()

        self.pane = TimelinePane(parent, context, self, host, beside)
        self._text = self.pane.text
        follow(self.pane, self._say_anew, context.i18n)
        self._day_check = self.pane.after(DAY_CHECK_MS, self._check_day)
        self.lookout = Lookout(self.pane, self._news, self, receipts.mark_seen)
        self.pane.bind("<Destroy>", lambda _event: self._end(), add="+")
        self._refresh()

    def shown(self) -> list[tuple[int, str]]:
        """Return the id and text of each message, read from the widget."""
        return self._text.shown()

    def set_room(self, name: str) -> None:
        """Take the room's name, for its beginning."""
        if name != self._room:
            self._room = name
            self._refresh()

    def set_reachable(self, reachable: bool) -> None:
        """Note whether the server is there: what could not be had before may be had now,
        and an empty view is waiting for something."""
        if reachable != self._reachable:
            self._reachable = reachable
            self._try_again()
            self._refresh()

    def say_empty(self) -> None:
        """Say anew what an empty room says."""
        if not self._text.messages:
            self._refresh()

    def to_latest(self) -> None:
        """Go to the newest message."""
        if self._at_end:
            self._place = None
            self._has_moved = False
            self._to_bottom()
            self.pane.settle_soon()
        else:
            self._history.show_latest()

    def to_message(self, message_id: int) -> bool:
        """Go to this message, to its beginning. False: it is not in the window."""
        if not self._text.show_from(message_id):
            return False
        self.moved()
        return True

    def go_to(self, message_id: int) -> bool:
        """Go to this message, wherever in the room it is. False: it can't be had now."""
        return self.to_message(message_id) or self._history.show_from(message_id)

    def mark(self, terms: tuple[str, ...]) -> None:
        """Mark these terms in all that is shown, and nothing else."""
        with self.place_kept():
            self._text.mark(terms)

    def choose(self, message_id: int) -> None:
        """Have this message stand out, as if one had walked to it; 0: none."""
        self._text.choose(message_id)

    @property
    def messages(self) -> Sequence[RoomMessage]:
        """What is in the window, oldest first."""
        return self._text.messages

    @property
    def reading_from(self) -> int:
        """The message at which one reads; 0: at the end, which is kept in sight."""
        return 0 if self._follows() else self._text.first_touched()

    def to_new_or_latest(self) -> None:
        """Go to the first message that is new or, without any, to the newest."""
        first = self._news.first_unread
        if not first:
            self.to_latest()
        else:
            self.go_to(first)

    # --- Feed -------------------------------------------------------------

    def clear(self) -> None:
        self._news.clear()
        self._begin([], at_start=False, at_end=False)

    def replace(
        self,
        messages: Sequence[RoomMessage],
        at_start: bool,
        at_end: bool,
        from_id: int = 0,
        news: Sequence[int] = (),
    ) -> None:
        kept = messages[-WINDOW_MESSAGES:]
        self._news.arrive(news)
        self._begin(kept, at_start and len(kept) == len(messages), at_end)
        if from_id:
            self.to_message(from_id)

    def prepend(self, messages: Sequence[RoomMessage], at_start: bool) -> None:
        held = self._text.messages
        if messages and held and messages[-1].id + 1 != held[0].id:
            return  # answers a window that was replaced since
        if not held:
            self._begin(messages[-WINDOW_MESSAGES:], at_start, at_end=True)
            return
        self._asked_older = False
        surplus = len(held) + len(messages) - WINDOW_MESSAGES
        if surplus > 0 and self._text.index_at_bottom() >= len(held) - surplus:
            return  # it was asked for further up, and would push out what is being read
        self._older_failed = not messages and not at_start
        self._at_start = at_start
        with self.place_kept():
            self._text.prepend(messages)
            if surplus > 0:
                self._text.drop_last(surplus)
                self._at_end = False
            self._refresh()
        if messages:
            self.pane.settle_soon()

    def append(self, messages: Sequence[RoomMessage], at_end: bool) -> None:
        held = self._text.messages
        if messages and held and messages[0].id != held[-1].id + 1:
            return
        self._asked_newer = False
        if held and self._text.index_at_top() < len(held) + len(messages) - WINDOW_MESSAGES:
            return  # it was asked for further down
        self._newer_failed = not messages and not at_end
        with self.place_kept():
            self._take_in(messages)
            self._at_end = at_end
            self._refresh()
        if messages:
            self.pane.settle_soon()

    def arrive(self, messages: Sequence[RoomMessage]) -> None:
        if not messages:
            return
        held = self._text.messages
        own_id = self._own_id
        self._news.arrive(one.id for one in messages if one.author_id != own_id)
        follow = self._follows()
        adjoin = not held or held[-1].id + 1 == messages[0].id
        overflow = len(held) + len(messages) > WINDOW_MESSAGES
        if not self._at_end or not adjoin or (overflow and not follow):
            # Taking them in would leave a gap, or take away what is being read.
            self._at_end = False
            self._refresh()
        elif len(messages) >= WINDOW_MESSAGES:
            self._begin(messages[-WINDOW_MESSAGES:], at_start=False, at_end=True)
        else:
            with self.place_kept():
                self._take_in(messages)
                self._refresh()
        self.lookout.look_around()
        if any(one.author_id == own_id for one in messages):
            self.to_latest()
        self.pane.settle_soon()

    def update(self, message: RoomMessage) -> None:
        with self.place_kept():
            self._text.change(message)

    def renew(self, message_ids: set[int]) -> None:
        """Show anew what stands below these messages."""
        changed = [one for one in self._text.messages if one.id in message_ids]
        if changed:
            with self.place_kept():
                for message in changed:
                    self._text.renew(message)

    @property
    def _own_id(self) -> int:
        person = self._context.account.person
        return person.id if person is not None else 0

    # --- what the lookout asks and tells ----------------------------------

    def is_screen_locked(self) -> bool:
        return self._host.is_screen_locked()

    def unread_changed(self) -> None:
        self._refresh()

    # --- staying in place -------------------------------------------------

    @contextmanager
    def place_kept(self) -> Iterator[None]:
        """Keep in place what is being read, whatever changes within this; or keep the end
        in sight, if it was followed."""
        if self._has_moved:
            self._keep_place()
        yield
        self._go_back()

    def _keep_place(self) -> None:
        """Take where the view is now for where one reads."""
        is_at_end = self._at_end and self._text.is_at_bottom()
        self._place = None if is_at_end else self._text.here()

    def _go_back(self) -> None:
        """Go back to where one reads."""
        if self._place is None:
            self._to_bottom()
        elif not self._text.return_to(self._place):
            self._keep_place()

    def _follows(self) -> bool:
        """Tell whether the newest message is there and kept in sight."""
        if self._has_moved:
            self._keep_place()
        return self._place is None and self._at_end

    def _to_bottom(self) -> None:
        self._text.yview_moveto(1.0)

    def _take_in(self, messages: Sequence[RoomMessage]) -> None:
        self._text.append(messages)
        surplus = len(self._text.messages) - WINDOW_MESSAGES
        if surplus > 0:
            self._text.drop_first(surplus)
            self._at_start = False

    def _begin(self, messages: Sequence[RoomMessage], at_start: bool, at_end: bool) -> None:
        self._at_start, self._at_end = at_start, at_end
        self._asked_older = self._asked_newer = False
        self._older_failed = self._newer_failed = False
        self._place = None
        self._has_moved = False
        self._text.fill(messages, (self._news.divider, self._news.count))
        self._refresh()
        self._to_bottom()
        self.pane.settle_soon()

    # --- moving -----------------------------------------------------------

    def moved(self) -> None:
        """Note that a person scrolls."""
        self._has_moved = True
        self._try_again()

    def _try_again(self) -> None:
        self._older_failed = self._newer_failed = False
        self.pane.settle_soon()

    def settled(self) -> None:
        """Take note of what is in sight: things have come to rest."""
        if self._has_moved:
            self._keep_place()
            self._has_moved = False
        else:
            self._go_back()
        self.lookout.look_around()
        self._ask()
        if self._text.messages:
            self._receipts.need_tallies(self._text.messages[0].id, self._text.messages[-1].id)
        self._refresh()

    def _ask(self) -> None:
        held = self._text.messages
        if not held:
            return
        screen = self._text.winfo_height()
        may_ask = not (self._at_start or self._asked_older or self._older_failed)
        if may_ask and self._text.top_pixel() < screen:
            self._asked_older = True
            self._history.need_older(held[0].id)
        may_ask = not (self._at_end or self._asked_newer or self._newer_failed)
        if may_ask and self._text.left_below() < screen:
            self._asked_newer = True
            self._history.need_newer(self._text.messages[-1].id)

    # --- words ------------------------------------------------------------

    def _refresh(self) -> None:
        t = self._context.t
        if not self._text.messages:
            if self._at_start and self._at_end:
                self.pane.say_instead(*self._host.empty_words())
            else:
                key = "timeline.loading" if self._reachable else "timeline.offline"
                self.pane.say_instead(t(key))
            self._text.say_edge("")
            self.pane.offer_latest("")
            return
        self.pane.say_instead("")
        self._text.say_edge(self._edge_words())
        is_far = not self._at_end or self._text.left_below() > self._text.winfo_height()
        latest = f"{t('timeline.latest')}  ↓" if is_far else ""
        first = self._news.first_unread
        if not first or self._text.is_touched(first):
            self.pane.offer_latest(latest)
        else:
            is_above = bool(self._text.messages) and first < self._text.first_touched()
            words = t("timeline.new", n=self._news.unread)
            self.pane.offer_latest(f"{words}  {'↑' if is_above else '↓'}")

    def _edge_words(self) -> str:
        if self._at_start:
            room = self._context.status.room
            days = room.keep_days if room is not None else 0
            if days and self._text.messages and self._text.messages[0].id > 1:
                return self._context.t("timeline.kept", n=days)
            return self._context.t("timeline.beginning", room=self._room)
        return self._context.t(
            "timeline.earlier_failed" if self._older_failed else "timeline.earlier"
        )

    def _say_anew(self) -> None:
        with self.place_kept():
            self._text.say_anew()
            self._refresh()

    def _check_day(self) -> None:
        self._day_check = self.pane.after(DAY_CHECK_MS, self._check_day)
        today = self._context.clock.now().date()
        if today != self._today:
            self._today = today
            self._say_anew()

    def _end(self) -> None:
        self.pane.after_cancel(self._day_check)
        self.lookout.end()
