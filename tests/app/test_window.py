"""The window puts the views together, follows the settings where it stands, and
goes without leaving anything behind."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.connection.status import Phase
from app.models.room.outbox_item import Draft
from app.models.settings import Settings
from app.views.kit import palette
from tests.support.reading import run
from tests.support.window import ADDRESS, ALICE, BOB, GEOMETRY, Window, room_info


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    window = Window(tmp_path)
    yield window
    window.close()


# --- which view ---------------------------------------------------------------------


def test_the_room_is_seen_by_whoever_is_signed_in_and_the_form_otherwise(window: Window) -> None:
    window.greet()
    assert window.shows("sign_in") and not window.shows("room")
    window.enter(BOB)
    assert window.shows("room") and not window.shows("sign_in")
    window.status.update(phase=Phase.WAITING)
    window.root.update()
    assert window.shows("room"), "a broken connection signs nobody out"
    window.account.sign_out()
    window.root.update()
    assert window.shows("sign_in") and not window.shows("room")


def test_the_keyboard_is_where_one_begins(window: Window) -> None:
    assert window.root.focus_get() is window.find("address")
    window.enter(BOB)
    assert window.root.focus_get() is window.find("text")
    window.account.sign_out()
    window.enter(ALICE)
    assert window.root.focus_get() is window.find("editor")


# --- the title ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("en", ["Northgate – Rostrum", "Northgate · reconnecting – Rostrum",
                "Northgate · not connected – Rostrum", "Northgate · connecting – Rostrum"]),
        ("zh", ["Northgate – Rostrum", "Northgate · 等待重连 – Rostrum",
                "Northgate · 未连接 – Rostrum", "Northgate · 正在连接 – Rostrum"]),
    ],
)  # fmt: skip
def test_the_title_tells_the_room_and_what_is_wrong(
    window: Window, language: str, titles: list[str]
) -> None:
    window.settings.change(language=language)
    assert window.root.title() == "Rostrum"
    window.enter()
    seen = [window.root.title()]
    for phase in (Phase.WAITING, Phase.ENDED, Phase.CATCHING_UP):
        window.status.update(phase=phase)
        seen.append(window.root.title())
    assert seen == titles
    window.account.sign_out()
    assert window.root.title() == "Rostrum"


def test_a_room_without_a_name_is_called_by_its_address(window: Window) -> None:
    window.status.update(address=ADDRESS)
    window.account.sign_in(ALICE)
    window.status.update(phase=Phase.LIVE)
    window.root.update()
    assert window.root.title() == f"{ADDRESS} – Rostrum"
    window.status.introduce(room_info())
    assert window.root.title() == "Northgate – Rostrum"
    assert window.find("room_name").whole == "Northgate"


# --- theme, language, keys ----------------------------------------------------------


@pytest.mark.parametrize("person", [None, ALICE])
def test_the_theme_is_switched_where_it_stands(window: Window, person: object) -> None:
    window.greet()
    if person is not None:
        window.enter(ALICE)
    for theme in ("dark", "light"):
        window.click("theme")
        assert window.settings.values.theme == theme
        assert window.root.style.theme_mode == theme


def test_the_language_is_switched_where_it_stands(window: Window) -> None:
    window.greet()
    window.click("language")
    assert window.settings.values.language == "zh"
    assert window.says("submit") == "登录" and window.says("language") == "English"
    window.click("language")
    assert window.says("submit") == "Sign in" and window.says("language") == "简体中文"


def test_the_menu_offers_all_that_can_be_set(window: Window) -> None:
    window.enter(ALICE)
    menu = window.root.room.header.menu.menu
    window.root.room.header.menu.fill()
    labels = {
        menu.entrycget(index, "label"): index
        for index in range(int(menu.index("end") or 0) + 1)
        if menu.type(index) != "separator"
    }
    own = ["Settings…", "Scheduled announcements…", "My account…"]
    pages = [*own, "People…", "Invites…", "Activity…"]
    rest = ["Language", "Theme", "Sign out", "Quit"]
    assert list(labels)[:11] == ["Alice Hart (alice)", *pages, *rest]
    for label in ("Sign out", "Quit"):
        menu.invoke(labels[label])
    assert window.calls == [("sign_out",), ("close",)]


def test_keys_and_the_close_button_close(window: Window) -> None:
    window.root.event_generate("<Control-q>")
    window.root.tk.eval(window.root.protocol("WM_DELETE_WINDOW"))
    assert window.calls == [("close",), ("close",)]


# --- its place ----------------------------------------------------------------------


def test_its_place_is_remembered(window: Window, tmp_path: Path) -> None:
    assert window.root.winfo_geometry() == GEOMETRY
    window.root.geometry("700x500+60+40")
    window.until(lambda: window.root.winfo_geometry() == "700x500+60+40", "the place")
    window.root.destroy()
    assert Settings(tmp_path / "settings.json").values.geometry == "700x500+60+40"


def test_a_place_beyond_the_screen_is_not_taken(window: Window) -> None:
    again = window.again(geometry="700x500+90000+90000")
    assert again.root.winfo_rootx() < again.root.winfo_vrootwidth()
    assert again.root.winfo_rooty() < again.root.winfo_vrootheight()


@pytest.mark.parametrize("geometry", ["", "nonsense", "1x1+0+0"])
def test_without_a_sound_place_it_has_a_size_of_its_own(window: Window, geometry: str) -> None:
    again = window.again(geometry=geometry)
    least = again.root.minsize()
    assert again.root.winfo_width() >= least[0] and again.root.winfo_height() >= least[1]


# --- what goes wrong, and the end -----------------------------------------------------


def test_a_callback_that_fails_is_logged_and_the_window_lives_on(
    window: Window, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("on purpose")

    window.root.after_idle(fail)
    window.root.update()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "on purpose" in caplog.text and "Traceback" in caplog.text
    window.enter(ALICE)
    window.type("editor", "still here")
    window.click("send")
    assert window.calls_of("send") == [Draft("still here")]


def test_it_goes_without_leaving_anything_behind(
    window: Window, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    window.enter(ALICE)
    window.feed.replace(run(1, 100), at_start=False, at_end=True)
    window.status.update(phase=Phase.WAITING, retry_at=time.monotonic() + 0.01)
    window.outbox.add(Draft("waits"))
    window.settings.change(theme="dark")
    window.root.update()
    window.feed.arrive(run(101, 102))
    interpreter = window.root.tk
    window.root.destroy()
    assert interpreter.splitlist(interpreter.eval("after info")) == (), "nothing is to run later"
    interpreter.eval("update")
    window.status.update(phase=Phase.LIVE)
    window.outbox.add(Draft("more"))
    window.account.sign_out()
    window.settings.change(theme="light", language="zh")
    window.translator.use("en")
    again = window.again()
    again.enter(BOB)
    again.root.update()
    again.root.destroy()
    assert caplog.records == [] and capfd.readouterr().err == ""


def test_windows_can_follow_one_another(window: Window) -> None:
    for theme in ("dark", "light", "dark"):
        again = window.again(theme=theme)
        again.enter(ALICE)
        assert palette.current() is (palette.DARK if theme == "dark" else palette.LIGHT)
