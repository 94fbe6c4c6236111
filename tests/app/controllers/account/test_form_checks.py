"""What is wrong with a form is told at its field, the first of it, before it is sent."""

import pytest

from app.controllers.account.form_checks import (
    check_registration,
    check_reset,
    check_sign_in,
    find_invite,
    form_error,
)
from app.models.connection.account import Field, FormError
from app.models.connection.status import RoomInfo
from protocol import joincode
from protocol.joincode import JoinCode
from protocol.messages import Limits, Registration
from protocol.refusals import Refusal

ROOM = RoomInfo(bytes(16), "Room", "", Registration.OPEN, Limits(password_min_chars=12))
BY_INVITE = RoomInfo(bytes(16), "Room", "", Registration.INVITE, Limits())
GOOD = "a long enough password"
LONE_SURROGATE = "\ud800"
"""What no encoding can carry."""


def at(error: FormError | None) -> tuple[Field, str]:
    assert error is not None
    return error.field, error.code


@pytest.mark.parametrize(
    ("typed", "place", "code"),
    [
        (("", ""), Field.USERNAME, "username_empty"),
        (("alice", ""), Field.PASSWORD, "password_empty"),
        (("alice", "x" * 100_000), Field.PASSWORD, Refusal.WRONG_CREDENTIALS),
        (("a" * 100_000, GOOD), Field.PASSWORD, Refusal.WRONG_CREDENTIALS),
        ((LONE_SURROGATE, GOOD), Field.PASSWORD, Refusal.WRONG_CREDENTIALS),
    ],
)
def test_p10_what_nobody_could_sign_in_with_is_told(
    typed: tuple[str, str], place: Field, code: str
) -> None:
    assert at(check_sign_in(*typed, ROOM)) == (place, code)


def test_what_may_be_right_is_left_to_the_server() -> None:
    assert check_sign_in("a", "b", ROOM) is None, "an account of before the limits"
    assert check_sign_in("alice", GOOD, None) is None
    assert check_registration("alice", "Alice", GOOD, False, ROOM) is None
    assert check_registration("a", "A", "b", False, None) is None, "no limits are known yet"
    assert check_reset("alice", "ABCD-EFGH", GOOD, ROOM) is None


@pytest.mark.parametrize(
    ("typed", "place", "code"),
    [
        (("", "", ""), Field.USERNAME, "username_empty"),
        (("alice", "", ""), Field.DISPLAY_NAME, "display_name_empty"),
        (("alice", "Alice", ""), Field.PASSWORD, "password_empty"),
        (("a" * 100, "Alice", GOOD), Field.USERNAME, Refusal.USERNAME_INVALID),
        (("alice", "A" * 1000, GOOD), Field.DISPLAY_NAME, Refusal.DISPLAY_NAME_INVALID),
        (("alice", LONE_SURROGATE, GOOD), Field.DISPLAY_NAME, Refusal.DISPLAY_NAME_INVALID),
        (("alice", "Alice", "x" * 11), Field.PASSWORD, Refusal.PASSWORD_TOO_SHORT),
        (("alice", "Alice", "x" * 100_000), Field.PASSWORD, Refusal.PASSWORD_TOO_LONG),
        (("alice", "Alice", GOOD + LONE_SURROGATE), Field.FORM, Refusal.TEXT_INVALID),
    ],
)
def test_p10_what_no_account_can_have_is_told_at_its_field(
    typed: tuple[str, str, str], place: Field, code: str
) -> None:
    assert at(check_registration(*typed, False, ROOM)) == (place, code)


def test_where_an_invite_is_needed_that_comes_first() -> None:
    wanted = (Field.INVITE, Refusal.INVITE_NEEDED)
    assert at(check_registration("", "", "", False, BY_INVITE)) == wanted
    assert check_registration("alice", "Alice", GOOD, True, BY_INVITE) is None


@pytest.mark.parametrize(
    ("typed", "place", "code"),
    [
        (("alice", "", GOOD), Field.CODE, "code_empty"),
        (("alice", "A" * 10_000, GOOD), Field.CODE, Refusal.RESET_CODE_INVALID),
        (("alice", "ABCD", "short"), Field.PASSWORD, Refusal.PASSWORD_TOO_SHORT),
    ],
)
def test_p10_what_no_reset_could_do_is_told(
    typed: tuple[str, str, str], place: Field, code: str
) -> None:
    assert at(check_reset(*typed, ROOM)) == (place, code)


def test_a_bound_is_told_as_the_room_has_it() -> None:
    assert form_error(Refusal.PASSWORD_TOO_SHORT, ROOM).params == {"min": 12}
    assert form_error(Refusal.PASSWORD_TOO_SHORT, None).params == {}
    assert form_error("of_next_year", ROOM) == FormError(Field.FORM, "of_next_year")


def code(host: str = "chat.example", fingerprint: bytes = b"", invite: bytes = b"s" * 16) -> str:
    return joincode.write(JoinCode(host, 7450, fingerprint, invite))


def test_the_invite_of_a_join_code_goes_to_its_own_server_alone() -> None:
    here, known = "chat.example:7450", b"\x01" * 32
    assert find_invite(code(), here, "") == b"s" * 16
    assert find_invite(code("10.0.0.5", known), here, known.hex()) == b"s" * 16, "by another name"
    for typed, pin in ((code("other.example"), ""), (code(fingerprint=known), "")):
        assert find_invite(typed, here, pin) == FormError(Field.INVITE, "join_code_elsewhere")
    bare = find_invite(code(invite=b""), here, "")
    assert bare == FormError(Field.INVITE, "join_code_without_invite")
    assert find_invite("no code", here, "") == FormError(Field.INVITE, "join_code_invalid")
