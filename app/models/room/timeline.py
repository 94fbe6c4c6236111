"""The room's messages as far as this client holds them, and the proof that
nothing is missing (P3, P4).

Two revisions tell how things stand. `known_revision` is the highest that the
server has spoken of in any message. `complete_through` moves only when every
change up to it is held. While they differ the client is behind and must sync;
whatever order pushes and sync pages come in, no change can be skipped, because
a push that does not follow directly raises only what is known.

What is held is one stretch of ids, `floor` to `top`. A change to a message
below the floor is passed over: that message is not held, and will be fetched
as it is then. Only while a page of older messages is on its way is such a
change put aside: the page may have been read before it. While syncing, a newer
message may come before an older one that was changed since, so the feed is
told of the stretch only when it is whole.

What lies further down can be looked at apart from that: pages of it go past the
cache to the feed, and are followed there.

Main thread only.
"""

from collections.abc import Iterable, Sequence

import msgspec

from app.models.room.cache import Cache, Progress
from app.models.room.feed import Feed, Listener
from protocol.messages import Changes, RoomMessage

PAGE_MESSAGES = 50

MAX_ARRIVING = 500
"""More new messages than this are not run past the reader one by one: the feed
is set to the newest page instead."""

MAX_NEWS = 5_000
"""So many are counted as new at most."""


