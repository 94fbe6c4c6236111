"""What can be done with one message in the window: its menu, the questions
behind it, what is pinned, and how it went."""

import time
from datetime import datetime

import pytest

from app.models.connection.status import Phase
from app.models.listing import Reason
from app.views.room.message_menu import MessageMenu
from app.views.room.operation_strip import READ_MS
from protocol.messages import Priority, RoomMessage, Version
from tests.support.window import ALICE, BOB, Window

NOW_MS = time.time_ns() // 1_000_000
HOUR_MS = 3_600_000


def message(number: int = 1, text: str = "The text.", **more: object) -> RoomMessage:
    return RoomMessage(number, number, 1, "Amelia Hart", NOW_MS, text, bytes(16), **more)  # type: ignore[arg-type]


GONE = message(text="", withdrawn_at_ms=NOW_MS, withdrawn_by="Amelia Hart")


@pytest.fixture
def admin(window: Window) -> Window:
    window.enter(ALICE)
    return window


def menu(window: Window) -> MessageMenu:
    return window.root.room.menu


def entries(window: Window, one: RoomMessage, selected: str = "") -> dict[str, str]:
    """The words of each entry, and whether it can be chosen."""
    menu(window).fill(one, selected)
    tk_menu = menu(window).menu
    found = {}
    for index in range((tk_menu.index("end") or 0) + 1):
        if tk_menu.type(index) == "command":
            found[str(tk_menu.entrycget(index, "label"))] = str(tk_menu.entrycget(index, "state"))
    return found


def choose(window: Window, one: RoomMessage, words: str, selected: str = "") -> None:
    menu(window).fill(one, selected)
    menu(window).menu.invoke(words)
    window.root.update()


def test_p6_a_member_can_only_copy(window: Window) -> None:
    window.enter(BOB)
    assert list(entries(window, message())) == ["Copy text"]
    assert list(entries(window, message(), "marked")) == ["Copy", "Copy text"]


def test_an_administrator_is_offered_what_fits_the_message(admin: Window) -> None:
    assert list(entries(admin, message())) == [
        *("Copy text", "Who has seen it…", "Edit…", "Pin", "Disappear later…", "Withdraw…"),
    ]
    assert "Who has confirmed…" in entries(admin, message(answers=("",)))
    pinned = message(pinned_at_ms=NOW_MS, edited_at_ms=NOW_MS)
    assert "Unpin" in entries(admin, pinned) and "Earlier versions…" in entries(admin, pinned)
    assert entries(admin, GONE) == {"Copy text": "disabled"}


def test_without_a_connection_nothing_but_copying_can_be_chosen(admin: Window) -> None:
    admin.status.update(phase=Phase.WAITING)
    states = entries(admin, message())
    assert states.pop("Copy text") == "normal"
    assert set(states.values()) == {"disabled"}


def test_copying(admin: Window) -> None:
    choose(admin, message(text="two\nlines 🔔"), "Copy text")
    assert admin.root.clipboard_get() == "two\nlines 🔔"
    choose(admin, message(), "Copy", selected="marked")
    assert admin.root.clipboard_get() == "marked"


def test_it_opens_by_the_right_button_and_by_key(
    admin: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[int, int]] = []
    monkeypatch.setattr(menu(admin).menu, "tk_popup", lambda *place: opened.append(place[:2]))
    admin.feed.replace([message(1), message(2, "Second.")], at_start=True, at_end=True)
    admin.root.update()
    text = admin.feed.pane.text
    box = text.bbox("message-1.last - 3 chars")
    assert box is not None
    left, top, *_ = box
    text.event_generate("<Button-3>", x=left + 2, y=top + 2)
    admin.root.update()
    assert opened == [(text.winfo_rootx() + left + 2, text.winfo_rooty() + top + 2)]
    assert text.message_at(f"@{left + 2},{top + 2}") == message(1)
    admin.press("text", "<Shift-F10>")
    begin = text.bbox("body-2.first")
    assert begin is not None and len(opened) == 2
    assert opened[1][0] == text.winfo_rootx() + begin[0], "where its text begins"
    assert opened[1][1] >= text.winfo_rooty() + begin[1] + begin[3], "and below that"
    assert text.chosen() == message(2, "Second."), "the newest one in sight"
    text.tag_add("sel", "message-1.first", "message-1.last")
    assert text.chosen() == message(1) and "The text." in text.marked()


def test_an_empty_room_has_no_menu(admin: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu(admin).menu, "tk_popup", lambda *_place: pytest.fail("opened"))
    admin.feed.replace([], at_start=True, at_end=True)
    text = admin.feed.pane.text
    text.event_generate("<Button-3>", x=5, y=5)
    admin.press("text", "<Shift-F10>")


