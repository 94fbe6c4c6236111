"""What people do to their own account: password, sessions, and the signs of
life that keep both honest."""

import time

import argon2
import pytest

from protocol.messages import (
    ChangePassword,
    ConfirmPassword,
    Done,
    EndSession,
    GetSessions,
    Goodbye,
    RedeemReset,
    RemovePerson,
    Resume,
    Role,
    Sessions,
    SetRole,
    SignedOut,
    SignIn,
    SignOut,
)
from protocol.refusals import Farewell, Refusal
from server import passwords
from server.service import Service
from server.transport.jobs import start_unwatched
from tests.server.conftest import ADMIN, PASSWORD, Connect
from tests.support.wire import TIMEOUT_S, WireClient

NEW = "quite another password"


def test_p8_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    bob: WireClient, connect: Connect
) -> None:
    elsewhere, later = connect(), connect()
    token = elsewhere.sign_in("bob", PASSWORD).token
    bob.ask(ChangePassword(bob.number(), PASSWORD, NEW), Done)
    assert elsewhere.expect(Goodbye).code == Farewell.SIGNED_OUT
    assert later.refusal(Resume(2, token)).code == Refusal.SESSION_ENDED
    assert later.refusal(SignIn(3, "bob", PASSWORD)).code == Refusal.WRONG_CREDENTIALS
    later.sign_in("bob", NEW)
    bob.barrier()
    assert bob.ask(GetSessions(bob.number()), Sessions).sessions


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("not the right one", NEW, Refusal.WRONG_CREDENTIALS),
        (PASSWORD, "short", Refusal.PASSWORD_TOO_SHORT),
        (PASSWORD, "x" * 300, Refusal.PASSWORD_TOO_LONG),
        (PASSWORD, "1234567890", Refusal.PASSWORD_TOO_SIMPLE),
        (PASSWORD, "qwertyuiop", Refusal.PASSWORD_TOO_SIMPLE),
        (PASSWORD, "", Refusal.PASSWORD_TOO_SHORT),
    ],
)
def test_p10_a_change_of_password_is_refused_by_name_and_nothing_has_changed(
    bob: WireClient, connect: Connect, old: str, new: str, code: Refusal
) -> None:
    elsewhere = connect()
    elsewhere.sign_in("bob", PASSWORD)
    assert bob.refusal(ChangePassword(bob.number(), old, new)).code == code
    elsewhere.barrier()
    connect().sign_in("bob", PASSWORD)


def test_of_two_changes_at_once_one_holds(bob: WireClient, connect: Connect) -> None:
    other = connect()
    other.sign_in("bob", PASSWORD)
    bob.say(ChangePassword(bob.number(), PASSWORD, "the first of two new ones"))
    other.say(ChangePassword(other.number(), PASSWORD, "the second of two new ones"))
    for client in (bob, other):
        client.drain_until_answered()
    held = [
        name
        for name in ("the first of two new ones", "the second of two new ones", PASSWORD)
        if not isinstance(_try(connect(), name), type(None))
    ]
    assert len(held) == 1 and held[0] != PASSWORD


def _try(client: WireClient, password: str) -> object:
    try:
        return client.sign_in("bob", password)
    except AssertionError:
        return None


def test_sessions_are_listed_and_one_of_them_ended(bob: WireClient, connect: Connect) -> None:
    elsewhere = connect()
    token = elsewhere.sign_in("bob", PASSWORD).token
    listed = bob.ask(GetSessions(bob.number()), Sessions).sessions
    assert [one.this_one for one in listed].count(True) == 1
    assert all(one.online and one.address == "127.0.0.1" for one in listed)
    (other,) = (one for one in listed if not one.this_one)
    bob.ask(EndSession(bob.number(), other.id), Done)
    assert elsewhere.expect(Goodbye).code == Farewell.SIGNED_OUT
    assert connect().refusal(Resume(2, token)).code == Refusal.SESSION_ENDED
    assert bob.refusal(EndSession(bob.number(), other.id)).code == Refusal.NOT_FOUND
    assert len(bob.ask(GetSessions(bob.number()), Sessions).sessions) == 1


def test_one_signs_out_everywhere_here_too(bob: WireClient, connect: Connect) -> None:
    elsewhere = connect()
    elsewhere.sign_in("bob", PASSWORD)
    bob.ask(EndSession(bob.number(), 0), Done)
    for client in (bob, elsewhere):
        assert client.expect(Goodbye).code == Farewell.SIGNED_OUT


