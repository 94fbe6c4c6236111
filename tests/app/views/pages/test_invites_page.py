"""Invites, as an administrator sees, makes and revokes them."""

from datetime import datetime

import pytest

from app.i18n import LANGUAGES
from app.models.connection.status import Phase
from app.models.pages.page_model import IssuedCode
from app.models.settings import Language
from app.views.pages.invites_page import invite_state
from protocol.messages import Invite, Role
from tests.support.pages import MOMENT_MS, YEAR_3000_MS, invite
from tests.support.window import ALICE, Window

EXPIRED = Invite(3, Role.ADMIN, 1, 0, 1000, False, "", "(operator)", MOMENT_MS)
INVITES = (invite(9, "Class 7b", used=1), invite(8, used=2), invite(7, "x", revoked=True), EXPIRED)


@pytest.fixture
def invites(window: Window) -> Window:
    window.enter(ALICE)
    window.root.open_page("invites")
    window.pages.invites.listing.show(INVITES, False)
    window.root.update()
    return window


def test_each_is_told_with_what_it_is_good_for(invites: Window) -> None:
    tree = invites.find("rows")
    listed = [tuple(map(str, tree.item(row, "values"))) for row in tree.get_children()]
    assert [(row[0], row[2], row[4]) for row in listed] == [
        ("Class 7b", "1 of 2", "Open"),
        ("Invite #8", "2 of 2", "Used up"),
        ("x", "0 of 2", "Revoked"),
        ("Invite #3", "0 of 1", "Expired"),
    ]
    assert "3000" in listed[0][3]


def test_a_moment_before_and_after_it_expires() -> None:
    end_s = MOMENT_MS // 1000
    ending = Invite(3, Role.ADMIN, 1, 0, end_s * 1000, False, "", "alice", 0)
    assert invite_state(ending, datetime.fromtimestamp(end_s)) == "expired"
    assert invite_state(ending, datetime.fromtimestamp(end_s - 1)) == "open"


def test_an_open_one_can_be_revoked(invites: Window) -> None:
    tree = invites.find("rows")
    for row in ("8", "7", "3"):
        tree.selection_set(row)
        invites.root.update()
        assert not invites.shows("revoke")
        invites.press("rows", "<Delete>")
        assert not invites.shows("ask_title")
    tree.selection_set("9")
    invites.root.update()
    invites.press("rows", "<Delete>")
    assert "Class 7b" in invites.says("ask_title")
    invites.click("ask_yes")
    assert invites.calls_of("revoke") == [INVITES[0]]


def test_a_new_one_is_made_as_was_chosen(invites: Window) -> None:
    invites.click("new_invite")
    invites.type("invite_note", " Class 8a ")
    invites.type("invite_uses", "30")
    invites.click("role_admin")
    invites.click("days_365")
    invites.click("create_invite")
    assert invites.calls[-1] == ("create", Role.ADMIN, 30, 365, "Class 8a")
    assert not invites.shows("invite_note")


def test_without_a_word_it_is_for_one_member_and_a_week(invites: Window) -> None:
    invites.click("new_invite")
    invites.press("invite_note", "<Return>")
    assert invites.calls[-1] == ("create", Role.MEMBER, 1, 7, "")


@pytest.mark.parametrize("uses", ["", "0", "-1", "10001", "many", "1.5", "²", "9" * 40])
def test_a_number_that_is_none_is_told_beside_it(invites: Window, uses: str) -> None:
    invites.click("new_invite")
    invites.type("invite_uses", uses)
    invites.click("create_invite")
    assert "10000" in invites.says("invite_uses_error")
    assert invites.calls_of("create") == [] and invites.find("invite_uses").get() == uses
    invites.type("invite_uses", "10000")
    invites.click("create_invite")
    assert invites.calls[-1][2] == 10000


def test_a_note_that_is_too_long_is_told_and_kept(invites: Window) -> None:
    invites.click("new_invite")
    invites.type("invite_note", "n" * 101)
    invites.click("create_invite")
    assert "100" in invites.says("invite_note_error") and invites.calls_of("create") == []
    invites.click("form_cancel")
    assert not invites.shows("invite_note")


def test_offline_none_can_be_made(invites: Window) -> None:
    invites.status.update(phase=Phase.WAITING)
    invites.root.update()
    assert invites.find("new_invite").instate(["disabled"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["rostrum1.abc", ""])
def test_the_join_code_is_shown_once_with_the_words_to_pass_on(
    invites: Window, language: Language, code: str
) -> None:
    invites.settings.change(language=language)
    invites.pages.invites.one_time_code.issue(IssuedCode(code, YEAR_3000_MS, "Class 7b"))
    invites.root.update()
    assert invites.says("told_title") and "3000" in invites.says("told_expiry")
    assert invites.shows("told_code") is bool(code) is invites.shows("copy")
    if code:
        invites.click("copy")
        assert invites.root.clipboard_get() == code
    invites.click("told_done")
    assert invites.pages.invites.one_time_code.issued is None
