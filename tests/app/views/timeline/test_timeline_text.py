"""A message is shown, read back, copied and left alone just as it was written."""

import contextlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.text import clean_text
from app.views.timeline import view
from protocol.limits import MAX_INTEGER, MAX_TEXT_CHARS
from protocol.messages import RoomMessage
from tests.support.reading import Reader, message, run
from tests.support.window import Window

TEXTS = {
    "plain": "Fire drill at 10:30",
    "tabs": "\tindented\tand\t\tapart",
    "lines": "one\ntwo\n\nfour",
    "blank lines around": "\n\n  text\n\n\n",
    "only lines": "\n\n",
    "nothing": "",
    "spaces": "  a   b  ",
    "emoji": "🔔 at 10 👩🏽‍🚒👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇬🇧 ❤️",
    "chinese": "消防演习：上午十点半。请看 https://example.org/消防，谢谢",
    "arabic": "تمرين الحريق في الساعة 10:30",
    "mixed directions": "Fire تمرين 10:30 消防",
    "combining": "Zoe\u0308 a\u0301\u0327\u0323",
    "invisible": "zero\u200bwidth\u00a0space\ufeff",
    "a very long word": "x" * MAX_TEXT_CHARS,
    "a very long address": "https://example.org/" + "y" * 3000,
    "braces": "{braces} {0} {} }{ {a {b",
    "backslashes": "C:\\new\\table \\n \\u0041 \\",
    "tcl": '[exit] $env(HOME) "quoted" ; # comment {*}',
    "percent": "%s %d 100% %%",
    "markup": "<b>bold</b> &amp; *stars*",
    "links": "(https://a.example/x_(y)), http://b.example.",
    "tag names": "message-1 body edge",
}


@pytest.fixture
def reader(window: Window) -> Reader:
    return Reader(window)


def at(moment: datetime, message_id: int) -> RoomMessage:
    return RoomMessage(
        message_id, message_id, 1, "Alice Hart", round(moment.timestamp() * 1000), "text", bytes(16)
    )


# --- content ------------------------------------------------------------------------


def test_every_text_is_read_back_exactly(reader: Reader) -> None:
    messages = [message(number, text) for number, text in enumerate(TEXTS.values(), start=1)]
    expected = [(m.id, m.text) for m in messages]
    reader.show(messages, at_start=True, at_end=True)
    assert reader.feed.shown() == expected
    reader.show(messages[10:], at_start=False, at_end=False)
    reader.feed.prepend(messages[:10], at_start=True)
    assert reader.feed.shown() == expected
    for one in messages:
        reader.feed.update(one)
    assert reader.feed.shown() == expected


def test_whatever_can_be_sent_is_read_back_exactly(reader: Reader) -> None:
    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.text(max_size=40).map(clean_text), min_size=1, max_size=5))
    def send(texts: list[str]) -> None:
        messages = [message(number, text) for number, text in enumerate(texts, start=1)]
        reader.show(messages, at_start=True, at_end=True)
        assert reader.feed.shown() == [(m.id, m.text) for m in messages]

    send()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_message_that_became_this_is_read_back_exactly(reader: Reader, text: str) -> None:
    reader.show(run(1, 3), at_start=True, at_end=True)
    reader.feed.update(message(2, text, revision=4))
    assert reader.feed.shown() == [(1, message(1).text), (2, text), (3, message(3).text)]


def test_a_name_is_shown_as_it_is(reader: Reader) -> None:
    names = ["{Alice} $x [y] \\", "李明", "a" * 64, "🔔"]
    messages = [
        RoomMessage(number, number, 1, name, 0, "text", bytes(16))
        for number, name in enumerate(names, start=1)
    ]
    reader.show(messages, at_start=True, at_end=True)
    shown = reader.text.get("1.0", "end")
    for name in names:
        assert f"{name}  Admin  " in shown


def test_a_long_word_does_not_widen_the_window(reader: Reader, window: Window) -> None:
    before = window.root.winfo_width()
    reader.show([message(1, "x" * 4000)], at_start=True, at_end=True)
    assert window.root.winfo_width() == before
    assert reader.text.xview() == (0.0, 1.0)


# --- days ---------------------------------------------------------------------------


def headings(reader: Reader) -> list[str]:
    ranges = reader.text.tag_ranges("day")
    pairs = zip(ranges[::2], ranges[1::2], strict=True)
    return [reader.text.get(start, end).strip() for start, end in pairs]


NOON = datetime(2026, 11, 5, 12)


def test_each_day_has_one_heading(reader: Reader, window: Window) -> None:
    window.clock.stop_at(NOON)
    moments = [NOON - timedelta(days) for days in (400, 1, 1, 0, 0, 0)]
    messages = [at(moment, number) for number, moment in enumerate(moments, start=1)]
    reader.show(messages, at_start=True, at_end=True)
    expected = headings(reader)
    assert expected[1:] == ["Yesterday", "Today"]
    assert expected[0].endswith("2025")
    for middle in range(1, len(messages)):
        reader.show(messages[middle:], at_start=False, at_end=True)
        reader.feed.prepend(messages[:middle], at_start=True)
        assert headings(reader) == expected
        reader.show(messages[:middle], at_start=True, at_end=True)
        reader.feed.arrive(messages[middle:])
        assert headings(reader) == expected


