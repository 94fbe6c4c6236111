"""Requests and answers, on one link at a time."""

from collections.abc import Callable

import pytest

from app.controllers.common.requests import LONGEST_RETRY_S, Requests, WrongAnswer, retry_after_s
from app.net.commands import Abandon, Command, Send
from protocol.messages import Pong, Posted, Refused, SignedOut, SignOut


class Desk:
    """Whoever asks, and what becomes of it."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.answers: list[object] = []
        self.requests = Requests(
            self.commands.append, lambda delay_s, due: self.timers.append((delay_s, due))
        )

    def ask(self) -> None:
        self.requests.ask(SignOut, SignedOut, self.answers.append, self.answers.append)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.requests.begin(7)
    return desk


def test_each_answer_goes_to_whoever_asked_and_once(desk: Desk) -> None:
    desk.ask()
    desk.ask()
    assert desk.commands == [Send(7, SignOut(2)), Send(7, SignOut(3))]
    assert desk.requests.take(Refused(3, "busy")) and desk.requests.take(SignedOut(2))
    assert desk.answers == [Refused(3, "busy"), SignedOut(2)]
    assert not desk.requests.take(SignedOut(2))
    assert not desk.requests.take(Pong(3, 0)) and not desk.requests.take(Refused(0, "malformed"))


def test_an_answer_of_another_kind_is_no_answer(desk: Desk) -> None:
    desk.ask()
    with pytest.raises(WrongAnswer):
        desk.requests.take(Posted(2, 1, 1, 5))
    assert desk.answers == []


@pytest.mark.parametrize("end", [Requests.end, Requests.forget, Requests.abandon])
def test_what_was_forgotten_is_not_answered(desk: Desk, end: Callable[[Requests], None]) -> None:
    desk.ask()
    end(desk.requests)
    desk.requests.begin(8)
    assert not desk.requests.take(SignedOut(2)) and desk.answers == []


def test_without_a_link_nothing_is_asked(desk: Desk) -> None:
    desk.requests.abandon()
    assert desk.commands == [Abandon(7)]
    desk.requests.abandon()
    desk.ask()
    assert len(desk.commands) == 1 and not desk.requests.is_linked
    assert not desk.requests.is_current(7)


@pytest.mark.parametrize("end", [Requests.end, Requests.forget, None])
def test_asking_again_is_for_the_same_session_only(
    desk: Desk, end: Callable[[Requests], None] | None
) -> None:
    calls: list[str] = []
    desk.requests.again(Refused(2, "busy", "", 500), lambda: calls.append("again"))
    if end is not None:
        end(desk.requests)
        desk.requests.begin(7)
    ((delay_s, due),) = desk.timers
    due()
    assert delay_s == 0.5 and calls == ([] if end else ["again"])


def test_no_server_is_granted_an_endless_wait() -> None:
    assert retry_after_s(Refused(1, "busy", "", 2**63 - 1)) == LONGEST_RETRY_S
    assert retry_after_s(Refused(1, "busy")) > 0
