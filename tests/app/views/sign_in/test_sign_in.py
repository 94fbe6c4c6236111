"""The way into the room: each refusal is told where it belongs, and nothing
that was typed is lost by anything."""

import time

import pytest

from app.models.connection.account import Field, FormError
from app.models.connection.status import Phase
from protocol.messages import Limits, Registration
from protocol.refusals import Refusal
from tests.support.window import ADDRESS, ALICE, ENTER_KEYS, Window, room_info

PASSWORD = "correct horse battery"

ERRORS = (
    *("username_error", "display_name_error", "password_error", "form_error", "address_error"),
    *("invite_error", "code_error"),
)


@pytest.fixture
def greeted(window: Window) -> Window:
    """A window that a server has answered."""
    window.settings.change(server=ADDRESS)
    window.greet()
    return window


def text(window: Window, name: str) -> str:
    """What stands in a field, seen or not, as it was typed."""
    return str(window.all(name)[0].get())  # type: ignore[attr-defined]


def fill(window: Window, registering: bool = False) -> None:
    if registering:
        window.click("tab_register")
        window.type("display_name", "Ben Osei")
    window.type("username", "ben")
    window.type("password", PASSWORD)


def refuse(window: Window, field: Field, code: str) -> None:
    window.account.attempt()
    window.account.refuse(FormError(field, code))
    window.root.update()


def errors(window: Window) -> dict[str, str]:
    return {name: window.says(name) for name in ERRORS if window.says(name)}


# --- which server -------------------------------------------------------------------


def test_the_first_question_is_which_server(window: Window) -> None:
    assert window.says("welcome") == "Where is your room?"
    assert window.shows("address") and not window.shows("username")
    assert not window.shows("back") and not window.shows("change_server")
    assert window.root.focus_get() is window.find("address")
    window.type("address", ADDRESS)
    window.press("address", "<Return>")
    assert window.calls == [("connect", ADDRESS)]


def test_p10_an_address_that_is_none_is_told_beside_it_and_kept(window: Window) -> None:
    window.type("address", "no address!")
    window.account.refuse(FormError(Field.SERVER, "address_invalid"))
    window.root.update()
    assert errors(window) == {
        "address_error": "Enter an address like chat.example.org or 10.0.0.5:7450."
    }
    assert text(window, "address") == "no address!"


def test_it_waits_with_the_address_until_the_server_answers(window: Window) -> None:
    window.type("address", ADDRESS)
    window.click("connect")
    assert window.says("connect") == "Connecting…"
    window.press("address", "<Return>")
    assert len(window.calls_of("connect")) == 1, "once is enough"
    window.status.update(phase=Phase.WAITING, retry_at=time.monotonic() + 9)
    window.root.update()
    assert window.shows("address") and window.says("connect") == "Continue"
    window.greet()
    assert window.says("welcome") == "Welcome to Northgate"
    assert window.shows("username") and window.root.focus_get() is window.find("username")


def test_one_can_go_to_another_server_and_back_to_the_earlier_one(greeted: Window) -> None:
    fill(greeted)
    greeted.click("change_server")
    assert greeted.shows("address") and greeted.shows("back")
    greeted.type("address", "other.example")
    greeted.click("connect")
    greeted.click("back")
    assert greeted.calls_of("connect") == ["other.example", ADDRESS]
    greeted.greet()
    assert greeted.shows("username")
    assert text(greeted, "username") == "ben" and text(greeted, "password") == PASSWORD


def test_back_without_having_tried_another_connects_to_nothing(greeted: Window) -> None:
    greeted.click("change_server")
    greeted.type("address", "oth")
    greeted.click("back")
    assert greeted.calls_of("connect") == [] and greeted.shows("username")


# --- signing in and creating an account -------------------------------------------------


def test_what_is_remembered_stands_there(window: Window) -> None:
    window.settings.change(username="ben", keep_signed_in=False)
    again = window.again(server=ADDRESS)
    again.greet()
    assert text(again, "username") == "ben"
    assert again.root.focus_get() is again.find("password")
    assert not again.find("keep").instate(["selected"])


@pytest.mark.parametrize("field", ["username", "password"])
@pytest.mark.parametrize("key", ENTER_KEYS)
def test_enter_signs_in_from_every_field(greeted: Window, field: str, key: str) -> None:
    fill(greeted)
    greeted.click("keep")
    greeted.press(field, f"<{key}>")
    assert greeted.calls == [("sign_in", "ben", PASSWORD, False)]


def test_an_account_is_created_with_what_was_typed(greeted: Window) -> None:
    fill(greeted, registering=True)
    assert greeted.says("submit") == "Create account"
    assert "10 characters" in greeted.says("password_hint")
    greeted.press("display_name", "<Return>")
    assert greeted.calls == [("register", "ben", "Ben Osei", PASSWORD, "", True)]


