"""One's own account, as everybody sees it."""

import pytest

from app.models.connection.status import Phase
from app.models.listing import Reason
from tests.support.pages import session
from tests.support.window import ALICE, BOB, Window

HERE, THERE = session(1, "my laptop", this_one=True), session(2, "front desk")


@pytest.fixture
def account(window: Window) -> Window:
    window.enter(BOB)
    window.root.open_page("account")
    window.pages.sessions.listing.show((HERE, THERE), False)
    window.root.update()
    return window


def test_one_sees_who_one_is(account: Window) -> None:
    assert account.says("own_name") == "Ben Osei"
    assert account.says("own_role") == "bob · Member"
    account.enter(ALICE)
    assert "Administrator" in account.says("own_role")


def test_the_password_is_changed_and_nothing_of_it_stays(account: Window) -> None:
    account.type("old_password", "the old one")
    account.type("new_password", "a better new one")
    account.press("new_password", "<Return>")
    assert account.calls[-1] == ("change_password", "the old one", "a better new one")
    operation = account.pages.password
    operation.start("password")
    account.root.update()
    assert account.find("change_password").instate(["disabled"])
    count = len(account.calls)
    account.press("new_password", "<Return>")
    assert len(account.calls) == count
    operation.finish()
    account.root.update()
    assert "was changed" in account.says("password_outcome")
    assert account.find("old_password").get() == account.find("new_password").get() == ""


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("password_wrong", "old_password"),
        ("too_many_attempts", "old_password"),
        ("password_too_short", "new_password"),
        ("password_too_simple", "new_password"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(account: Window, code: str, field: str) -> None:
    account.type("old_password", "kept")
    account.type("new_password", "kept, too")
    account.pages.password.start("password")
    account.pages.password.refuse(Reason(code))
    account.root.update()
    assert account.says(f"{field}_error") and account.root.focus_get() is account.find(field)
    assert not account.shows("password_outcome")
    assert account.find("old_password").get() == "kept", "nothing that was typed is lost"


def test_what_belongs_to_no_field_is_told_below(account: Window) -> None:
    account.pages.password.start("password")
    account.pages.password.refuse(Reason("storage_unavailable"))
    account.root.update()
    assert "store" in account.says("password_outcome")
    account.pages.password.start("password")
    account.pages.password.lose()
    account.root.update()
    assert "connection was lost" in account.says("password_outcome")


def test_the_rules_are_told_beside_the_new_one(account: Window) -> None:
    assert "10" in account.says("new_password_hint")


def test_typed_passwords_go_when_one_leaves(account: Window) -> None:
    account.type("old_password", "secret")
    account.root.leave_page()
    account.root.open_page("account")
    account.root.update()
    assert account.find("old_password").get() == ""


def test_where_one_is_signed_in_and_can_sign_out(account: Window) -> None:
    devices = [widget.whole for widget in account.all("device")]  # type: ignore[attr-defined]
    details = [widget.whole for widget in account.all("session_detail")]  # type: ignore[attr-defined]
    assert devices == ["my laptop", "front desk"]
    assert details[0] == "This device · 192.0.2.7" and details[1].startswith("Last used: ")
    ends = [button for button in account.all("end_session") if button.winfo_viewable()]
    assert len(ends) == 1, "one leaves here by the menu"
    account.click("end_session")
    assert "front desk" in account.says("ask_title")
    account.click("ask_yes")
    assert account.calls_of("end_session") == [THERE]
    account.pages.sessions.listing.show((HERE,), False)
    account.root.update()
    assert len(account.all("device")) == 1


def test_what_is_left_of_a_long_list_is_in_sight(account: Window) -> None:
    many = tuple(session(number, f"device {number}") for number in range(2, 60))
    account.pages.sessions.listing.show((HERE, *many), False)
    account.root.update()
    account.all("end_session")[-1].focus_force()
    account.root.update()
    assert account.find("own_name").winfo_rooty() < account.root.winfo_rooty(), "it has scrolled"
    account.pages.sessions.listing.show((HERE,), False)
    account.root.update()
    assert account.shows("own_name")
    assert account.find("own_name").winfo_rooty() > account.root.winfo_rooty()


def test_signing_out_everywhere_is_asked_first(account: Window) -> None:
    account.find("sign_out_everywhere").invoke()
    account.root.update()
    assert "this one too" in account.says("ask_text")
    account.click("ask_yes")
    assert account.calls[-1] == ("sign_out_everywhere",)


def test_offline_and_refused_are_told(account: Window) -> None:
    account.status.update(phase=Phase.WAITING)
    account.root.update()
    for name in ("change_password", "end_session", "sign_out_everywhere"):
        assert all(w.instate(["disabled"]) for w in account.all(name)[-1:])  # type: ignore[attr-defined]
    account.pages.sessions.clear()
    account.root.update()
    assert account.says("sessions_words") == "This will appear here once the room can be reached."
    account.status.update(phase=Phase.LIVE)
    account.root.update()
    assert account.says("sessions_words") == "Loading…"
    account.pages.sessions.listing.refuse(Reason("internal"))
    account.root.update()
    assert "wrong on the server" in account.says("sessions_words")
