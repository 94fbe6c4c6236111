"""Whatever comes in whatever order, the timeline shows one run of messages as
they are now, and what is being read stays where it is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.views.timeline.view import WINDOW_MESSAGES
from protocol.messages import RoomMessage
from tests.support.reading import Reader, message
from tests.support.window import Window

PAGE = 50


class Room:
    """All the messages, and the answers of whoever holds them."""

    def __init__(self, reader: Reader, window: Window) -> None:
        self._reader = reader
        self._window = window
        self._texts: list[str] = []
        self._revision = 0
        self._asked: list[tuple[str, int]] = []
        self._grow(60)
        self._show_latest()

    # -- what happens in the room: what is read stays in place --------------------------

    def arrive(self, count: int) -> None:
        self._reader.feed.arrive(self._grow(count))

    def edit(self, back: int) -> None:
        newest = self._last
        message_id = max(1, newest - back * 3)
        if message_id == self._reader.place()[0] - 1:
            return  # it begins above the screen and ends on it: something must give
        self._revision += 1
        self._texts[message_id - 1] = f"edited at {self._revision}" + "\nmore" * (back % 7)
        self._reader.feed.update(*self._page(message_id, message_id))

    def answer(self, _number: int) -> None:
        """The first thing that was asked for comes."""
        self._asked += self._reader.asked()
        if self._asked:
            what, message_id = self._asked.pop(0)
            if what == "need_older":
                page = self._page(message_id - PAGE, message_id - 1)
                self._reader.feed.prepend(page, at_start=message_id - PAGE <= 1)
            else:
                page = self._page(message_id + 1, message_id + PAGE)
                self._reader.feed.append(page, at_end=message_id + PAGE >= self._last)

    def answer_in_vain(self, _number: int) -> None:
        self._asked += self._reader.asked()
        if self._asked:
            what, _ = self._asked.pop(0)
            if what == "need_older":
                self._reader.feed.prepend([], at_start=False)
            else:
                self._reader.feed.append([], at_end=False)

    def change_theme(self, number: int) -> None:
        self._window.settings.change(theme=("light", "dark")[number % 2])

    # -- what the reader does --------------------------------------------------------------

    def drag(self, percent: int) -> None:
        self._reader.drag(percent / 100)

    def press(self, number: int) -> None:
        keys = ("<Prior>", "<Next>", "<Up>", "<Down>", "<Home>", "<space>")
        self._reader.press(keys[number % len(keys)])

    def to_latest(self, _number: int) -> None:
        self._window.calls.clear()
        self._reader.press("<End>")
        if ("show_latest",) in self._window.calls:
            self._show_latest()

    def resize(self, number: int) -> None:
        self._window.root.geometry(("800x600", "520x700", "900x450")[number % 3])
        self._reader.settle()

    # ------------------------------------------------------------------------------------

    def check(self) -> None:
        """What is shown is a run of the room as it is."""
        shown = self._reader.feed.shown()
        assert 0 < len(shown) <= WINDOW_MESSAGES
        first = shown[0][0]
        assert shown == [(m.id, m.text) for m in self._page(first, first + len(shown) - 1)]

    @property
    def _last(self) -> int:
        return len(self._texts)

    def _grow(self, count: int) -> list[RoomMessage]:
        first = self._last + 1
        self._texts += [message(number).text for number in range(first, first + count)]
        self._revision += count
        return self._page(first, self._last)

    def _page(self, first: int, last: int) -> list[RoomMessage]:
        ids = range(max(first, 1), min(last, self._last) + 1)
        return [message(number, self._texts[number - 1], self._revision) for number in ids]

    def _show_latest(self) -> None:
        self._asked.clear()
        self._reader.feed.replace(
            self._page(self._last - PAGE + 1, self._last),
            at_start=self._last <= PAGE,
            at_end=True,
        )


COMES = ("arrive", "edit", "answer", "answer_in_vain", "change_theme")
DOES = ("drag", "press", "to_latest", "resize")

steps = st.lists(
    st.tuples(st.sampled_from(COMES * 2 + DOES), st.integers(0, 100)), min_size=5, max_size=40
)


@pytest.mark.timeout(180)
def test_one_run_without_a_gap_in_its_place_whatever_comes(tmp_path: Path) -> None:
    window = Window(tmp_path)
    reader = Reader(window)
    errors: list[object] = []
    window.root.report_callback_exception = lambda *error: errors.append(error)  # type: ignore[method-assign]

    @settings(max_examples=80, deadline=None)
    @given(steps)
    def follow(sequence: list[tuple[str, int]]) -> None:
        reader.feed.clear()
        reader.asked()
        room = Room(reader, window)
        reader.settle()
        for name, number in sequence:
            step: Callable[[int], None] = getattr(room, name)
            followed = reader.sees_the_end()
            being_read, top = reader.place()
            step(number)
            room.check()
            if name in COMES and followed:
                assert reader.sees_the_end() or reader.top_of(being_read) == top, name
            elif name in COMES:
                assert reader.top_of(being_read) == top, name
            assert errors == []

    follow()
    window.root.destroy()
