"""Keyboard and pointer: what hands expect of a window."""

import shutil
import subprocess
import sys
import tkinter as tk
from collections.abc import Iterator

import pytest

from app.models.connection.account import AccountNotice
from app.models.room.outbox_item import Draft
from app.views.kit import editing
from protocol.messages import OwnReceipt, RoomMessage
from tests.support.reading import Reader, message, run
from tests.support.window import ALICE, BOB, Window

x11 = pytest.mark.skipif(sys.platform != "linux", reason="keys of the X11 toolkit")


@pytest.fixture
def reader(window: Window) -> Reader:
    reader = Reader(window)
    reader.show(run(1, 60), at_start=True, at_end=True)
    return reader


@pytest.fixture
def admin(window: Window) -> Window:
    window.enter(ALICE)
    window.find("editor").focus_force()
    window.root.update()
    return window


def written(window: Window) -> str:
    return str(window.find("editor").get("1.0", "end - 1 chars"))


def marked(window: Window) -> str:
    editor = window.find("editor")
    return str(editor.get("sel.first", "sel.last")) if editor.tag_ranges("sel") else ""


# -- keys ----------------------------------------------------------------------------


def test_space_presses_whatever_button_has_the_keyboard(window: Window) -> None:
    window.enter(BOB)
    window.feed.replace([asking(1)], True, True)
    window.pages.receipts.stand([own_receipt(1)])
    window.root.update()
    window.press("answer_1", "<space>")
    assert ("answer", 1, 1) in window.calls
    window.press("open_asks_look", "<space>")
    assert window.root.focus_get() is window.feed.pane.text


def asking(number: int) -> RoomMessage:
    one = message(number)
    return RoomMessage(
        one.id, one.revision, 9, "Someone", one.posted_at_ms, one.text, one.post_id, answers=("",)
    )


def own_receipt(number: int) -> OwnReceipt:
    return OwnReceipt(number)