def test_nothing_is_sent_twice_while_an_answer_is_awaited(greeted: Window) -> None:
    fill(greeted)
    greeted.account.attempt()
    greeted.root.update()
    assert greeted.says("submit") == "Signing in…"
    assert greeted.find("submit").instate(["disabled"])
    greeted.press("password", "<Return>")
    greeted.find("submit").invoke()
    assert greeted.calls == []
    greeted.account.refuse(None)
    greeted.root.update()
    assert greeted.says("submit") == "Sign in"
    assert greeted.find("submit").instate(["!disabled"])


def test_a_room_that_takes_no_new_accounts_offers_none(greeted: Window) -> None:
    fill(greeted, registering=True)
    greeted.status.introduce(room_info(Registration.CLOSED))
    greeted.root.update()
    assert not greeted.shows("tab_register") and not greeted.shows("display_name")
    assert greeted.says("submit") == "Sign in"
    assert text(greeted, "username") == "ben"


def test_the_rooms_bounds_are_told(greeted: Window) -> None:
    greeted.status.introduce(room_info(limits=Limits(password_min_chars=17)))
    greeted.click("tab_register")
    assert "17" in greeted.says("password_hint")


# --- what was refused -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "code", "place"),
    [
        (Field.USERNAME, Refusal.USERNAME_TAKEN, "username"),
        (Field.DISPLAY_NAME, Refusal.DISPLAY_NAME_INVALID, "display_name"),
        (Field.PASSWORD, Refusal.PASSWORD_TOO_SHORT, "password"),
    ],
)
def test_p10_a_refusal_is_told_beside_its_field(
    greeted: Window, field: Field, code: str, place: str
) -> None:
    fill(greeted, registering=True)
    refuse(greeted, field, code)
    assert list(errors(greeted)) == [f"{place}_error"]
    assert greeted.find(place).instate(["invalid"])
    assert greeted.root.focus_get() is greeted.find(place)
    greeted.account.attempt()
    greeted.root.update()
    assert errors(greeted) == {} and greeted.find(place).instate(["!invalid"])


def test_p10_a_refusal_of_no_field_is_told_beside_the_button(greeted: Window) -> None:
    fill(greeted)
    refuse(greeted, Field.FORM, Refusal.BUSY)
    assert errors(greeted) == {"form_error": "The server is busy; try again in a moment."}
    refuse(greeted, Field.DISPLAY_NAME, Refusal.DISPLAY_NAME_INVALID)
    assert list(errors(greeted)) == ["form_error"], "its field is not there"


def test_p10_why_one_was_signed_out_is_told(greeted: Window) -> None:
    greeted.enter(ALICE)
    greeted.account.sign_out(FormError(Field.FORM, Refusal.ACCOUNT_DISABLED))
    greeted.root.update()
    assert "disabled" in errors(greeted)["form_error"]


def test_a_refusal_is_told_in_the_language_of_now(greeted: Window) -> None:
    refuse(greeted, Field.PASSWORD, Refusal.WRONG_CREDENTIALS)
    greeted.settings.change(language="zh")
    greeted.root.update()
    assert errors(greeted) == {"password_error": "用户名与密码不匹配。"}


def test_what_was_refused_in_one_tab_is_not_told_in_the_other(greeted: Window) -> None:
    refuse(greeted, Field.PASSWORD, Refusal.WRONG_CREDENTIALS)
    greeted.click("tab_register")
    assert errors(greeted) == {}
    greeted.status.update(online=5)
    greeted.settings.change(theme="dark")
    greeted.root.update()
    assert errors(greeted) == {}
    refuse(greeted, Field.PASSWORD, Refusal.WRONG_CREDENTIALS)
    assert list(errors(greeted)) == ["password_error"], "the next refusal is told"


# --- nothing typed is lost ------------------------------------------------------------------


def disturb(window: Window, what: str) -> None:
    match what:
        case "refusal":
            refuse(window, Field.USERNAME, Refusal.USERNAME_TAKEN)
        case "tab":
            window.click("tab_sign_in")
            window.click("tab_register")
        case "language":
            window.settings.change(language="zh")
        case "theme":
            window.settings.change(theme="dark")
        case "break":
            for phase in (Phase.WAITING, Phase.CONNECTING, Phase.GREETED):
                window.status.update(phase=phase)
                window.root.update()
        case "end":
            window.status.update(phase=Phase.ENDED, reason="room_full")
        case "closing":
            window.status.introduce(room_info(Registration.CLOSED))
            window.root.update()
            window.status.introduce(room_info(Registration.OPEN))
        case "another server":
            window.click("change_server")
            window.click("back")
    window.root.update()