class Timeline:
    """The model. `feed` is whatever shows a part of it."""

    def __init__(self) -> None:
        self._cache: Cache | None = None
        self._feed: Feed | None = None
        self._listener: Listener | None = None
        self._progress: Progress | None = None
        self._known_revision = 0
        self._kept_from = 1
        """What is below, the room has let go of for its age, as it was told last."""
        self._told_top = 0
        self._own_id = 0
        self._changed_ids: set[int] = set()
        self._awaited = 0
        """Pages that were asked for and have not come."""
        self._aside: dict[int, RoomMessage] = {}
        """Changes below the floor since the first of them was asked for."""
        self._below: dict[int, RoomMessage] = {}
        """Changes below the floor that the feed was not told of."""

    # -- what is held ----------------------------------------------------------------

    @property
    def complete_through(self) -> int:
        """The revision up to which nothing is missing."""
        return self._progress.complete_through if self._progress else 0

    @property
    def known_revision(self) -> int:
        return max(self._known_revision, self.complete_through)

    @property
    def is_behind(self) -> bool:
        """Whether the server has spoken of a change that is not held."""
        return self.known_revision > self.complete_through

    @property
    def floor(self) -> int:
        """The lowest id held; one above `top` where nothing is."""
        return self._progress.floor if self._progress else 1

    @property
    def top(self) -> int:
        """The highest id held or, where nothing is, the newest that there was."""
        return self._progress.top if self._progress else 0

    @property
    def is_empty(self) -> bool:
        return self.floor > self.top

    @property
    def at_start(self) -> bool:
        """Whether the room has nothing below the floor."""
        return self._progress is not None and self._progress.at_start

    # -- beginning -------------------------------------------------------------------

    def attach(self, feed: Feed | None) -> None:
        """Show what is held in this feed from now on, or nowhere."""
        self._feed = feed
        self.show_latest()

    def tell(self, listener: Listener) -> None:
        """Tell this listener, too, what happens."""
        self._listener = listener

    def open(self, cache: Cache | None, own_id: int = 0) -> None:
        """Go on from what a cache holds, for the person of this id; None: nobody
        is signed in."""
        self._cache = cache
        self._own_id = own_id
        self._progress = cache.progress if cache else None
        self._known_revision = 0
        self._changed_ids.clear()
        self._expect_nothing()
        if self._feed is not None:
            self._feed.clear()
        unseen = self._unseen()
        self.show_latest(unseen)
        if self._listener is not None:
            self._listener.opened(unseen)

    def begin(self, room_id: bytes, revision: int, last_id: int, kept_from: int = 1) -> None:
        """Note that the room is at this revision, and has let go of what is below
        `kept_from` for its age. Begins anew if nothing is held yet, or
        if what is held belongs to another room, goes further than this one (its data
        was restored from an older copy) or was all let go of."""
        self._expect_nothing()
        self._kept_from = kept_from
        held = self._progress
        is_same = held and held.room_id == room_id and held.complete_through <= revision
        if held and is_same and kept_from <= held.top + 1:
            self.learn(revision)
            self._let_go()
            return
        self.restart(room_id, revision, last_id)

    def _let_go(self) -> None:
        """Hold nothing that the room has let go of. What shows it hears of each change."""
        assert self._cache is not None and self._progress is not None
        held = self._progress
        if self._kept_from > held.floor or (self._kept_from == held.floor and not held.at_start):
            with self._cache.batch():
                self._cache.forget_below(self._kept_from)
                self._set(msgspec.structs.replace(held, floor=self._kept_from, at_start=True))

    def restart(self, room_id: bytes, revision: int, last_id: int) -> None:
        """Hold nothing, and be complete from this revision on: what comes later
        is heard, what came before is fetched as it is then."""
        assert self._cache is not None
        self._known_revision = revision
        self._changed_ids.clear()
        self._expect_nothing()
        with self._cache.batch():
            self._cache.forget_messages()
            at_start = last_id < self._kept_from
            self._set(Progress(room_id, revision, last_id + 1, last_id, at_start))
        if self._feed is not None:
            self._feed.clear()
        self.show_latest()
        if self._listener is not None:
            self._listener.opened(())

    def forget(self) -> None:
        """Forget what is held. It is shown until the next `begin`."""
        self._progress = None
        self._known_revision = 0
        if self._cache is not None:
            self._cache.forget_messages()

    # -- what the server says ----------------------------------------------------------

    def learn(self, revision: int) -> None:
        """Note that the server spoke of this revision."""
        self._known_revision = max(self._known_revision, revision)

    def apply_change(self, message: RoomMessage) -> None:
        """Take a pushed change. It counts only if it is the next one; one that is known
        is dropped, one that comes too early tells that we are behind."""
        self.learn(message.revision)
        if self._progress and message.revision == self.complete_through + 1:
            self._hold([message])
            self._set_complete(message.revision)

    def apply_changes(self, changes: Changes, after_revision: int) -> None:
        """Take a page of sync, which was asked for from `after_revision`."""
        self.learn(changes.revision)
        if not self._progress or after_revision > self.complete_through:
            return  # an answer to a question of before a restart
        self._hold(changes.messages)
        if changes.complete_through > self.complete_through:
            self._set_complete(changes.complete_through)

    def expect_page(self) -> None:
        """Note that a page of older messages was asked for."""
        self._awaited += 1

    def expect_no_page(self) -> None:
        """Note that one that was asked for will not come."""
        self._take_aside()

    def _take_aside(self) -> dict[int, RoomMessage]:
        """Return what a page that has come may be out of date in."""
        aside = self._aside
        self._awaited = max(self._awaited - 1, 0)
        if not self._awaited:
            self._aside = {}
        return aside

    def _expect_nothing(self) -> None:
        self._awaited = 0
        self._aside = {}
        self._below = {}

    def apply_history(self, messages: Sequence[RoomMessage], more: bool, before_id: int) -> None:
        """Take a page of older messages, newest first, that was asked for with this id.
        It counts only if it joins what is held."""
        aside = self._take_aside()
        progress = self._progress
        if progress is None or before_id not in (0, progress.floor) or self._cache is None:
            return
        kept = [message for message in messages if message.id >= self._kept_from]
        more = more and len(kept) == len(messages)
        older = [message for message in kept if message.id < progress.floor]
        if older and older[0].id != progress.floor - 1:
            return
        for message in older:
            self.learn(message.revision)
            self._cache.store(message)
        floor = older[-1].id if older else progress.floor
        for message in aside.values():
            if message.id >= floor:
                self._cache.store(message)
        self._set(msgspec.structs.replace(progress, floor=floor, at_start=not more))

    def tell_feed(self) -> None:
        """Tell the feed what has come since the last time; once a batch."""
        if self._feed is None or self._cache is None or self.is_behind:
            return
        told_top, self._told_top = self._told_top, self.top
        for message_id in sorted(self._changed_ids):
            for message in self._cache.after(message_id - 1, 1):
                if message.id == message_id <= told_top:
                    self._feed.update(message)
                    if self._listener is not None:
                        self._listener.changed(message)
        self._changed_ids.clear()
        for message in self._below.values():
            self._feed.update(message)
        self._below.clear()
        if self.top > told_top:
            self._tell_arrived(told_top)

    def _tell_arrived(self, told_top: int) -> None:
        assert self._feed is not None and self._cache is not None
        news = self._by_others(told_top)
        if self.top - told_top > MAX_ARRIVING:
            self.show_latest(news)
            arrived = self._cache.before(self.top + 1, MAX_ARRIVING)
        else:
            arrived = self._cache.after(told_top, MAX_ARRIVING)
            self._feed.arrive(arrived)
        if self._listener is not None:
            self._listener.heard(news, arrived)

    # -- what the feed asks for --------------------------------------------------------

    def show_latest(self, news: Sequence[int] = ()) -> None:
        """Set the feed to the newest page that is held. `news` are the ids of
        those that the person has not seen, as far as the feed does not know them."""
        self._told_top = self.top
        if self._feed is None:
            return
        if self._cache is None or self._progress is None:
            self._feed.clear()
            return
        page = self._cache.before(self.top + 1, PAGE_MESSAGES)
        self._feed.replace(page, self._reaches_start(page), at_end=True, news=news)

    def show_from(self, message_id: int) -> None:
        """Set the feed to this message, with what comes before and after it, as far
        as that is held."""
        if self._feed is None or self._cache is None:
            return
        page = self._cache.before(message_id, PAGE_MESSAGES)
        later = self._cache.after(message_id - 1, PAGE_MESSAGES)
        page += [message for message in later if message.id <= self._told_top]
        if page:
            at_end = page[-1].id >= self._told_top
            self._feed.replace(page, self._reaches_start(page), at_end, from_id=message_id)

    def holds(self, message_id: int) -> bool:
        """Tell whether this message can be shown without asking the server."""
        return self.floor <= message_id <= self.top

    def has_older(self, message_id: int) -> bool:
        """Tell whether something below this id is held."""
        return self.floor < message_id

    def show_older(self, message_id: int) -> None:
        """Give the feed what comes right before this id, as far as it is held."""
        if self._feed is not None and self._cache is not None:
            page = self._cache.before(message_id, PAGE_MESSAGES)
            reaches_start = self.at_start and (page[0].id if page else message_id) <= self.floor
            self._feed.prepend(page, at_start=reaches_start)

    def show_newer(self, message_id: int) -> None:
        """Give the feed what comes right after this id."""
        if self._feed is not None and self._cache is not None:
            held = self._cache.after(message_id, PAGE_MESSAGES)
            page = [message for message in held if message.id <= self._told_top]
            last = page[-1].id if page else message_id
            self._feed.append(page, at_end=last >= self._told_top)

    # -- what lies further down ----------------------------------------------------------

    def reaches_down_to(self, after_id: int) -> bool:
        """Tell whether what comes right after this message is held."""
        return after_id >= self.floor - 1

    def show_apart(self, page: Sequence[RoomMessage], more: bool, from_id: int) -> None:
        """Set the feed to a page, newest first, that is not held, from one of its messages
        on."""
        if self._feed is not None:
            self._feed.replace(self._as_now(page), not more, at_end=False, from_id=from_id)

    def show_older_apart(self, page: Sequence[RoomMessage], more: bool) -> None:
        """Give the feed a page, newest first, that comes right before what it shows."""
        if self._feed is not None:
            self._feed.prepend(self._as_now(page), at_start=not more)

    def show_newer_apart(self, page: Sequence[RoomMessage], after_id: int) -> None:
        """Give the feed of a page, newest first, what comes right after this message."""
        if self._feed is not None:
            newer = [message for message in self._as_now(page) if message.id > after_id]
            self._feed.append(newer, at_end=False)

    def show_nothing_more(self, is_newer: bool) -> None:
        """Answer the feed that no page can be had from there now."""
        if self._feed is not None and is_newer:
            self._feed.append([], at_end=False)
        elif self._feed is not None:
            self._feed.prepend([], at_start=False)

    def _as_now(self, page: Sequence[RoomMessage]) -> list[RoomMessage]:
        """Return a page that has come, oldest first, with what has changed meanwhile."""
        aside = self._take_aside()
        return [
            max(message, aside.get(message.id, message), key=lambda one: one.revision)
            for message in reversed(page)
        ]

    def held(self, message_id: int) -> RoomMessage | None:
        """Return this message, if it is held."""
        found = self.held_before(message_id + 1, 1)
        return found[0] if found and found[0].id == message_id else None

    def held_before(self, message_id: int, limit: int) -> list[RoomMessage]:
        """Return what is held right below this id, oldest first."""
        return [] if self._cache is None else self._cache.before(message_id, limit)

    # ------------------------------------------------------------------------------------

    def _unseen(self) -> list[int]:
        """Return what others have posted since the person was last at this client."""
        seen = self._cache.seen.top if self._cache is not None else 0
        return self._by_others(seen) if seen else []

    def _by_others(self, after_id: int) -> list[int]:
        assert self._cache is not None
        after_id = max(after_id, self.top - MAX_NEWS)
        newer = self._cache.after(after_id, MAX_NEWS)
        return [message.id for message in newer if message.author_id != self._own_id]

    def _reaches_start(self, page: Sequence[RoomMessage]) -> bool:
        return self.at_start and (not page or page[0].id <= self.floor)

    def _hold(self, messages: Iterable[RoomMessage]) -> None:
        assert self._cache is not None and self._progress is not None
        top = self._progress.top
        for message in messages:
            if message.id < self._progress.floor:
                if self._awaited:
                    self._aside[message.id] = message
                self._below[message.id] = message
                continue
            if self._cache.store(message) and message.id <= self._told_top:
                self._changed_ids.add(message.id)
            top = max(top, message.id)
        if top != self._progress.top:
            self._set(msgspec.structs.replace(self._progress, top=top))

    def _set_complete(self, revision: int) -> None:
        assert self._progress is not None
        self._set(msgspec.structs.replace(self._progress, complete_through=revision))

    def _set(self, progress: Progress) -> None:
        assert self._cache is not None
        self._progress = progress
        self._cache.set_progress(progress)