def test_messages_are_walked_with_up_and_down_and_the_menu_acts_on_the_chosen_one(
    reader: Reader, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    monkeypatch.setattr(
        window.root.room.menu.menu, "tk_popup", lambda *_place: opened.append(1), raising=False
    )
    filled: list[RoomMessage] = []
    fill = window.root.room.menu.fill

    def note(one: RoomMessage, marked: str) -> None:
        filled.append(one)
        fill(one, marked)

    monkeypatch.setattr(window.root.room.menu, "fill", note)
    reader.press("<Up>")
    first = reader.text.chosen_id
    assert first in (59, 60), "one begins with the last in sight"
    assert window.shows("chosen")
    for step in range(1, 21):
        reader.press("<Up>")
        assert reader.text.chosen_id == first - step
        assert reader.top_of(first - step) is not None, "what is chosen is in sight"
    reader.press("<Shift-F10>")
    assert [one.id for one in filled] == [first - 20] and opened
    reader.press("<Down>")
    assert reader.text.chosen_id == first - 19
    window.root.room.header._menu_button.focus_force()
    reader.settle()
    assert not window.shows("chosen"), "it is marked while the keyboard is there"


def test_of_a_message_taller_than_the_view_all_is_passed(reader: Reader) -> None:
    long = message(2, "\n".join(f"line {n}" for n in range(80)))
    reader.show([message(1), long, message(3)], True, True)
    reader.text.unfold(long)
    reader.settle()
    reader.press("<Home>", "<Up>", "<Up>", "<Up>")
    steps = 0
    while reader.text.chosen_id != 3:
        reader.press("<Down>")
        steps += 1
        assert steps < 60
    assert steps > 5, "one scrolls through it before the next is chosen"


@x11
def test_editors_have_the_keys_of_windows_and_none_of_emacs(admin: Window) -> None:
    admin.type("editor", "one two")
    for key in "bdefhiknopt":
        admin.press("editor", f"<Control-{key}>")
        assert written(admin) == "one two", f"Ctrl+{key}"
    admin.press("editor", "<Control-a>")
    assert marked(admin).startswith("one two")
    admin.press("editor", "<Control-c>")
    assert admin.root.clipboard_get().startswith("one two")
    admin.press("editor", "<Control-x>")
    assert written(admin) == ""
    admin.press("editor", "<Control-z>")
    assert written(admin) == "one two"
    admin.press("editor", "<Control-y>")
    assert written(admin) == ""


@x11
@pytest.mark.parametrize("field", ["editor", "answer_1"])
def test_a_paste_replaces_what_is_marked_and_is_undone_in_one(admin: Window, field: str) -> None:
    admin.click("ask_to_confirm")
    admin.click("asking_roll_call")
    admin.root.clipboard_clear()
    admin.root.clipboard_append("new")
    admin.type(field, "old text")
    admin.press(field, "<Control-a>")
    admin.press(field, "<Control-v>")
    widget = admin.find(field)
    if isinstance(widget, tk.Text):
        assert written(admin) == "new"
        admin.press(field, "<Control-z>")
        assert written(admin) == "old text"
    else:
        assert widget.get() == "new"


@pytest.mark.parametrize(
    ("keysym", "keycode", "system", "meant"),
    [
        ("a", 38, "x11", "a"),
        ("A", 38, "x11", "a"),  # with caps lock
        ("Cyrillic_ef", 38, "x11", "a"),
        ("Greek_psi", 54, "x11", "c"),
        ("q", 38, "x11", "q"),  # on a French keyboard
        ("Cyrillic_ef", 65, "win32", "a"),
        ("??", 86, "win32", "v"),
        ("Return", 36, "x11", ""),
        ("F1", 112, "win32", ""),
        ("5", 14, "x11", ""),
        ("Cyrillic_ef", 0, "aqua", ""),
    ],
)
def test_a_key_is_known_by_its_letter_or_its_place(
    keysym: str, keycode: int, system: str, meant: str
) -> None:
    assert editing.letter(keysym, keycode, system) == meant


@pytest.fixture(params=["ru", "gr"])
def layout(request: pytest.FixtureRequest, admin: Window) -> Iterator[str]:
    """Another keyboard for the whole screen."""
    if sys.platform != "linux" or shutil.which("setxkbmap") is None:
        pytest.skip("keyboards are changed by setxkbmap")
    subprocess.run(["setxkbmap", request.param], check=True)
    admin.root.update()
    yield str(request.param)
    subprocess.run(["setxkbmap", "us"], check=True)


def test_with_any_keyboard_the_keys_of_these_places_work(admin: Window, layout: str) -> None:
    places = {letter: code for code, letter in editing.X11_PLACES.items()}

    def press(letter: str) -> None:
        editor = admin.find("editor")
        editor.event_generate("<KeyPress>", keycode=places[letter], state=4)
        admin.root.update()

    admin.type("editor", "κείμενο")
    for letter in "ac":
        press(letter)
    assert admin.root.clipboard_get().startswith("κείμενο")
    press("v")
    assert written(admin).startswith("κείμενο")
    press("x")
    press("a")
    press("x")
    assert written(admin) == ""
    press("z")
    assert written(admin) != ""
    press("q")
    assert ("close",) in admin.calls


@pytest.mark.parametrize("language", ["en", "zh"])
def test_f1_lists_the_keys(window: Window, language: str) -> None:
    window.settings.change(language=language)
    window.enter(BOB)
    window.root.event_generate("<F1>")
    window.root.update()
    assert window.says("keys_title") and window.says("key_walk")
    assert not window.shows("key_page_people") and not window.shows("key_send")
    window.root.event_generate("<F1>")
    assert len(window.all("keys_title")) == 1
    window.press("keys_done", "<Escape>")
    assert not window.shows("keys_title")
    window.enter(ALICE)
    window.root.event_generate("<F1>")
    window.root.update()
    assert window.says("key_page_people") and window.says("key_send")
    window.press("keys_done", "<Return>")
    assert not window.shows("keys_title")


def test_a_dialog_takes_the_keyboard_when_its_window_is_gone_to(window: Window) -> None:
    window.enter(ALICE)
    window.root.event_generate("<F1>")
    window.root.update()
    dialog = window.find("keys_done")
    window.find("editor").focus_force()
    window.root.update()
    assert window.root.focus_get() is dialog
    window.root.event_generate("<F1>")
    window.click("keys_done")
    window.find("editor").focus_force()
    window.root.update()
    assert window.root.focus_get() is window.find("editor"), "once it is closed, no more"


# -- the pointer -----------------------------------------------------------------------


@pytest.mark.parametrize("over", ["answer_1", "header", "send", "text"])
def test_the_wheel_scrolls_wherever_the_pointer_stands(window: Window, over: str) -> None:
    reader = Reader(window)
    window.enter(ALICE)
    reader.show([asking(n) for n in range(1, 61)], True, True)
    window.pages.receipts.stand(own_receipt(n) for n in range(1, 61))
    reader.settle()
    before = reader.text.yview()
    widget = {"header": window.find("room_name"), "text": reader.text}.get(over)
    widget = widget or next(one for one in window.all(over) if one.winfo_viewable())
    for _ in range(3):
        if sys.platform == "linux":
            widget.event_generate("<Button-4>", x=3, y=3)
        else:
            widget.event_generate("<MouseWheel>", delta=120, x=3, y=3)
    reader.settle()
    assert reader.text.yview() < before
    place = reader.place()
    reader.settle()
    assert reader.place() == place, "and it stays there"


def test_over_an_editor_that_scrolls_the_wheel_is_the_editors(admin: Window) -> None:
    admin.feed.replace(run(1, 60), True, True)
    admin.type("editor", "line\n" * 40)
    before = admin.feed.pane.text.yview()
    admin.find("editor").event_generate("<Button-4>", x=5, y=5)
    admin.root.update()
    assert admin.feed.pane.text.yview() == before


def test_a_button_beside_the_message_under_the_pointer_opens_its_menu(
    reader: Reader, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[int, int]] = []
    menu = window.root.room.menu
    monkeypatch.setattr(
        menu, "open", lambda one, _text, left, top: opened.append((one.id, left)), raising=False
    )
    reader.feed.pane._hover._open_menu = menu.open
    assert not window.shows("message_more")
    line = reader.text.dlineinfo(str(reader.text.tag_ranges("body-60")[0]))
    assert line is not None
    reader.text.event_generate("<Motion>", x=200, y=line[1] + 2)
    reader.settle()
    button = window.find("message_more")
    pane = reader.feed.pane
    right = button.winfo_rootx() + button.winfo_width()
    assert right <= pane.winfo_rootx() + pane.winfo_width(), "it is whole"
    window.click("message_more")
    assert [one for one, _ in opened] == [60]
    button.event_generate("<Enter>")
    reader.settle()
    assert window.says("full_date").count(":") == 2 and "20" in window.says("full_date")
    reader.text.event_generate("<Motion>", x=200, y=0)
    reader.settle()
    reader.feed.pane._hover._be_at(None)
    assert not window.shows("message_more")


# -- the window ------------------------------------------------------------------------


def test_the_menu_opens_inside_the_window_the_first_time_too(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.enter(BOB)
    menu = window.root.room.header.menu
    places: list[int] = []
    monkeypatch.setattr(menu.menu, "tk_popup", lambda left, _top: places.append(left))
    window.root.room.header.open_menu()
    window.root.update()
    window.root.room.header.open_menu()
    width = menu.menu.winfo_reqwidth()
    right = window.root.winfo_rootx() + window.root.winfo_width()
    assert width > 100 and places[0] + width <= right
    assert places[0] == places[1]


def test_the_place_is_kept_as_the_window_manager_has_it(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = window.root
    kept = root.geometry()
    # As with a frame around the window: Tk counts from inside it.
    monkeypatch.setattr(root, "winfo_geometry", lambda: "800x600+14+35")
    root.destroy()
    assert window.settings.values.geometry == kept


def test_maximised_is_remembered_with_the_place_below(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = window.settings.values.geometry
    monkeypatch.setattr(window.root._place, "_is_maximised", lambda: True)
    window.root.geometry("1000x700+0+0")
    window.root.update()
    window.root.destroy()
    assert window.settings.values.is_maximised
    assert window.settings.values.geometry == before
    asked: list[bool] = []
    monkeypatch.setattr(type(window.root._place), "_maximise", lambda _place: asked.append(True))
    again = window.again()
    assert asked == [True]
    again.close()
    assert not again.settings.values.is_maximised, "it was none this time"


def bottom_of(widget: tk.Misc) -> int:
    return widget.winfo_rooty() + widget.winfo_height()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_in_the_smallest_window_nothing_pushes_send_out_of_sight(
    window: Window, language: str
) -> None:
    window.settings.change(language=language)
    window.enter(ALICE)
    window.root.geometry("1x1")  # it gets as small as it may be
    window.root.update()
    window.feed.replace(run(1, 60), True, True)
    window.status.update(members=631, online=412)
    window.pages.awaiting.count(2)
    window.account.tell(AccountNotice.UNKEPT)
    window.pages.receipts.stand([own_receipt(6)])
    window.pages.message_actions.pins.set((message(1), message(2)))
    for number in range(5):
        window.outbox.add(Draft(f"waiting {number}"))
    window.click("ask_to_confirm")
    window.click("asking_roll_call")
    window.type("editor", "line\n" * 12)
    window.root.update()
    bottom = bottom_of(window.root)
    right = window.root.winfo_rootx() + window.root.winfo_width()
    for name in ("send", "editor", "answer_4", "count"):
        widget = window.find(name)
        assert bottom_of(widget) <= bottom, name
        assert widget.winfo_rootx() + widget.winfo_width() <= right, name
    for size in ("1x1", "900x1"):
        window.root.geometry(size)
        window.root.update()
        window.type("editor", "x" * 4_003)
        window.root.update()
        hint = window.find("hint")
        assert hint.cget("text") == {"en": "3 characters too many", "zh": "超出 3 个字符"}[language]
        assert bottom_of(hint) <= bottom_of(window.root), f"at {size}"
    window.root.geometry("900x900")
    window.until(lambda: window.root.winfo_height() == 900, "the size")
    window.click("ask_to_confirm")
    assert window.shows("pins") and window.shows("hint") and len(window.all("preview")) >= 3
    assert window.find("editor").cget("height") >= 5, "with more room there is more again"
