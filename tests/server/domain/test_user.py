"""Who may do what: the one table (P6)."""

import msgspec
import pytest

from protocol.messages import AccountState, FromClient, Person, Role
from server.domain.user import PERMISSIONS, Action, User, username_key
from server.sessions.handlers import HANDLERS

USER = User(7, "amelia", "Amelia Hart", Role.ADMIN, AccountState.ACTIVE, "secret hash", 1)


def test_p6_every_role_has_its_row() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert PERMISSIONS[Role.MEMBER] == {Action.READ, Action.MANAGE_OWN_ACCOUNT}
    assert PERMISSIONS[Role.ADMIN] == set(Action)


@pytest.mark.parametrize("role", list(Role))
def test_p6_a_disabled_account_may_do_nothing(role: Role) -> None:
    user = msgspec.structs.replace(USER, role=role, state=AccountState.DISABLED)
    assert not any(user.may(action) for action in Action)


def test_p6_every_request_of_a_signed_in_client_asks_for_a_right() -> None:
    without = {kind.__name__ for kind, handler in HANDLERS.items() if handler.action is None}
    entrances = {"Hello", "Ping", "Register", "SignIn", "Resume", "RedeemReset"}
    assert without == entrances | {"SignOut"}
    assert set(HANDLERS) == set(FromClient.__args__), "every message has its handler"


def test_what_others_may_know_has_no_secret() -> None:
    assert USER.person() == Person(7, "amelia", "Amelia Hart", Role.ADMIN)
    assert b"secret" not in msgspec.msgpack.encode(USER.person())


@pytest.mark.parametrize("name", ["AMELIA", "ａｍｅｌｉａ", "Amelia"])
def test_names_that_are_one_to_the_eye_have_one_key(name: str) -> None:
    assert username_key(name) == username_key("amelia")


def test_a_space_typed_around_a_name_is_no_part_of_it() -> None:
    assert username_key(" amelia\t") == username_key("amelia")
