"""Coroutines on one thread: what they await, and what they leave behind."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from server.transport.jobs import Job, Pause, start, start_unwatched
from server.transport.reactor import Reactor


class Trouble(Exception):
    """Something went wrong, on purpose."""


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    reactor = Reactor()
    yield reactor
    reactor.close()


def test_what_waits_for_nothing_is_done_at_once() -> None:
    async def steps() -> int:
        return 7

    job = start(steps())
    assert job.is_done and job.result() == 7


def test_a_coroutine_goes_on_when_each_of_its_jobs_is_done() -> None:
    first: Job[int] = Job()
    second: Job[int] = Job()
    passed: list[str] = []

    async def steps() -> int:
        one = await first
        passed.append("first")
        return one + await second

    job = start(steps())
    second.succeed(2)
    assert not passed and not job.is_done, "in the order in which it is written"
    first.succeed(1)
    assert passed == ["first"] and job.result() == 3, "what is done is not waited for"


def test_what_went_wrong_is_raised_where_it_was_awaited() -> None:
    asked: Job[int] = Job()

    async def steps() -> str:
        try:
            await asked
        except Trouble:
            return "told"
        return "missed"

    job = start(steps())
    asked.fail(Trouble())
    assert job.result() == "told"


def test_an_error_that_is_not_caught_is_the_outcome() -> None:
    asked: Job[int] = Job()

    async def inner() -> int:
        return await asked

    async def steps() -> int:
        return await inner()

    job = start(steps())
    asked.fail(Trouble())
    assert isinstance(job.exception(), Trouble)
    with pytest.raises(Trouble):
        job.result()


def test_whoever_asks_after_the_end_is_told_at_once() -> None:
    job: Job[int] = Job()
    told: list[int] = []
    job.when_done(lambda job: told.append(job.result()))
    assert not told
    job.succeed(1)
    job.when_done(lambda job: told.append(job.result()))
    assert told == [1, 1]


class Held:
    """What a session is to a request: something large that a coroutine holds."""


def test_a_failed_coroutine_lets_go_of_what_it_held() -> None:
    asked: Job[int] = Job()
    held = Held()
    is_held = weakref.ref(held)

    async def inner(held: Held) -> int:
        return await asked

    async def steps(held: Held) -> int:
        return await inner(held)

    outcomes: list[str] = []
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        start(steps(held)).when_done(lambda job: outcomes.append(repr(job.exception())))
        del held
        assert is_held() is not None
        asked.fail(Trouble())
        assert outcomes == ["Trouble()"]
        assert is_held() is None, "without the collector of cycles"
    finally:
        if was_enabled:
            gc.enable()


def test_what_nobody_waits_for_says_what_went_wrong(caplog: pytest.LogCaptureFixture) -> None:
    async def steps() -> None:
        raise Trouble("broken on purpose")

    start_unwatched(steps())
    assert "broken on purpose" in caplog.text


def test_a_pause_ends_by_itself(reactor: Reactor) -> None:
    pause = Pause(reactor, 0.01)
    while not pause.is_done:
        reactor.turn(1)
    pause.end()


def test_a_pause_can_be_cut_short(reactor: Reactor) -> None:
    told: list[str] = []
    pause = Pause(reactor, 60)
    pause.when_done(lambda _job: told.append("over"))
    pause.end()
    pause.end()
    assert told == ["over"]
    assert reactor._wait_s(None) is not None, "the timer's place is still in the heap"
    reactor.turn(0)
    assert told == ["over"]
