"""Administrators at real windows look after people, and everybody after their
own account."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from protocol import joincode
from tests.support.person import Person
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

Newcomer = Callable[..., Person]

NEW_PASSWORD = "quite another password"


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ServerProcess]:
    mode = getattr(request, "param", "open")
    with ServerProcess(tmp_path, registration=mode) as server:
        yield server
        assert "Traceback" not in server.log(), server.log()[-4000:]


def look_at(person: Person, page: str) -> None:
    person.choose("room_menu", page)
    person.until("shown", "page_title")


def act(person: Person, on: str, button: str) -> None:
    """On whom is listed, what is asked first."""
    person.select(on)
    person.click(button)
    person.click("ask_yes")


@pytest.mark.parametrize("server", ["invite"], indirect=True)
def test_an_administrator_invites_and_the_invited_comes_in(
    server: ServerProcess, alice: Person, newcomer: Newcomer
) -> None:
    look_at(alice, "Invites…")
    alice.click("new_invite")
    alice.type("invite_note", "Class 7b")
    alice.click("create_invite")
    alice.until("shown", "told_code")
    code = alice.read("told_code")
    assert joincode.read(code).fingerprint == server.fingerprint
    alice.click("told_done")
    bob = newcomer("bob", "780x760+800+20", knows_server=False)
    bob.type("address", code)
    bob.click("connect")
    bob.until("says", ("intro", "You are invited"))
    bob.type("display_name", "Ben Osei")
    bob.fill_sign_in("bob")
    bob.until_live()
    assert not bob.shows("send_panel")
    late = newcomer("late", knows_server=False)
    late.type("address", code)
    late.click("connect")
    late.type("display_name", "Lena Tate")
    late.fill_sign_in("late")
    late.until("says", ("form_error", "no longer works"))
    assert late.read("username") == "late", "nothing that was typed is lost"


@pytest.mark.parametrize("server", ["approval"], indirect=True)
def test_who_waits_is_accepted_and_comes_in(
    server: ServerProcess, alice: Person, newcomer: Newcomer
) -> None:
    bob = newcomer("bob", "780x760+800+20")
    bob.click("tab_register")
    bob.type("display_name", "Ben Osei")
    bob.fill_sign_in("bob")
    bob.until("says", ("form_notice", "has to accept your account"))
    alice.until("says", ("awaiting_words", "1"))
    alice.click("awaiting_look")
    alice.select("bob")
    alice.click("accept")
    alice.until("gone", "accept")
    bob.until_live()
    bob.until("says", ("accepted_words", "accepted"))


def test_p8_what_an_administrator_changes_shows_in_the_windows_it_concerns(
    server: ServerProcess, alice: Person, bob: Person
) -> None:
    look_at(alice, "People…")
    act(alice, "bob", "promote")
    bob.until("shown", "send_panel")
    bob.announce("one more who speaks")
    bob.until("timeline", ["one more who speaks"])
    act(alice, "bob", "demote")
    bob.until("gone", "send_panel")
    act(alice, "bob", "disable")
    bob.until("says", ("form_error", "disabled"))
    assert not bob.shows("room")
    bob.fill_sign_in("bob")
    bob.until("says", ("form_error", "disabled"))
    alice.select("bob")
    alice.click("enable")
    alice.until("shown", "disable")
    bob.sign_in("bob")
    act(alice, "bob", "remove")
    bob.until("shown", "submit")
    look_at(alice, "Activity…")
    for deed in ("Changed a role", "Disabled an account", "Removed an account"):
        alice.until("listed", deed)
    deeds = [row for row in alice.rows() if "bob" in row]
    assert len([row for row in deeds if ADMIN in row]) == 5, deeds


def test_p8_who_forgot_the_password_comes_back_by_a_code(
    server: ServerProcess, alice: Person, bob: Person
) -> None:
    look_at(alice, "People…")
    act(alice, "bob", "reset")
    alice.until("shown", "told_code")
    code = alice.read("told_code")
    alice.click("told_done")
    bob.until("shown", "submit")
    bob.click("aside")
    bob.type("username", "bob")
    bob.type("code", code)
    bob.type("password", NEW_PASSWORD)
    bob.click("submit")
    bob.until_live()
    bob.choose("room_menu", "Sign out")
    bob.sign_in("bob", NEW_PASSWORD)


def test_one_ends_a_session_elsewhere_and_changes_the_password(
    server: ServerProcess, bob: Person, newcomer: Newcomer
) -> None:
    here = newcomer("here")
    here.sign_in("bob")
    look_at(here, "My account…")
    here.until("shown", "end_session")
    here.click("end_session")
    here.click("ask_yes")
    bob.until("says", ("form_error", "signed out"))
    here.type("old_password", PASSWORD)
    here.type("new_password", NEW_PASSWORD)
    here.click("change_password")
    here.until("says", ("password_outcome", "was changed"))
    bob.sign_in("bob", NEW_PASSWORD)


def test_who_has_long_not_given_the_password_is_asked_for_it_again(
    server: ServerProcess, alice: Person, bob: Person
) -> None:
    server.restart()  # and the session comes back by its token
    for person in (alice, bob):
        person.until_live()
    look_at(alice, "People…")
    act(alice, "bob", "promote")
    alice.type("own_password", "not the right one")
    alice.click("question_ok")
    alice.until("says", ("own_password_error", "not"))
    assert not bob.shows("send_panel")
    alice.type("own_password", PASSWORD)
    alice.click("question_ok")
    bob.until("shown", "send_panel")
