"""One's own account: password, sessions, and changes that others made."""

import pytest

from app.models.connection.status import Phase
from app.models.listing import Reason
from app.models.operation import OperationStatus
from protocol.messages import (
    ChangePassword,
    Done,
    EndSession,
    GetSessions,
    Goodbye,
    Person,
    Refused,
    Role,
    Sessions,
    YouChanged,
)
from protocol.refusals import Farewell, Refusal
from tests.app.controllers.play import BOB, PASSWORD, Play
from tests.support.pages import session

NEW = "another good password"


@pytest.fixture
def play(play: Play) -> Play:
    """A member is signed in."""
    play.sign_in(BOB)
    return play


def test_the_password_is_changed_and_the_sessions_told_anew(play: Play) -> None:
    own, operation = play.client.own_account, play.client.pages.password
    own.list.open()
    play.say(Sessions(play.hear_a(GetSessions).request, (session(1, this_one=True), session(2))))
    own.change_password(PASSWORD, NEW)
    own.change_password(PASSWORD, NEW)
    asked = play.hear_a(ChangePassword)
    assert (asked.old_password, asked.new_password) == (PASSWORD, NEW)
    play.say(Done(asked.request))
    play.say(Sessions(play.hear_a(GetSessions).request, (session(1, this_one=True),)))
    listing = play.client.pages.sessions.listing
    play.until(lambda: [item.id for item in listing.items] == [1])
    assert operation.status is OperationStatus.DONE


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (Refusal.WRONG_CREDENTIALS, "password_wrong"),
        (Refusal.PASSWORD_TOO_SIMPLE, "password_too_simple"),
    ],
)
def test_a_refusal_is_told(play: Play, code: Refusal, reason: str) -> None:
    operation = play.client.pages.password
    play.client.own_account.change_password(PASSWORD, NEW)
    play.say(Refused(play.hear_a(ChangePassword).request, code))
    play.until(lambda: operation.reason == Reason(reason))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("", NEW, "password_empty"),
        (PASSWORD, "short", "password_too_short"),
        (PASSWORD, "x" * 257, "password_too_long"),
        ("x" * 257, NEW, "password_wrong"),
        ("half \ud83d", NEW, "password_wrong"),
        (PASSWORD, "half a character \ud83d", "text_invalid"),
    ],
)
def test_what_the_server_would_refuse_is_not_sent(
    play: Play, old: str, new: str, reason: str
) -> None:
    play.client.own_account.change_password(old, new)
    assert play.client.pages.password.reason == Reason(reason)
    play.client.own_account.change_password(PASSWORD, NEW)
    assert play.hear_a(ChangePassword).new_password == NEW


def test_a_session_is_ended(play: Play) -> None:
    play.client.own_account.end_session(session(7, "front desk"))
    asked = play.hear_a(EndSession)
    assert asked.session_id == 7
    play.say(Done(asked.request))
    operation = play.client.pages.sessions.operation
    play.until(lambda: operation.status is OperationStatus.DONE)
    assert operation.deed == "end_session" and operation.params == {"name": "front desk"}


def test_signed_out_everywhere_one_is_signed_out_here(play: Play) -> None:
    play.client.own_account.sign_out_everywhere()
    asked = play.hear_a(EndSession)
    assert asked.session_id == 0
    play.say(Done(asked.request), Goodbye(Farewell.SIGNED_OUT))
    play.until(lambda: play.client.account.person is None)
    error = play.client.account.error
    assert error is not None and error.code == "signed_out"
    assert play.client.pages.sessions.operation.status is OperationStatus.NONE


def test_another_role_holds_at_once(play: Play) -> None:
    promoted = Person(BOB.id, BOB.username, BOB.display_name, Role.ADMIN)
    play.say(YouChanged(promoted))
    play.until(lambda: play.client.account.person == promoted)
    assert play.client.account.may_post


def test_a_break_leaves_the_change_open(play: Play) -> None:
    play.client.own_account.change_password(PASSWORD, NEW)
    play.hear_a(ChangePassword)
    play.break_off()
    assert play.client.pages.password.status is OperationStatus.LOST
    play.client.own_account.change_password(PASSWORD, NEW)
    assert play.client.pages.password.status is OperationStatus.LOST
    assert play.client.status.now.phase in (Phase.WAITING, Phase.CONNECTING)
