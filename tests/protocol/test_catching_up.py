"""P4: the rules under "Catching up" in docs/protocol.md, followed to the letter
by a client in memory, against a room in which anything may happen at any time:
posts and changes, answers that are read early and arrive late, pushes held
back, breaks. The rules themselves are under test: an implementation is right
if it follows them.
"""

from collections.abc import Iterable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocol.messages import (
    Changed,
    Changes,
    GetHistory,
    History,
    Lagging,
    Pong,
    Refused,
    RoomMessage,
    SignedIn,
    Sync,
    WireMessage,
)
from protocol.refusals import Refusal
from tests.protocol.samples import PERSON

PAGE = 3
"""Small, so that every catch-up takes several pages."""


def message_at(id: int, revision: int) -> RoomMessage:
    return RoomMessage(id, revision, 1, "Amelia", 0, f"#{id} as of {revision}", bytes(16))


class Follower:
    """The client's side, line by line as the document has it."""

    def __init__(self) -> None:
        self.forget()
        self.number = 0

    def forget(self) -> None:
        self.messages: dict[int, RoomMessage] = {}
        self.floor = 0
        """0: there is none."""
        self.complete_through = 0
        self.known = 0
        self.aside: list[RoomMessage] = []
        self.sync: Sync | None = None
        self.page: GetHistory | None = None
        self.said: list[Sync | GetHistory] = []

    def break_off(self) -> None:
        self.sync = self.page = None
        self.said.clear()
        self.aside.clear()

    def hear(self, heard: WireMessage) -> None:
        match heard:
            case SignedIn(revision=revision):
                if not self.floor:
                    self.complete_through = self.known = revision
                    self.ask_for_page(0)
                elif self.complete_through > revision:
                    self.ask_for_changes()
                self.hear_of(revision)
            case Changed(message=message):
                if message.revision == self.complete_through + 1:
                    self.take([message])
                    self.complete_through += 1
                self.hear_of(message.revision)
            case Changes(messages=messages, complete_through=through, revision=revision):
                self.sync = None
                self.take(messages)
                self.complete_through = max(self.complete_through, through)
                self.hear_of(revision)
            case History(messages=messages, more=more):
                self.page = None
                self.floor = min(message.id for message in messages) if more else 1
                aside, self.aside = self.aside, []
                self.take([*messages, *aside])
            case Pong(revision=revision) | Lagging(revision=revision):
                self.hear_of(revision)
            case Refused(code=Refusal.AHEAD_OF_ROOM):
                self.forget()

    def hear_of(self, revision: int) -> None:
        self.known = max(self.known, revision)
        if self.known > self.complete_through and not self.sync:
            self.ask_for_changes()

    def take(self, messages: Iterable[RoomMessage]) -> None:
        for message in messages:
            held = self.messages.get(message.id)
            if held and held.revision >= message.revision:
                continue
            if held or (self.floor and message.id >= self.floor):
                self.messages[message.id] = message
            elif self.page:
                self.aside.append(message)

    def ask_for_changes(self) -> None:
        self.number += 1
        self.sync = Sync(self.number, self.complete_through)
        self.said.append(self.sync)

    def ask_for_page(self, before_id: int) -> None:
        self.number += 1
        self.page = GetHistory(self.number, before_id, PAGE)
        self.said.append(self.page)