def test_before_one_withdraws_it_is_quoted(admin: Window) -> None:
    long = "The lift in block C is out of order. " * 20
    choose(admin, message(text=long), "Withdraw…")
    quoted = admin.says("ask_quoted").replace("\u00a0", " ")
    assert quoted.startswith("“The lift in block C") and quoted.endswith("…”")
    admin.click("ask_no")


def test_edit_opens_as_large_as_its_text(admin: Window) -> None:
    admin.root.geometry("1000x800")
    admin.until(lambda: admin.root.winfo_height() == 800, "the size")
    sizes = []
    for lines in (1, 12, 60):
        choose(admin, message(text="\n".join(f"line {n}" for n in range(lines))), "Edit…")
        admin.root.update()
        editor = admin.find("edit_editor")
        sizes.append(int(editor.cget("height")))
        assert editor.winfo_width() > 500
        admin.press("edit_editor", "<Escape>")
    assert sizes == [3, 12, 20]


def test_pinning_needs_no_question(admin: Window) -> None:
    choose(admin, message(), "Pin")
    choose(admin, message(pinned_at_ms=1), "Unpin")
    assert [call[2] for call in admin.calls if call[0] == "pin"] == [True, False]


def test_withdrawing_is_asked_first(admin: Window) -> None:
    choose(admin, message(), "Withdraw…")
    assert "can't be undone" in admin.says("ask_text")
    admin.click("ask_no")
    assert admin.calls_of("withdraw") == []
    choose(admin, message(), "Withdraw…")
    admin.click("ask_yes")
    assert admin.calls_of("withdraw") == [message()]


def test_editing_begins_with_the_text_and_saves_another(admin: Window) -> None:
    choose(admin, message(), "Edit…")
    editor = admin.find("edit_editor")
    assert editor.get("1.0", "end - 1 chars") == "The text."
    assert admin.find("edit_save").instate(["disabled"]), "nothing has changed yet"
    admin.type("edit_editor", "x" * 4001)
    assert admin.find("edit_save").instate(["disabled"])
    assert admin.says("edit_count") == "4001 / 4000"
    admin.type("edit_editor", "  ")
    assert admin.find("edit_save").instate(["disabled"])
    admin.type("edit_editor", "Another text.")
    admin.press("edit_editor", "<Control-Return>")
    assert ("edit_message", message(), "Another text.") in admin.calls
    assert not admin.shows("edit_editor")


@pytest.mark.parametrize("typed", ["", "noon", "25:00", "9:75", "00:00"])
def test_p10_a_time_that_can_not_be_is_told_beside_the_field(admin: Window, typed: str) -> None:
    choose(admin, message(), "Disappear later…")
    admin.root.nametowidget(".expiry_form")
    admin.find("expiry_day").current(0)  # late in the evening it offers tomorrow
    admin.type("expiry_time", typed)
    admin.click("expiry_set")
    assert "in the future" in admin.says("expiry_error")
    assert [call for call in admin.calls if call[0] == "set_expiry"] == []
    admin.click("expiry_cancel")


def test_a_time_to_withdraw_is_chosen_and_taken_back(admin: Window) -> None:
    admin.clock.stop_at(datetime(2026, 11, 5, 23, 59))
    choose(admin, message(), "Disappear later…")
    assert not admin.shows("expiry_never")
    admin.find("expiry_day").current(1)
    admin.type("expiry_time", "17:30")
    admin.click("expiry_set")
    ((_, _, at_ms),) = [call for call in admin.calls if call[0] == "set_expiry"]
    assert datetime.fromtimestamp(at_ms / 1000) == datetime(2026, 11, 6, 17, 30)
    choose(admin, message(expires_at_ms=at_ms), "Disappear later…")
    assert admin.find("expiry_time").get() == "17:30"
    admin.click("expiry_never")
    assert admin.calls[-1] == ("set_expiry", message(expires_at_ms=at_ms), 0)


def test_earlier_texts_are_shown_newest_first(admin: Window) -> None:
    versions = admin.pages.message_actions.versions
    versions.expect(1)
    choose(admin, message(edited_at_ms=NOW_MS), "Earlier versions…")
    assert admin.calls_of("ask_versions")

    def shown() -> str:
        return str(admin.find("versions_text").get("1.0", "end"))

    assert "Loading" in shown()
    versions.refuse(Reason("offline"))
    admin.root.update()
    assert "Not connected" in shown()
    versions.tell(1, (Version("first", NOW_MS, "李明"), Version("second", NOW_MS, "Ben")))
    admin.root.update()
    assert shown().index("second") < shown().index("first")
    assert "李明" in shown()
    admin.click("versions_done")
    assert ("forget_versions",) in admin.calls


# --- what is pinned -----------------------------------------------------------------


