"""Messages that are posted later, over the wire: when their time comes, whoever of the
administrators changes them, and whatever becomes of the server and of their author."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from protocol.limits import MAX_POSTED_LATE_MS, MAX_SCHEDULE_AHEAD_MS, MAX_SCHEDULED
from protocol.messages import (
    Audit,
    CancelScheduled,
    Changed,
    ChangeScheduled,
    Done,
    GetAudit,
    GetScheduled,
    Hold,
    Priority,
    Role,
    RoomMessage,
    Schedule,
    Scheduled,
    ScheduledMessage,
    SendScheduled,
    SetRole,
    Upcoming,
    WireMessage,
    YouChanged,
)
from protocol.refusals import Refusal
from server import settings
from server.domain.messages.history import Draft
from server.domain.messages.schedule_store import Plan
from server.storage.sqlite import open_store
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD, Connect, Jump
from tests.support.clock import TestClock
from tests.support.running import running
from tests.support.wire import WireClient

HOUR_MS = 3_600_000
AT_MS = NOW_MS + HOUR_MS
TEXT = "The drill is at eleven."


@pytest.fixture
def alice(connect: Connect, jump: Jump) -> WireClient:
    client = connect()
    client.sign_in(ADMIN, PASSWORD)
    assert client.expect(Upcoming) == Upcoming(0)
    return client


@pytest.fixture
def carol(alice: WireClient, connect: Connect) -> WireClient:
    """A second administrator."""
    client = connect()
    person = client.register("carol", PASSWORD, "Carol Reyes").person
    alice.ask(SetRole(alice.number(), person.id, Role.ADMIN), Done)
    client.expect(YouChanged)
    client.expect(Upcoming)
    return client


def schedule(
    client: WireClient, at_ms: int = AT_MS, text: str = TEXT, key: int = 1, **more: object
) -> Upcoming:
    number, post_id = client.number(), key.to_bytes(16, "big")
    client.ask(Schedule(number, post_id, at_ms, text, **more), Done)  # type: ignore[arg-type]
    return client.expect(Upcoming)


def listed(client: WireClient) -> tuple[ScheduledMessage, ...]:
    return client.ask(GetScheduled(client.number(), 0, MAX_SCHEDULED), Scheduled).messages


def heard(client: WireClient) -> RoomMessage:
    return client.expect(Changed).message


def test_it_is_posted_when_its_time_has_come_and_lives_from_then_on(
    alice: WireClient, bob: WireClient, jump: Jump
) -> None:
    told = schedule(
        alice, priority=Priority.IMPORTANT, answers=("Here", "Away"), lifetime_ms=HOUR_MS
    )
    assert told == Upcoming(1, AT_MS)
    (waiting,) = listed(alice)
    assert waiting == ScheduledMessage(
        1, 1, AT_MS, 1, "Amelia Hart", TEXT, Priority.IMPORTANT, ("Here", "Away"), HOUR_MS
    )
    jump(AT_MS - 1)
    alice.barrier()
    assert listed(alice) == (waiting,)
    jump(AT_MS)
    message = heard(bob)
    assert (message.text, message.answers) == (TEXT, ("Here", "Away"))
    assert (message.priority, message.author_name) == (Priority.IMPORTANT, "Amelia Hart")
    assert (message.posted_at_ms, message.expires_at_ms) == (AT_MS, AT_MS + HOUR_MS)
    assert (message.post_id, message.due_at_ms) == ((1).to_bytes(16, "big"), 0)
    assert alice.expect(Upcoming) == Upcoming(0)
    assert listed(alice) == ()
    assert alice.history().messages == (message,)


def test_those_that_are_due_together_come_in_the_order_of_their_times(
    alice: WireClient, bob: WireClient, jump: Jump
) -> None:
    for key, (at_ms, text) in enumerate(
        ((AT_MS + 2, "third"), (AT_MS, "first"), (AT_MS + 1, "second")), 1
    ):
        schedule(alice, at_ms, text, key)
    assert [one.text for one in listed(alice)] == ["first", "second", "third"]
    jump(AT_MS + 5)
    assert [heard(bob).text for _ in range(3)] == ["first", "second", "third"]


def test_p2_the_same_one_again_is_one_whatever_has_become_of_it(
    alice: WireClient, carol: WireClient, jump: Jump
) -> None:
    again = Schedule(0, (1).to_bytes(16, "big"), AT_MS, TEXT)

    def once_more() -> None:
        alice.ask(msgspec.structs.replace(again, request=alice.number()), Done)

    schedule(alice)
    once_more()
    (waiting,) = listed(alice)
    carol.ask(ChangeScheduled(carol.number(), 1, 1, AT_MS + 1, "At noon."), Done)
    once_more()
    assert [one.text for one in listed(alice)] == ["At noon."]
    jump(AT_MS + 1)
    assert heard(alice).text == "At noon."
    once_more()
    schedule(alice, AT_MS + HOUR_MS, key=2)
    alice.ask(CancelScheduled(alice.number(), 2, 1), Done)
    alice.ask(Schedule(alice.number(), (2).to_bytes(16, "big"), AT_MS + HOUR_MS, TEXT), Done)
    assert listed(alice) == () and len(alice.history().messages) == 1
    assert waiting.version == 1


def test_whoever_changes_it_says_it(alice: WireClient, carol: WireClient, jump: Jump) -> None:
    schedule(alice)
    carol.ask(ChangeScheduled(carol.number(), 1, 1, AT_MS + HOUR_MS, "At noon."), Done)
    (changed,) = listed(alice)
    assert (changed.version, changed.author_name, changed.text) == (2, "Carol Reyes", "At noon.")
    jump(AT_MS + HOUR_MS)
    assert heard(alice).author_name == "Carol Reyes"


def test_any_administrator_sends_it_now_or_cancels_it(
    alice: WireClient, bob: WireClient, carol: WireClient
) -> None:
    schedule(alice, lifetime_ms=HOUR_MS)
    schedule(alice, text="Never to be.", key=2)
    carol.ask(CancelScheduled(carol.number(), 2, 1), Done)
    carol.ask(SendScheduled(carol.number(), 1, 1), Done)
    message = heard(bob)
    assert (message.text, message.author_name, message.due_at_ms) == (TEXT, "Amelia Hart", 0)
    assert message.expires_at_ms == NOW_MS + HOUR_MS
    assert listed(alice) == ()
    entries = alice.ask(GetAudit(alice.number(), 0, 4), Audit).entries
    assert [(one.actor, one.action, one.subject, one.detail) for one in entries] == [
        ("carol", "schedule_sent", "#1", "for 2026-11-23T16:00:00Z"),
        ("carol", "schedule_cancelled", "", "for 2026-11-23T16:00:00Z"),
        ("alice", "message_scheduled", "", "for 2026-11-23T16:00:00Z"),
        ("alice", "message_scheduled", "", "for 2026-11-23T16:00:00Z"),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda number: ChangeScheduled(number, 1, 1, AT_MS, "mine"),
        lambda number: SendScheduled(number, 1, 1),
        lambda number: CancelScheduled(number, 1, 1),
    ],
)
def test_nobody_overrides_what_they_have_not_read(
    alice: WireClient, carol: WireClient, make: Callable[[int], WireMessage]
) -> None:
    schedule(alice)
    alice.ask(ChangeScheduled(alice.number(), 1, 1, AT_MS, "changed"), Done)
    assert carol.refusal(make(carol.number())).code == Refusal.CHANGED_MEANWHILE
    assert [one.text for one in listed(alice)] == ["changed"]
    alice.ask(CancelScheduled(alice.number(), 1, 2), Done)
    assert carol.refusal(make(carol.number())).code == Refusal.NOT_FOUND


@pytest.mark.parametrize(
    ("at_ms", "text", "answers", "code"),
    [
        (NOW_MS, TEXT, (), Refusal.SCHEDULE_TIME_INVALID),
        (1, TEXT, (), Refusal.SCHEDULE_TIME_INVALID),
        (NOW_MS + MAX_SCHEDULE_AHEAD_MS + 1, TEXT, (), Refusal.SCHEDULE_TIME_INVALID),
        (AT_MS, " ", (), Refusal.TEXT_EMPTY),
        (AT_MS, "x" * 4001, (), Refusal.TEXT_TOO_LONG),
        (AT_MS, "a\x00", (), Refusal.TEXT_INVALID),
        (AT_MS, TEXT, ("alone",), Refusal.ANSWERS_INVALID),
    ],
)
def test_p10_what_could_not_be_posted_is_not_scheduled(
    alice: WireClient, at_ms: int, text: str, answers: tuple[str, ...], code: Refusal
) -> None:
    schedule(alice)
    refused = alice.refusal(
        Schedule(alice.number(), b"x" * 16, at_ms, text, Priority.NORMAL, answers)
    )
    assert refused.code == code
    refused = alice.refusal(
        ChangeScheduled(alice.number(), 1, 1, at_ms, text, Priority.NORMAL, answers)
    )
    assert refused.code == code
    assert [one.text for one in listed(alice)] == [TEXT]


def test_p10_there_is_an_end_of_them_and_long_ones_come_in_pages(alice: WireClient) -> None:
    for number in range(MAX_SCHEDULED):
        schedule(alice, AT_MS + number, f"{number} ".ljust(4000, "x"), number)
    refused = alice.refusal(Schedule(alice.number(), b"x" * 16, AT_MS, TEXT))
    assert refused.code == Refusal.TOO_MANY_SCHEDULED
    found: list[ScheduledMessage] = []
    more = True
    while more:
        page = alice.ask(GetScheduled(alice.number(), len(found), MAX_SCHEDULED), Scheduled)
        assert page.messages
        found += page.messages
        more = page.more
    assert [one.at_ms for one in found] == [AT_MS + number for number in range(MAX_SCHEDULED)]


def test_p6_members_neither_hear_of_it_nor_change_it(alice: WireClient, bob: WireClient) -> None:
    schedule(alice)
    for message in (
        Schedule(bob.number(), bytes(16), AT_MS, TEXT),
        ChangeScheduled(bob.number(), 1, 1, AT_MS, TEXT),
        SendScheduled(bob.number(), 1, 1),
        CancelScheduled(bob.number(), 1, 1),
        GetScheduled(bob.number(), 0, 1),
    ):
        assert bob.refusal(message).code == Refusal.NOT_PERMITTED
    bob.barrier_despite_refusals()
    assert not [one for one in bob.heard if isinstance(one, Upcoming | Changed)]
    assert len(listed(alice)) == 1


def test_p8_nothing_is_said_for_one_who_may_not_speak_any_more(
    alice: WireClient, carol: WireClient, bob: WireClient, jump: Jump
) -> None:
    schedule(carol)
    (waiting,) = listed(alice)
    alice.ask(SetRole(alice.number(), waiting.author_id, Role.MEMBER), Done)
    jump(AT_MS)
    while (told := alice.expect(Upcoming)).held == 0:
        pass
    assert told == Upcoming(1, 0, 1)
    (held,) = listed(alice)
    assert (held.held, held.version) == (Hold.AUTHOR, 2)
    assert alice.history().messages == ()
    # Who sends it says it.
    alice.ask(SendScheduled(alice.number(), held.id, held.version), Done)
    message = heard(bob)
    assert (message.text, message.author_name) == (TEXT, "Amelia Hart")


@pytest.mark.parametrize(
    ("late_ms", "due_at_ms"), [(59_999, 0), (60_000, AT_MS), (MAX_POSTED_LATE_MS, AT_MS)]
)
def test_p1_a_server_that_was_down_posts_late_and_says_so(
    data_dir: Path, late_ms: int, due_at_ms: int
) -> None:
    schedule_in(data_dir)
    clock = TestClock()
    clock.set_ms = AT_MS + late_ms
    with (
        running(data_dir, settings.load(data_dir, {}, {"port": 0}), clock) as service,
        WireClient(service.port) as alice,
    ):
        alice.hello()
        if not alice.sign_in(ADMIN, PASSWORD).revision:
            heard(alice)
        (message,) = alice.history().messages
        assert (message.text, message.due_at_ms) == (TEXT, due_at_ms)
        assert message.posted_at_ms == AT_MS + late_ms


def test_after_more_than_a_day_an_administrator_is_asked(data_dir: Path) -> None:
    schedule_in(data_dir)
    clock = TestClock()
    clock.set_ms = now_ms = AT_MS + MAX_POSTED_LATE_MS + 1
    with (
        running(data_dir, settings.load(data_dir, {}, {"port": 0}), clock) as service,
        WireClient(service.port) as alice,
    ):
        alice.hello()
        alice.sign_in(ADMIN, PASSWORD)
        while (told := alice.expect(Upcoming)).held == 0:
            pass
        (held,) = listed(alice)
        assert (told, held.held) == (Upcoming(1, 0, 1), Hold.LATE)
        assert alice.history().messages == ()
        alice.ask(
            ChangeScheduled(alice.number(), held.id, held.version, now_ms + HOUR_MS, TEXT), Done
        )
        assert listed(alice)[0].held is Hold.NONE
        clock.set_ms = now_ms + HOUR_MS
        assert heard(alice).due_at_ms == 0, "it came at its time"


def schedule_in(data_dir: Path) -> None:
    """Have something scheduled by a server that is down when its time comes."""
    with open_store(data_dir) as store, store.transaction():
        author = store.users.by_name(ADMIN)
        assert author is not None
        store.schedule.add(author, bytes(16), Plan(AT_MS, Draft(TEXT), 0))
