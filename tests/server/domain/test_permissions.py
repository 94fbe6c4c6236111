"""P6, P8: what somebody may do is looked up where it is done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.messages import AccountState, Role
from protocol.refusals import Refusal
from server.domain.audit import OPERATOR, Actor
from server.domain.errors import NotPermitted, RequestRefused
from server.domain.permissions import require, require_account
from server.domain.store import Store
from server.domain.user import PERMISSIONS, Action, User
from server.storage.sqlite import create_store

DIGEST = bytes(32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with create_store(tmp_path) as store:
        yield store


@pytest.fixture
def bob(store: Store) -> User:
    """A member with a session."""
    user = store.users.add("bob", "Ben Osei", Role.MEMBER, "hash", 1)
    store.sessions.open(user.id, DIGEST, "desktop", "192.0.2.1", 1)
    return user


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_p6_the_table_of_rights_decides(
    store: Store, bob: User, role: Role, action: Action
) -> None:
    store.users.set_role(bob.id, role)
    actor = Actor(bob.id, bob.username)
    if action in PERMISSIONS[role]:
        found = require(store, actor, action)
        assert found is not None and (found.id, found.role) == (bob.id, role)
    else:
        with pytest.raises(NotPermitted):
            require(store, actor, action)


@pytest.mark.parametrize("state", [AccountState.PENDING, AccountState.DISABLED])
def test_p6_an_account_out_of_use_may_nothing(store: Store, bob: User, state: AccountState) -> None:
    store.users.set_state(bob.id, state)
    for action in Action:
        with pytest.raises(NotPermitted):
            require(store, Actor(bob.id, bob.username), action)


def test_p8_a_session_that_has_ended_may_nothing(store: Store, bob: User) -> None:
    actor = Actor(bob.id, bob.username, session=DIGEST)
    require(store, actor, Action.READ)
    store.sessions.close(DIGEST)
    with pytest.raises(RequestRefused) as refused:
        require(store, actor, Action.READ)
    assert refused.value.code is Refusal.SESSION_ENDED


def test_p8_the_session_of_another_gives_no_rights(store: Store, bob: User) -> None:
    alice = store.users.add("alice", "Amelia Hart", Role.ADMIN, "hash", 1)
    with pytest.raises(RequestRefused) as refused:
        require(store, Actor(alice.id, alice.username, session=DIGEST), Action.POST)
    assert refused.value.code is Refusal.SESSION_ENDED


def test_the_operator_may_everything_but_what_takes_a_person(store: Store) -> None:
    for action in Action:
        assert require(store, OPERATOR, action) is None
        with pytest.raises(NotPermitted):
            require_account(store, OPERATOR, action)