def test_one_session_on_two_connections_ends_on_both(bob: WireClient, connect: Connect) -> None:
    first, second = connect(), connect()
    token = first.sign_in("bob", PASSWORD).token
    second.resume(token)
    first.ask(SignOut(first.number()), SignedOut)
    assert second.expect(Goodbye).code == Farewell.SIGNED_OUT
    bob.barrier()


def test_what_was_confirmed_by_one_is_not_confirmed_for_the_next(
    service: Service, connect: Connect, bob: WireClient
) -> None:
    desk = connect()
    desk.sign_in(ADMIN, PASSWORD)
    token = connect().sign_in(ADMIN, PASSWORD).token
    desk.ask(SignOut(desk.number()), SignedOut)
    desk.resume(token)
    refused = desk.refusal(SetRole(desk.number(), 2, Role.ADMIN))
    assert refused.code == Refusal.PASSWORD_NEEDED


def test_guesses_at_an_unlocked_desk_are_slowed_down(bob: WireClient) -> None:
    codes = {bob.refusal(ConfirmPassword(bob.number(), "not the right one")).code for _ in range(9)}
    assert codes == {Refusal.WRONG_CREDENTIALS, Refusal.TOO_MANY_ATTEMPTS}


def test_what_nobody_had_time_to_look_at_is_no_wrong_password(
    service: Service, bob: WireClient, connect: Connect
) -> None:
    newcomer = connect()
    hashers = service.context.passwords
    most, hashers._max_waiting = hashers._max_waiting, 0
    for _ in range(9):
        for client, message in (
            (bob, ConfirmPassword(bob.number(), PASSWORD)),
            (newcomer, SignIn(newcomer.number(), ADMIN, PASSWORD)),
            (newcomer, RedeemReset(newcomer.number(), ADMIN, "0000", "a new password of mine")),
        ):
            assert client.refusal(message).code == Refusal.BUSY
    hashers._max_waiting = most
    bob.ask(ConfirmPassword(bob.number(), PASSWORD), Done)
    newcomer.sign_in(ADMIN, PASSWORD)


def test_a_new_password_that_is_too_simple_is_no_wrong_code(connect: Connect) -> None:
    client = connect()
    for _ in range(9):
        simple = RedeemReset(client.number(), ADMIN, "0000", "aaaaaaaaaaaa")
        assert client.refusal(simple).code == Refusal.PASSWORD_TOO_SIMPLE


@pytest.mark.real_passwords
def test_a_removed_persons_request_in_flight_does_no_harm(
    service: Service, bob: WireClient, connect: Connect
) -> None:
    alice, late = connect(), connect()
    alice.sign_in(ADMIN, PASSWORD)
    # The hash is on its way while the account goes.
    late.say(SignIn(late.number(), "bob", PASSWORD))
    bob.say(ChangePassword(bob.number(), PASSWORD, NEW))
    alice.ask(RemovePerson(alice.number(), 2), Done)
    late.drain_until_answered()
    bob.drain_until_answered()
    deadline = time.monotonic() + TIMEOUT_S
    while [one for one in list(service.connections) if one.user and one.user.id == 2]:
        assert time.monotonic() < deadline, "one who was removed is still there"
        alice.barrier()
    assert connect().refusal(SignIn(2, "bob", PASSWORD)).code == Refusal.WRONG_CREDENTIALS


@pytest.mark.real_passwords
def test_a_password_is_hashed_anew_when_the_parameters_have_risen(
    service: Service, bob: WireClient, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stored() -> str:
        found: list[str] = []

        async def look() -> None:
            user = await service.storage.read(lambda store: store.users.by_name("bob"))
            assert user is not None
            found.append(user.password_hash)

        service.reactor.call_soon_threadsafe(lambda: start_unwatched(look()))
        while not found:
            bob.barrier()
        return found[0]

    before = stored()
    risen = argon2.PasswordHasher(time_cost=3, memory_cost=20 * 1024, parallelism=1)
    monkeypatch.setattr(passwords, "_argon2", risen)
    connect().sign_in("bob", PASSWORD)
    while (after := stored()) == before:
        bob.barrier()
    assert "m=20480,t=3" in after and "m=19456,t=2" in before
    connect().sign_in("bob", PASSWORD)
    assert stored() == after, "once is enough"