def test_at_midnight_today_becomes_yesterday(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "DAY_CHECK_MS", 20)
    with contextlib.closing(Window(tmp_path)) as window:
        reader = Reader(window)
        window.clock.stop_at(NOON.replace(hour=23, minute=59))
        reader.show([at(NOON, 1)], at_start=True, at_end=True)
        assert headings(reader) == ["Today"]
        window.clock.stop_at(NOON + timedelta(hours=12))
        window.until(lambda: headings(reader) == ["Yesterday"], "the new day")


def test_what_is_let_go_takes_its_heading_along_and_leaves_one(
    reader: Reader, window: Window
) -> None:
    window.clock.stop_at(NOON)
    reader.show([at(NOON, number) for number in range(1, 301)], at_start=True, at_end=True)
    reader.feed.arrive([at(NOON, 301)])
    assert reader.ids[0] == 2
    assert headings(reader) == ["Today"]


def test_a_moment_that_no_calendar_reaches_breaks_nothing(reader: Reader) -> None:
    messages = [
        RoomMessage(number, number, 1, "Alice", at_ms, "text", bytes(16))
        for number, at_ms in enumerate((0, MAX_INTEGER, 5), start=1)
    ]
    reader.show(messages, at_start=True, at_end=True)
    assert reader.ids == [1, 2, 3]


# --- it is for reading --------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    ["x", "<Return>", "<BackSpace>", "<Delete>", "<space>", "<Control-v>", "<Control-x>",
     "<Control-h>", "<Control-d>", "<Control-k>", "<Control-o>", "<Control-t>", "<Control-z>",
     "<<Paste>>", "<<Cut>>", "<<Clear>>", "<<PasteSelection>>", "<Insert>"],
)  # fmt: skip
def test_no_key_changes_it(reader: Reader, key: str) -> None:
    reader.show(run(1, 5), at_start=True, at_end=True)
    reader.text.clipboard_clear()
    reader.text.clipboard_append("pasted")
    reader.text.mark_set("insert", "3.0")
    reader.text.tag_add("sel", "3.0", "4.0")
    whole = reader.text.get("1.0", "end")
    reader.press(key)
    assert reader.text.get("1.0", "end") == whole


def test_a_selection_is_copied_as_it_is(reader: Reader) -> None:
    text = "one\n\ttwo 🔔 {three}\\"
    reader.show([message(1, "before"), message(2, text), message(3, "after")], True, True)
    body = reader.text.tag_nextrange("body", "message-2.first")
    assert body
    reader.text.tag_add("sel", body[0], f"{body[1]} - 1 chars")
    reader.text.clipboard_clear()
    reader.press("<<Copy>>")
    assert reader.text.clipboard_get() == text


def test_everything_can_be_selected(reader: Reader) -> None:
    reader.show(run(1, 3), at_start=True, at_end=True)
    reader.press("<<SelectAll>>")
    assert "message 1" in reader.text.get("sel.first", "sel.last")
    assert "message 3" in reader.text.get("sel.first", "sel.last")


def test_a_click_puts_the_keyboard_there_and_tab_leaves(reader: Reader, window: Window) -> None:
    reader.show(run(1, 30), at_start=True, at_end=True)
    reader.text.event_generate("<Button-1>", x=100, y=100)
    reader.text.event_generate("<ButtonRelease-1>", x=100, y=100)
    reader.settle()
    assert window.root.focus_get() is reader.text
    reader.press("<Tab>")
    assert window.root.focus_get() is not reader.text


def test_a_link_is_opened_by_a_click_and_not_by_the_end_of_a_selection(
    reader: Reader, window: Window
) -> None:
    reader.show([message(1, "see https://example.org/a, please")], True, True)
    link = reader.text.tag_ranges("link")
    assert reader.text.get(*link) == "https://example.org/a"
    bounds = reader.text.bbox(f"{link[0]} + 3 chars")
    assert bounds
    x, y = bounds[0] + 2, bounds[1] + 2

    def click() -> None:
        reader.text.event_generate("<Motion>", x=x, y=y)
        reader.text.event_generate("<Button-1>", x=x, y=y)
        reader.text.event_generate("<ButtonRelease-1>", x=x, y=y)
        reader.settle()

    click()
    assert window.calls_of("open_link") == ["https://example.org/a"]
    reader.text.event_generate("<Button-1>", x=5, y=y)
    reader.text.event_generate("<B1-Motion>", x=x, y=y)
    reader.text.event_generate("<ButtonRelease-1>", x=x, y=y)
    reader.settle()
    assert window.calls_of("open_link") == ["https://example.org/a"]
