"""The state table and the machine that fires it."""

import pytest

from protocol.messages import (
    Changes,
    Goodbye,
    Ping,
    Pong,
    Post,
    Posted,
    Refused,
    SignedOut,
    SignOut,
    Sync,
    WireMessage,
)
from protocol.states import REQUESTS, TRANSITIONS, IllegalMessage, Machine, State
from tests.protocol.samples import (
    ALL_KINDS,
    FROM_CLIENT,
    HELLO,
    SIGN_IN,
    SIGN_OUT,
    WAY_TO,
    plain,
)

AWAITED = {
    State.AWAITING_WELCOME: HELLO,
    State.AWAITING_SIGN_IN: SIGN_IN,
    State.AWAITING_SIGN_OUT: SIGN_OUT,
}

EVERY_PAIR = [(state, kind) for state in State for kind in ALL_KINDS]
ILLEGAL = [pair for pair in EVERY_PAIR if pair not in TRANSITIONS and pair[1] is not Refused]


def machine_in(state: State) -> Machine:
    machine = Machine()
    for message in WAY_TO[state]:
        machine.fire(message)
    assert machine.state is state
    return machine


def message_for(state: State, kind: type[WireMessage]) -> WireMessage:
    """One under a new number, or under the awaited one if it answers."""
    message: WireMessage = plain(kind, 9 if kind in REQUESTS else AWAITED.get(state, 9))
    return message


@pytest.mark.parametrize(("state", "kind"), TRANSITIONS)
def test_every_row_of_the_table_leads_where_it_says(state: State, kind: type[WireMessage]) -> None:
    machine = machine_in(state)
    assert machine.allows(kind)
    assert machine.fire(message_for(state, kind)) is TRANSITIONS[state, kind]
    assert machine.state is TRANSITIONS[state, kind]


@pytest.mark.parametrize(("state", "kind"), ILLEGAL)
def test_p9_whatever_the_table_lacks_is_illegal_and_changes_nothing(
    state: State, kind: type[WireMessage]
) -> None:
    machine = machine_in(state)
    assert not machine.allows(kind)
    with pytest.raises(IllegalMessage, match=kind.__name__):
        machine.fire(message_for(state, kind))
    assert machine.state is state
    assert not machine.is_unanswered(9)
    if state in AWAITED:
        refused = Refused(AWAITED[state], "busy")
        assert machine.fire(refused) is TRANSITIONS[state, Refused]


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
@pytest.mark.parametrize("request_number", [0, 99])
def test_a_refusal_of_another_request_changes_no_state(state: State, request_number: int) -> None:
    machine = machine_in(state)
    assert machine.fire(Refused(request_number, "busy")) is state


def test_nothing_is_legal_once_closed() -> None:
    machine = machine_in(State.CLOSED)
    for kind in ALL_KINDS:
        with pytest.raises(IllegalMessage):
            machine.fire(plain(kind))
    assert machine.state is State.CLOSED


@pytest.mark.parametrize("state", State)
def test_the_end_of_the_transport_closes_every_state(state: State) -> None:
    machine = machine_in(state)
    machine.close()
    assert machine.state is State.CLOSED


def test_a_number_that_waits_for_its_answer_is_not_taken_twice() -> None:
    machine = machine_in(State.SIGNED_IN)
    machine.fire(plain(Post, 7))
    for kind in (Post, Sync, SignOut):
        with pytest.raises(IllegalMessage, match="7 still waits"):
            machine.fire(plain(kind, 7))
    assert machine.state is State.SIGNED_IN
    machine.fire(plain(Posted, 7))
    assert machine.fire(plain(SignOut, 7)) is State.AWAITING_SIGN_OUT
    assert machine.fire(plain(SignedOut, 7)) is State.GREETED


def test_a_refused_request_gives_its_number_back() -> None:
    machine = machine_in(State.SIGNED_IN)
    machine.fire(plain(Sync, 7))
    assert machine.is_unanswered(7)
    machine.fire(Refused(7, "ahead_of_room"))
    assert not machine.is_unanswered(7)
    machine.fire(plain(Sync, 7))


def test_a_post_refused_while_signing_out_does_not_undo_it() -> None:
    machine = machine_in(State.SIGNED_IN)
    machine.fire(plain(Post, 7))
    machine.fire(plain(SignOut, 8))
    assert machine.fire(Refused(7, "not_permitted")) is State.AWAITING_SIGN_OUT
    assert machine.fire(Refused(8, "storage_unavailable")) is State.SIGNED_IN


def test_tokens_are_no_request_numbers() -> None:
    machine = machine_in(State.SIGNED_IN)
    machine.fire(plain(Sync, 7))
    machine.fire(Ping(7))
    machine.fire(Pong(7, 1))
    assert machine.is_unanswered(7)
    machine.fire(plain(Changes, 7))
    assert not machine.is_unanswered(7)


def test_every_state_is_reached_and_left_by_the_table_alone() -> None:
    assert set(TRANSITIONS.values()) == set(State)
    assert {state for state, _ in TRANSITIONS} == set(State) - {State.CLOSED}


def test_a_client_never_closes_by_a_message() -> None:
    closing = {kind for (_, kind), following in TRANSITIONS.items() if following is State.CLOSED}
    assert closing == {Goodbye}
    assert Goodbye not in FROM_CLIENT