class Following(RuleBasedStateMachine):
    """The room and the wire. `stored` runs ahead of `published`, and what was
    read waits in `answers` while pushes overtake it."""

    def __init__(self) -> None:
        super().__init__()
        self.revisions: dict[int, list[int]] = {}
        self.revision = 0
        self.published = 0
        self.unpublished: list[RoomMessage] = []
        self.answers: list[WireMessage] = []
        self.wire: list[WireMessage] = []
        self.lagging = False
        self.client = Follower()
        self.comes_back()

    def latest(self, id: int) -> RoomMessage:
        return message_at(id, self.revisions[id][-1])

    # -- the room --------------------------------------------------------------

    def store(self, id: int) -> None:
        self.revision += 1
        self.revisions.setdefault(id, []).append(self.revision)
        self.unpublished.append(message_at(id, self.revision))

    @rule(count=st.integers(1, 5))
    def is_posted_to(self, count: int) -> None:
        for _ in range(count):
            self.store(len(self.revisions) + 1)

    @precondition(lambda self: self.revisions)
    @rule(back=st.integers(0, 8))
    def has_a_message_changed(self, back: int) -> None:
        self.store(max(1, len(self.revisions) - back))

    @precondition(lambda self: self.unpublished)
    @rule()
    def publishes(self) -> None:
        message = self.unpublished.pop(0)
        self.published = message.revision
        if not self.lagging:
            self.wire.append(Changed(message))

    @rule()
    def holds_back(self) -> None:
        self.lagging = True

    @precondition(lambda self: self.lagging)
    @rule()
    def has_drained(self) -> None:
        self.lagging = False
        self.wire.append(Lagging(self.published))

    @rule()
    def is_pinged(self) -> None:
        self.wire.append(Pong(0, self.published))

    @precondition(lambda self: self.client.said)
    @rule()
    def reads(self) -> None:
        match self.client.said.pop(0):
            case Sync(request=request, after_revision=after):
                changed = sorted(
                    (self.latest(id) for id in self.revisions), key=lambda m: m.revision
                )
                page = [message for message in changed if message.revision > after][:PAGE]
                through = page[-1].revision if page else after
                answer = Changes(request, tuple(page), through, self.revision)
                self.answers.append(answer)
            case GetHistory(request=request, before_id=before, limit=limit):
                ids = sorted(id for id in self.revisions if not before or id < before)[::-1]
                found = tuple(self.latest(id) for id in ids[:limit])
                self.answers.append(History(request, found, len(ids) > limit))

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def answers_one(self, data: st.DataObject) -> None:
        self.wire.append(self.answers.pop(data.draw(st.integers(0, len(self.answers) - 1))))

    # -- the client ------------------------------------------------------------

    @precondition(lambda self: self.wire)
    @rule(count=st.integers(1, 4))
    def hears(self, count: int) -> None:
        for _ in range(min(count, len(self.wire))):
            self.client.hear(self.wire.pop(0))

    @precondition(lambda self: self.client.floor > 1 and not self.client.page)
    @rule()
    def scrolls_up(self) -> None:
        self.client.ask_for_page(self.client.floor)

    @rule(chance=st.integers(0, 3))
    def breaks_off(self, chance: int) -> None:
        if not chance:
            self.client.break_off()
            self.comes_back()

    def comes_back(self) -> None:
        self.answers.clear()
        self.lagging = False
        self.wire = [SignedIn(1, PERSON, bytes(32), self.published, len(self.revisions))]

    # -- what always holds -----------------------------------------------------

    @invariant()
    def p4_up_to_date_means_that_nothing_is_missing(self) -> None:
        client = self.client
        if client.known > client.complete_through or not client.floor:
            return
        for id in range(client.floor, len(self.revisions) + 1):
            due = [r for r in self.revisions[id] if r <= client.complete_through]
            if due:
                assert client.messages[id].revision >= due[-1], f"#{id} at {due[-1]} is missing"

    def teardown(self) -> None:
        """Let everything happen that is still to happen."""
        while self.unpublished:
            self.publishes()
        if self.lagging:
            self.has_drained()
        while self.wire or self.client.said or self.answers:
            while self.client.said:
                self.reads()
            self.wire += self.answers
            self.answers.clear()
            while self.wire:
                self.client.hear(self.wire.pop(0))
        client = self.client
        assert client.complete_through == client.known == self.revision
        assert client.messages == {
            id: self.latest(id) for id in range(client.floor, len(self.revisions) + 1)
        }


Following.TestCase.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
TestFollowing = Following.TestCase


# What the machine above meets too seldom, told as stories.


def signed_in(revision: int) -> SignedIn:
    return SignedIn(1, PERSON, bytes(32), revision, 0)


def test_p4_a_room_that_was_set_back_is_begun_anew() -> None:
    client = Follower()
    client.hear(signed_in(2))
    client.hear(History(1, (message_at(2, 2), message_at(1, 1)), False))
    client.break_off()
    client.hear(signed_in(1))
    assert client.said == [Sync(2, 2)]
    client.hear(Refused(2, Refusal.AHEAD_OF_ROOM))
    client.hear(signed_in(1))
    assert client.said == [GetHistory(3, 0, PAGE)]
    client.hear(History(3, (message_at(1, 1),), False))
    assert client.messages == {1: message_at(1, 1)}
    assert client.complete_through == client.known == 1


def test_p4_a_late_answer_does_not_undo_a_later_change() -> None:
    client = Follower()
    client.hear(signed_in(1))
    client.hear(History(1, (message_at(1, 1),), False))
    client.break_off()
    # Less than it has: it asks, while pushes go on from where it is.
    client.hear(signed_in(0))
    client.hear(Changed(message_at(1, 1)))
    client.hear(Changed(message_at(1, 2)))
    client.hear(Changed(message_at(1, 3)))
    client.hear(Changes(2, (message_at(1, 2),), 2, 2))
    assert client.messages == {1: message_at(1, 3)}
    assert client.complete_through == client.known == 3
