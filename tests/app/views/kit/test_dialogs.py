"""The question for the password, in front of whatever one sees."""

import pytest

from app.i18n import LANGUAGES
from app.models.listing import Reason
from app.models.settings import Language
from tests.support.window import ALICE, Window


@pytest.fixture
def asked(window: Window) -> Window:
    window.enter(ALICE)
    window.root.open_page("people")
    window.root.update()
    window.pages.question.ask()
    window.root.update()
    return window


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_tells_why_and_takes_the_password(window: Window, language: Language) -> None:
    window.settings.change(language=language)
    window.enter(ALICE)
    window.pages.question.ask()
    window.root.update()
    assert window.says("question_title") and window.says("question_text")
    assert window.find("own_password").cget("show")
    window.type("own_password", "a long enough password")
    window.click("question_ok")
    assert window.calls_of("confirm") == ["a long enough password"]


def test_enter_gives_it_and_once(asked: Window) -> None:
    asked.type("own_password", "secret")
    asked.press("own_password", "<Return>")
    asked.pages.question.try_it()
    asked.root.update()
    assert asked.find("question_ok").instate(["disabled"])
    asked.press("own_password", "<Return>")
    assert asked.calls_of("confirm") == ["secret"]
    asked.pages.question.close()
    asked.root.update()
    assert not asked.shows("own_password") and asked.shows("people")


def test_a_wrong_one_is_told_beside_it(asked: Window) -> None:
    asked.type("own_password", "wrong")
    asked.pages.question.try_it()
    asked.pages.question.ask(Reason("password_wrong"))
    asked.root.update()
    assert "not your password" in asked.says("own_password_error")
    assert asked.find("question_ok").instate(["!disabled"])
    asked.pages.question.ask(Reason("too_many_attempts", again_at_ms=4_000_000_000_000))
    asked.root.update()
    assert "again at" in asked.says("own_password_error")


@pytest.mark.parametrize("how", ["button", "escape", "close"])
def test_it_can_be_cancelled(asked: Window, how: str) -> None:
    dialog = asked.find("own_password").winfo_toplevel()
    if how == "button":
        asked.click("question_cancel")
    elif how == "escape":
        asked.press("own_password", "<Escape>")
    else:
        dialog.tk.eval(dialog.protocol("WM_DELETE_WINDOW"))
    assert asked.calls[-1] == ("cancel",)
    assert asked.shows("people"), "the page stays"
    asked.pages.question.close()
    asked.root.update()
    assert not asked.shows("own_password")


def test_it_holds_the_keyboard_and_gives_it_back(asked: Window) -> None:
    assert asked.root.grab_current() is asked.find("own_password").winfo_toplevel()
    asked.pages.question.close()
    asked.root.update()
    assert asked.root.grab_current() is None
    assert asked.root.focus_lastfor() is asked.find("search")


def test_it_can_be_asked_again(asked: Window) -> None:
    for _ in range(3):
        asked.pages.question.close()
        asked.root.update()
        assert not asked.shows("own_password")
        asked.pages.question.ask()
        asked.root.update()
        assert asked.find("own_password").get() == ""


@pytest.mark.parametrize("geometry", ["440x420+10+10", "1200x800+10+10"])
def test_what_it_says_fits(asked: Window, geometry: str) -> None:
    asked.pages.question.close()
    asked.root.geometry(geometry)
    asked.root.update()
    asked.pages.question.ask(Reason("too_many_attempts_for", {"seconds": 8}))
    asked.root.update()
    dialog = asked.find("own_password").winfo_toplevel()
    for name in ("question_ok", "question_cancel", "question_text", "own_password_error"):
        widget = asked.find(name)
        below = widget.winfo_rooty() - dialog.winfo_rooty() + widget.winfo_height()
        assert below <= dialog.winfo_height() and widget.winfo_height() >= widget.winfo_reqheight()


def test_it_goes_with_the_window(asked: Window) -> None:
    asked.root.destroy()
    asked.pages.question.close()
    asked.pages.people.operation.start("remove", name="Ben")
