"""The urgent message in front of everything, and what administrators are told before they
send one."""

import pytest

from app.i18n import LANGUAGES
from app.models.settings import Language
from app.views.room import urgent_window
from protocol.messages import OwnReceipt, Priority, RoomMessage
from tests.support.window import BOB, Window

TEXT = "Leave the building by the east stairs."


def fire(number: int, text: str = TEXT, answers: tuple[str, ...] = ("",)) -> RoomMessage:
    return RoomMessage(
        number, number, 1, "Amelia Hart", 1_795_446_000_000, text, number.to_bytes(16, "big"),
        priority=Priority.URGENT, answers=answers,
    )  # fmt: skip


@pytest.fixture
def window(window: Window, monkeypatch: pytest.MonkeyPatch) -> Window:
    monkeypatch.setattr(urgent_window, "SAFE_MS", 1)
    window.enter(BOB)
    return window


def show(window: Window, *messages: RoomMessage) -> None:
    window.pages.receipts.stand([OwnReceipt(one.id) for one in messages])
    window.pages.urgent.show(messages)
    window.pages.urgent.ring()
    window.root.update()


def until_safe(window: Window) -> None:
    window.until(lambda: window.find("answer_1").instate(["!disabled"]), "its buttons")


def test_it_is_on_top_and_leaves_the_keyboard_where_it_is(window: Window) -> None:
    before = window.root.focus_lastfor()
    show(window, fire(1))
    alert = window.all("urgent")[0]
    assert alert.winfo_viewable()
    if window.root.tk.call("tk", "windowingsystem") != "x11":  # there it takes a window manager
        assert alert.attributes("-topmost")  # type: ignore[attr-defined]
    assert window.find("urgent_text").get("1.0", "end").strip() == TEXT
    assert "Amelia Hart" in window.says("urgent_by") and window.says("urgent_mark") == "URGENT"
    assert window.root.focus_lastfor() is before


def test_it_is_answered_there_and_goes_with_that(window: Window) -> None:
    show(window, fire(1, answers=("Here", "Need help")))
    until_safe(window)
    window.click("answer_2")
    assert ("answer", 1, 2) in window.calls
    window.pages.urgent.show(())
    window.root.update()
    assert not window.all("urgent")


def test_it_is_put_aside(window: Window) -> None:
    show(window, fire(1))
    until_safe(window)
    window.click("urgent_dismiss")
    assert ("dismiss", 1) in window.calls


def test_a_click_that_was_on_its_way_does_nothing(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urgent_window, "SAFE_MS", 60_000)
    show(window, fire(1))
    window.click("answer_1")
    window.click("urgent_dismiss")
    assert not window.calls_of("dismiss") and not window.calls_of("answer")


def test_one_after_the_other(window: Window) -> None:
    show(window, fire(1), fire(2, "The second"))
    assert window.says("urgent_count") == "1 more"
    window.pages.urgent.show([fire(2, "The second")])
    window.root.update()
    assert window.find("urgent_text").get("1.0", "end").strip() == "The second"
    assert len(window.all("urgent")) == 1 and not window.shows("urgent_count")


def test_it_leads_to_its_place_in_the_room(window: Window) -> None:
    show(window, fire(1))
    until_safe(window)
    window.click("urgent_show")
    assert ("show_from", 1) in window.calls


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_one_scrolls_and_stays_on_the_screen(window: Window, language: Language) -> None:
    window.settings.change(language=language)
    show(window, fire(1, "word " * 800))
    alert = window.all("urgent")[0]
    assert alert.winfo_height() <= window.root.winfo_screenheight()
    until_safe(window)
    for name in ("answer_1", "urgent_dismiss", "urgent_show"):
        button = window.find(name)
        bottom = button.winfo_rooty() + button.winfo_height()
        assert bottom <= alert.winfo_rooty() + alert.winfo_height(), name
    words = window.says("urgent_dismiss")
    window.settings.change(language="zh" if language == "en" else "en")
    window.root.update()
    assert window.says("urgent_dismiss") not in ("", words)