def test_the_banner_takes_no_room_where_nothing_is_pinned(window: Window) -> None:
    window.enter(BOB)
    assert not window.shows("pins")
    window.pages.message_actions.pins.set((message(7, "Term\ndates"),))
    window.root.update()
    assert window.says("pins_words") == "Term dates" and not window.shows("pins_next")
    window.pages.message_actions.pins.set(())
    window.root.update()
    assert not window.shows("pins")


def test_one_steps_through_the_pins_and_stays_at_the_one_that_is_read(window: Window) -> None:
    window.enter(BOB)
    pins = window.pages.message_actions.pins
    pins.set(tuple(message(number, f"text {number}") for number in (3, 2, 1)))
    window.root.update()
    assert window.says("pins_next").startswith("1 of 3")
    window.click("pins_next")
    assert window.says("pins_words") == "text 2"
    pins.set(tuple(message(number, f"text {number}") for number in (4, 3, 2, 1)))
    window.root.update()
    assert window.says("pins_words") == "text 2" and window.says("pins_next").startswith("3 of 4")
    for _ in range(2):
        window.click("pins_next")
    assert window.says("pins_words") == "text 4"
    pins.set((message(1, "text 1"),))
    window.root.update()
    assert window.says("pins_words") == "text 1"


def test_a_click_on_a_pin_goes_to_it(window: Window) -> None:
    window.enter(BOB)
    window.feed.replace([message(n, f"text {n}") for n in range(1, 60)], True, True)
    window.pages.message_actions.pins.set((message(7, "text 7"),))
    window.root.update()
    window.find("pins_words").focus_force()
    window.root.update()
    assert str(window.find("pins_words").cget("style")) == "RaisedAccent.TLabel"
    window.press("pins_words", "<Return>")
    text = window.feed.pane.text
    assert text.dlineinfo(str(text.tag_ranges("body-7")[0])) is not None
    assert window.root.focus_get() is text, "one can read on from there"
    window.pages.message_actions.pins.set((message(700, "far away"),))
    window.root.update()
    window.press("pins_words", "<Return>")
    assert ("show_from", 700) in window.calls and not window.shows("read_text")


def test_a_pinned_message_that_can_not_be_gone_to_is_read_whole(window: Window) -> None:
    window.has_messages = False
    window.enter(BOB)
    window.pages.message_actions.pins.set((message(7, "Term\n\ndates"),))
    window.root.update()
    window.press("pins_words", "<Return>")
    assert window.find("read_text").get("1.0", "end - 1 chars") == "Term\n\ndates"
    assert window.says("read_author") == "Amelia Hart"
    window.click("read_done")
    assert not window.shows("read_text")


# --- how it went ----------------------------------------------------------------------


def test_how_it_went_is_told_below_the_messages(admin: Window) -> None:
    operation = admin.pages.message_actions.operation
    assert not admin.shows("message_operation")
    operation.start("pin", id=1)
    admin.root.update()
    assert admin.says("message_operation_words") == "Pinning the announcement…"
    operation.refuse(Reason("too_many_pins"))
    admin.root.update()
    assert "unpin one first" in admin.says("message_operation_words")
    admin.click("message_operation_read")
    assert admin.calls[-1] == ("forget_operation",)


def test_a_good_end_is_told_for_a_while(admin: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    strip = admin.find("room").nametowidget("message_operation")

    def after(ms: int, _act: object) -> str:
        waits.append(ms)
        return "after#0"

    monkeypatch.setattr(strip, "after", after)
    admin.pages.message_actions.operation.start("edit", id=1)
    admin.pages.message_actions.operation.finish()
    admin.root.update()
    assert admin.says("message_operation_words") == "The announcement was changed."
    assert waits == [READ_MS] and not admin.shows("message_operation_read")


# --- in the timeline --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (message(priority=Priority.IMPORTANT), "IMPORTANT"),
        (message(priority=Priority.URGENT), "URGENT"),
        (message(edited_at_ms=NOW_MS), "edited"),
        (message(pinned_at_ms=NOW_MS), "pinned"),
        (message(expires_at_ms=NOW_MS + HOUR_MS), "until"),
        (GONE, "Withdrawn by Amelia Hart"),
        (message(text="", withdrawn_at_ms=NOW_MS), "Disappeared as planned"),
    ],
)
def test_what_became_of_a_message_is_said_beside_it(
    admin: Window, one: RoomMessage, words: str
) -> None:
    admin.feed.replace([message()], at_start=True, at_end=True)
    before = admin.feed.pane.text.get("1.0", "end")
    assert words not in before
    admin.feed.update(one)
    after = admin.feed.pane.text.get("1.0", "end")
    assert words in after
    assert ("The text." in after) is not bool(one.withdrawn_at_ms)
    assert len(admin.feed.shown()) == 1