@pytest.mark.parametrize(
    "what",
    ["refusal", "tab", "language", "theme", "break", "end", "closing", "another server"],
)
def test_p10_nothing_typed_is_lost_by(greeted: Window, what: str) -> None:
    fill(greeted, registering=True)
    disturb(greeted, what)
    assert text(greeted, "username") == "ben"
    assert text(greeted, "display_name") == "Ben Osei"
    assert text(greeted, "password") == PASSWORD


def test_an_address_that_is_being_typed_is_not_lost(window: Window) -> None:
    window.type("address", "room.exa")
    window.settings.change(theme="dark", language="zh")
    window.root.update()
    assert text(window, "address") == "room.exa"


# --- the password ---------------------------------------------------------------------------


def test_the_password_is_shown_only_on_demand(greeted: Window) -> None:
    fill(greeted)
    assert str(greeted.find("password").cget("show")) == "•"
    greeted.click("password_eye")
    assert str(greeted.find("password").cget("show")) == ""
    greeted.click("password_eye")
    assert str(greeted.find("password").cget("show")) == "•"


def test_the_password_is_forgotten_and_hidden_once_one_is_signed_in(greeted: Window) -> None:
    fill(greeted)
    greeted.click("password_eye")
    greeted.enter(ALICE)
    greeted.account.sign_out()
    greeted.root.update()
    assert text(greeted, "password") == "" and text(greeted, "username") == "ben"
    assert str(greeted.find("password").cget("show")) == "•"
    assert greeted.root.focus_get() is greeted.find("password")


# --- by invite, with approval, by a reset code ----------------------------------------


def test_who_was_invited_is_told_so_and_begins_with_an_account(window: Window) -> None:
    window.account.invite(True)
    window.greet(room_info(Registration.INVITE))
    assert window.shows("display_name") and not window.shows("invite")
    assert window.says("intro") == "You are invited to this room. Create your account to come in."
    window.click("tab_sign_in")
    assert not window.shows("display_name"), "who has an account may say so"
    window.greet(room_info(Registration.CLOSED))
    assert window.shows("tab_register"), "an invite lets in where nobody else may come"


def test_a_room_by_invite_asks_for_the_join_code_and_keeps_what_was_typed(window: Window) -> None:
    window.greet(room_info(Registration.INVITE))
    fill(window, registering=True)
    window.type("invite", "rostrum1.abc")
    window.press("invite", "<Return>")
    assert window.calls == [("register", "ben", "Ben Osei", PASSWORD, "rostrum1.abc", True)]
    refuse(window, Field.INVITE, "invite_invalid")
    assert errors(window) == {"invite_error": "This join code no longer works; ask for a new one."}
    assert window.root.focus_get() is window.find("invite")
    assert [text(window, name) for name in ("username", "display_name", "invite")] == [
        "ben",
        "Ben Osei",
        "rostrum1.abc",
    ]
    window.click("tab_sign_in")
    assert not window.shows("invite") and errors(window) == {}


def test_a_room_with_approval_says_so_before_and_after(window: Window) -> None:
    window.greet(room_info(Registration.APPROVAL))
    assert not window.shows("intro")
    fill(window, registering=True)
    assert "accept your account" in window.says("intro")
    window.click("submit")
    refuse(window, Field.NOTICE, "awaiting_approval")
    assert "has to accept your account" in window.says("form_notice")
    assert errors(window) == {}
    assert window.says("submit") == "Sign in", "that is what comes next"
    window.click("submit")
    assert window.calls[-1] == ("sign_in", "ben", PASSWORD, True)


def test_a_reset_code_is_a_way_back(greeted: Window) -> None:
    assert not greeted.shows("code")
    greeted.type("username", "ben")
    greeted.click("aside")
    assert greeted.shows("code") and not greeted.shows("tab_register")
    assert greeted.root.focus_get() is greeted.find("code")
    greeted.type("code", "9m48 ksm5 khcx c1e4")
    greeted.type("password", PASSWORD)
    greeted.press("password", "<Return>")
    assert greeted.calls == [("redeem", "ben", "9m48 ksm5 khcx c1e4", PASSWORD, True)]
    refuse(greeted, Field.CODE, "reset_code_invalid")
    assert list(errors(greeted)) == ["code_error"]
    greeted.click("aside")
    assert greeted.says("submit") == "Sign in" and errors(greeted) == {}
    assert text(greeted, "code") == "9m48 ksm5 khcx c1e4"
    greeted.enter()
    assert text(greeted, "code") == text(greeted, "password") == ""
