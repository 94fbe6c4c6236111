"""How messages look: grouped, folded, tinted, and no wider than reads well."""

from datetime import datetime
from tkinter import font

import pytest

from app.views.kit import fonts, palette
from app.views.timeline import message_block
from protocol.messages import Priority, RoomMessage
from tests.support.reading import Reader, run
from tests.support.window import ALICE, BOB, Window

NOON_MS = round(datetime(2026, 3, 4, 12).timestamp() * 1000)
MINUTE_MS = 60_000


def at(minutes: float, number: int, author: int = 9, **more: object) -> RoomMessage:
    fields: dict[str, object] = {"text": f"text {number}"} | more
    text = str(fields.pop("text"))
    return RoomMessage(
        number, number, author, f"Author {author}", NOON_MS + round(minutes * MINUTE_MS), text,
        number.to_bytes(16, "big"), **fields,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def reader(window: Window) -> Reader:
    return Reader(window)


def heads(reader: Reader) -> list[int]:
    """The messages that have a head of their own."""
    text = reader.text
    return [one.id for one in text.messages if text._part(one, "author") is not None]


# -- grouped -------------------------------------------------------------------------


def test_what_one_author_says_within_five_minutes_stands_together(reader: Reader) -> None:
    messages = [at(0, 1), at(4, 2), at(8.9, 3), at(14, 4), at(15, 5, author=8), at(16, 6)]
    reader.show(messages, True, True)
    assert heads(reader) == [1, 4, 5, 6]
    assert reader.feed.shown() == [(m.id, m.text) for m in messages]
    reader.show(messages[1:], False, True)
    assert heads(reader) == [2, 4, 5, 6], "the first of the window has one"
    reader.feed.prepend(messages[:1], True)
    assert heads(reader) == [1, 4, 5, 6]


def test_what_has_something_to_say_in_its_head_has_one(reader: Reader) -> None:
    messages = [
        at(0, 1),
        at(1, 2, priority=Priority.IMPORTANT),
        at(2, 3),
        at(3, 4, edited_at_ms=NOON_MS),
        at(4, 5, pinned_at_ms=NOON_MS),
    ]
    reader.show(messages, True, True)
    assert heads(reader) == [1, 2, 4, 5]
    reader.feed.update(at(2, 3, pinned_at_ms=NOON_MS))
    assert heads(reader) == [1, 2, 3, 4, 5]
    reader.feed.update(at(2, 3))
    assert heads(reader) == [1, 2, 4, 5]


def test_under_the_divider_a_group_begins(reader: Reader) -> None:
    reader.show([*run(1, 40), *(at(n / 10, 40 + n) for n in range(1, 9))], True, True)
    assert heads(reader)[-1] == 41
    reader.drag(0.1)
    reader.feed.arrive([at(1, 49)])
    reader.settle()
    assert heads(reader)[-1] == 49
    reader.text.divide(0, 0)
    assert heads(reader)[-1] == 41


# -- folded --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["\n".join(f"line {n}" for n in range(40)), "word " * 800, "消防" * 1000, "x" * 4000],
    ids=["lines", "words", "chinese", "one word"],
)
def test_a_long_text_is_folded_until_it_is_asked_for(reader: Reader, text: str) -> None:
    reader.show([at(0, 1, text=text), at(20, 2)], True, True)
    widget = reader.text
    start, end = widget._body(widget.messages[0])
    folded = widget.pixels(start, end)
    assert widget.is_folded(widget.messages[0])
    assert widget.get(*widget.tag_ranges("more")).strip() == "… Show all"
    assert reader.feed.shown()[0] == (1, text), "it is copied and read back whole"
    box = widget.bbox(f"{widget.tag_ranges('more')[0]} + 3 chars")
    assert box is not None
    for event in ("<Motion>", "<Button-1>", "<ButtonRelease-1>"):
        widget.event_generate(event, x=box[0] + 1, y=box[1] + 2)
    reader.settle()
    assert not widget.is_folded(widget.messages[0]) and not widget.tag_ranges("more")
    assert widget.pixels(*widget._body(widget.messages[0])) > 1.3 * folded
    reader.feed.update(at(0, 1, text=text + " and more", edited_at_ms=NOON_MS))
    assert not widget.is_folded(widget.messages[0]), "what was unfolded stays so"


@pytest.mark.parametrize("text", ["\n".join("abc"), "\n".join("x" * 12), "word " * 200, ""])
def test_a_text_that_is_hardly_longer_is_not(reader: Reader, text: str) -> None:
    reader.show([at(0, 1, text=text)], True, True)
    assert not reader.text.is_folded(reader.text.messages[0])


def test_no_address_is_cut_by_the_fold() -> None:
    address = "https://example.org/" + "a" * 60
    for before in range(1_100, 1_220, 7):
        text = "word " * (before // 5) + address + " tail" * 200
        cut = message_block.fold_at(text)
        at_address = text.index(address)
        assert not at_address < cut < at_address + len(address)


def test_what_is_folded_was_not_seen_to_its_end(reader: Reader, window: Window) -> None:
    long = at(0, 1, text="\n".join(f"line {n}" for n in range(20)))
    reader.show([long, at(20, 2)], True, True)
    assert 1 not in reader.text.look().ended and 1 in reader.text.look().begun
    reader.text.unfold(long)
    reader.settle()
    assert 1 in reader.text.look().ended


# -- tints, widths -------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_important_is_tinted(reader: Reader, window: Window, theme: str) -> None:
    window.settings.change(theme=theme)
    reader.show(
        [at(0, 1, priority=Priority.IMPORTANT), at(1, 2, priority=Priority.URGENT)], True, True
    )
    colors = palette.current()
    for tag, color in (
        ("important_body", colors.important_background),
        ("urgent_body", colors.urgent_background),
    ):
        assert reader.text.tag_ranges(tag)
        assert str(reader.text.tag_cget(tag, "background")) == color


def test_lines_are_no_longer_than_reads_well_however_wide_the_window(
    reader: Reader, window: Window
) -> None:
    window.root.geometry("1390x600")
    window.until(lambda: window.root.winfo_width() == 1390, "the size")
    reader.show([at(0, 1, text="0" * 80 + " " + "0" * 80 + " " + "0 " * 200)], True, True)
    widest = font.nametofont(fonts.BODY, root=window.root).measure("0") * message_block.LINE_CHARS
    body = str(reader.text._body(reader.text.messages[0])[0])
    for line in range(4):
        box = reader.text.dlineinfo(f"{body} + {line} display lines")
        assert box is not None and box[2] <= widest + 40
    window.root.geometry("500x600")
    window.until(lambda: window.root.winfo_width() == 500, "the size")
    reader.settle()
    box = reader.text.dlineinfo(body)
    assert box is not None and box[2] < 500


# -- an empty room -------------------------------------------------------------------


def test_an_empty_room_tells_its_first_administrator_what_comes_next(window: Window) -> None:
    window.enter(BOB)
    window.feed.replace([], True, True)
    window.root.update()
    assert window.says("placeholder") == "Nothing has been announced yet."
    assert not window.shows("begin")
    window.enter(ALICE)
    assert "Invite the people" in window.says("placeholder")
    assert window.says("begin") == "Invite people"
    window.click("begin")
    assert window.shows("invites")
    window.root.leave_page()
    window.feed.arrive(run(1, 1))
    window.root.update()
    assert not window.shows("begin") and not window.shows("placeholder")
