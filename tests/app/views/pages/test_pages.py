"""Pages in place of the room: how one comes there and back, and what may be
seen by whom."""

from typing import Any

import pytest

from app.i18n import LANGUAGES
from app.models.connection.status import Phase
from app.models.listing import Reason
from app.models.settings import Language
from protocol.messages import Person, Role
from tests.support.pages import member, pending
from tests.support.reading import run
from tests.support.window import ALICE, BOB, Window

PAGES = {"account": "<F6>", "people": "<F7>", "invites": "<F8>", "audit": "<F9>"}
LISTS = {"account": "sessions", "people": "people", "invites": "invites", "audit": "audit"}


def press(window: Window, key: str) -> None:
    """Wherever the keyboard is."""
    (window.root.focus_lastfor() or window.root).focus_force()
    focused: Any = window.root.focus_get()
    focused.event_generate(key)
    window.root.update()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_has_a_key_and_a_way_back(window: Window, page: str, language: Language) -> None:
    window.settings.change(language=language)
    window.enter(ALICE)
    window.type("editor", "a draft")
    press(window, PAGES[page])
    assert window.shows(page) and not window.shows("room")
    assert window.find("page_title").whole
    assert (f"{LISTS[page]}.open",) in window.calls
    press(window, "<Escape>")
    assert window.shows("room") and not window.shows(page)
    assert (f"{LISTS[page]}.close",) in window.calls
    assert window.find("editor").get("1.0", "end-1c") == "a draft"
    press(window, PAGES[page])
    window.click("back")
    assert window.shows("room")


def test_the_menu_leads_to_the_pages_that_are_for_this_person(window: Window) -> None:
    def labels() -> list[str]:
        menu = window.root.room.header.menu
        menu.fill()
        count = int(menu.menu.index("end") or 0) + 1
        kinds = [(menu.menu.type(index), index) for index in range(count)]
        return [menu.menu.entrycget(i, "label") for kind, i in kinds if kind == "command"]

    window.enter(BOB)
    assert "My account…" in labels() and "People…" not in labels()
    for key in ("<F7>", "<F8>", "<F9>"):
        press(window, key)
        assert window.shows("room")
    window.enter(ALICE)
    menu = window.root.room.header.menu
    menu.fill()
    menu.menu.invoke("People…")
    window.root.update()
    assert window.shows("people")


def test_from_page_to_page(window: Window) -> None:
    window.enter(ALICE)
    press(window, "<F7>")
    press(window, "<F9>")
    assert window.shows("audit") and not window.shows("people")
    press(window, "<Escape>")
    assert window.shows("room")


def test_nobody_signed_in_has_no_pages(window: Window) -> None:
    window.greet()
    press(window, "<F6>")
    assert window.shows("sign_in")


@pytest.mark.parametrize("page", ["people", "invites", "audit"])
def test_who_is_no_administrator_any_more_is_led_back(window: Window, page: str) -> None:
    window.enter(ALICE)
    press(window, PAGES[page])
    window.account.sign_in(Person(1, "alice", "Alice Hart", Role.MEMBER))
    window.root.update()
    assert window.shows("room") and (f"{page}.close",) in window.calls
    window.account.sign_in(ALICE)
    window.root.update()
    assert window.shows("room")


def test_signed_out_the_page_is_over(window: Window) -> None:
    window.enter(BOB)
    press(window, "<F6>")
    window.account.sign_out()
    window.root.update()
    assert window.shows("sign_in")
    window.enter(BOB)
    assert window.shows("room")


def test_the_room_goes_on_behind_a_page(window: Window) -> None:
    window.enter(BOB)
    window.feed.replace(run(1, 30), at_start=True, at_end=True)
    window.root.update()
    press(window, "<F6>")
    window.feed.arrive(run(31, 32))
    window.root.update()
    press(window, "<Escape>")
    assert [number for number, _ in window.feed.shown()][-1] == 32
    assert window.root.room.timeline.pane.text.yview()[1] == 1.0, "the newest is in sight"


@pytest.mark.parametrize("page", PAGES)
def test_offline_is_told_and_ends_by_itself(window: Window, page: str) -> None:
    window.enter(ALICE)
    press(window, PAGES[page])
    assert not window.shows("notice")
    window.status.update(phase=Phase.WAITING)
    window.root.update()
    assert "Not connected" in window.says("notice")
    assert window.find("reload").instate(["disabled"])
    window.status.update(phase=Phase.LIVE)
    window.root.update()
    assert not window.shows("notice") and window.find("reload").instate(["!disabled"])
    press(window, "<F5>")
    window.click("reload")
    assert window.calls.count((f"{LISTS[page]}.reload",)) == 2


@pytest.mark.parametrize("page", ["people", "invites", "audit"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_says_why_it_shows_nothing(window: Window, page: str, language: Language) -> None:
    window.settings.change(language=language)
    window.enter(ALICE)
    press(window, PAGES[page])
    listing = getattr(window.pages, page).listing
    t = window.translator.t

    def says() -> str:
        window.root.update()
        return window.says("instead").replace("\u00a0", " ")

    assert says() == t("page.loading")
    listing.refuse(Reason("storage_unavailable"))
    assert says() == t("reason.storage_unavailable")
    window.click("load_again")
    assert (f"{page}.reload",) in window.calls
    listing.show((), False)
    assert says() == t(f"{page}.empty") and not window.shows("load_again")
    listing.look_for("ben {x}")
    assert "ben {x}" in says()
    window.status.update(phase=Phase.WAITING)
    assert says() == t("page.offline_empty")


def test_who_waits_is_told_above_the_messages_to_administrators_alone(window: Window) -> None:
    window.enter(BOB)
    window.pages.awaiting.count(2)
    window.root.update()
    assert not window.shows("awaiting")
    window.enter(ALICE)
    assert window.find("awaiting_words").whole == "2 people are waiting to be accepted"
    window.pages.awaiting.count(1)
    assert window.find("awaiting_words").whole == "1 person is waiting to be accepted"
    window.settings.change(language="zh")
    assert window.find("awaiting_words").whole == "1 人正在等待批准"
    window.click("awaiting_look")
    assert window.shows("people")
    press(window, "<Escape>")
    window.pages.awaiting.count(0)
    window.root.update()
    assert not window.shows("awaiting")


@pytest.mark.parametrize("page", PAGES)
def test_language_and_theme_change_where_they_stand(window: Window, page: str) -> None:
    window.pages.people.listing.show((pending(2), member(3)), False)
    window.enter(ALICE)
    press(window, PAGES[page])
    before = window.find("page_title").whole
    window.settings.change(language="zh", theme="dark")
    window.root.update()
    assert window.find("page_title").whole not in ("", before)
