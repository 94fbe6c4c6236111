"""Messages are let go of for their age where the operator wants that, and no others."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from protocol.messages import (
    Changed,
    Confirm,
    Confirmed,
    Done,
    Pin,
    Post,
    Posted,
    RoomMessage,
    Search,
    SetExpiry,
)
from protocol.messages import Found as FoundMessages
from server import settings
from server.background import retention as background
from server.domain.messages import retention
from server.domain.messages.retention import DAY_MS, Step
from server.service import Service
from server.storage.sqlite import open_store
from server.storage.sqlite.store import FILE_NAME
from tests.server.background.conftest import SECRET, fill
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD, Jump
from tests.support.clock import TestClock
from tests.support.running import running
from tests.support.wire import WireClient

KEEP_DAYS = 30
OLD_MS = NOW_MS - KEEP_DAYS * DAY_MS - 1


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look each time for what else is seen to once a minute and once an hour."""
    monkeypatch.setattr(background, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(background, "LOOK_AT_KEPT_EVERY_S", 0.0)


@contextmanager
def serving(data_dir: Path, clock: TestClock, keep_days: int = KEEP_DAYS) -> Iterator[Service]:
    chosen = settings.load(data_dir, {}, {"port": 0, "keep_days": keep_days})
    with running(data_dir, chosen, clock) as service:
        yield service


@contextmanager
def alice_at(service: Service) -> Iterator[WireClient]:
    with WireClient(service.port) as alice:
        assert alice.hello().keep_days == service.context.settings.keep_days
        alice.sign_in(ADMIN, PASSWORD)
        yield alice


def until_gone(client: WireClient, *ids: int) -> list[RoomMessage]:
    """Hear that these are gone, whether or not one was there when they went."""
    while True:
        messages = {message.id: message for message in client.whole_history()}
        if all(messages[one].withdrawn_at_ms for one in ids):
            return list(messages.values())
        client.expect(Changed)


def test_what_is_older_than_the_operator_wants_goes_and_the_rest_stays(
    data_dir: Path, clock: TestClock, jump: Jump
) -> None:
    fill(data_dir, OLD_MS - DAY_MS, OLD_MS, OLD_MS + 1, NOW_MS)
    with serving(data_dir, clock) as service, alice_at(service) as alice:
        messages = until_gone(alice, 1, 2)
        assert [one.text for one in messages] == ["", "", f"{SECRET} 3", f"{SECRET} 4"]
        assert messages[0].withdrawn_by == "" and messages[0].withdrawn_at_ms == NOW_MS
        found = alice.ask(Search(alice.number(), "code of the", 20), FoundMessages)
        assert [one.id for one in found.messages] == [4, 3]
        with WireClient(service.port) as later:
            later.hello()
            assert later.sign_in(ADMIN, PASSWORD).kept_from_id == 3
    for file in data_dir.glob(f"{FILE_NAME}*"):
        assert f"{SECRET} 1".encode() not in file.read_bytes()


def test_with_no_number_of_days_all_is_kept(data_dir: Path, clock: TestClock, jump: Jump) -> None:
    fill(data_dir, 1, NOW_MS, NOW_MS)
    with serving(data_dir, clock, keep_days=0) as service, alice_at(service) as alice:
        # Each of these is seen at a look of its own, a second after the other.
        for number in (2, 3):
            alice.ask(SetExpiry(alice.number(), number, NOW_MS + number), Done)
            jump(NOW_MS + number)
            until_gone(alice, number)
        assert alice.whole_history()[0].text == f"{SECRET} 1"
    with open_store(data_dir) as store:
        assert store.retention.kept_from_id() == 1


def test_many_go_some_at_a_time_and_all_of_them(
    data_dir: Path, clock: TestClock, jump: Jump
) -> None:
    count = 3 * 20 + 5
    fill(data_dir, *[OLD_MS] * count, NOW_MS)
    steps: list[Step] = []
    with open_store(data_dir) as store:
        while not steps or not steps[-1].is_last:
            with store.transaction():
                steps.append(retention.let_go(store, KEEP_DAYS, NOW_MS, 20))
        assert [len(step.gone) for step in steps] == [20, 20, 20, 5]
        assert store.retention.kept_from_id() == count + 1
        assert [one.revision for step in steps for one in step.gone] == [
            count + 2 + number for number in range(count)
        ], "each is a change of its own (P4)"


def test_what_is_pinned_stays_until_it_is_not(data_dir: Path, clock: TestClock, jump: Jump) -> None:
    fill(data_dir, NOW_MS, NOW_MS)
    with serving(data_dir, clock) as service, alice_at(service) as alice:
        alice.ask(Pin(alice.number(), 1, True), Done)
        jump(NOW_MS + KEEP_DAYS * DAY_MS + 1)
        messages = until_gone(alice, 2)
        assert messages[0].text == f"{SECRET} 1"
        assert alice.history().messages[-1].pinned_at_ms
        alice.ask(Pin(alice.number(), 1, False), Done)
        until_gone(alice, 1)


def test_what_somebody_is_yet_to_answer_stays_and_the_record_in_any_case(
    data_dir: Path, clock: TestClock, jump: Jump
) -> None:
    with (
        serving(data_dir, clock) as service,
        alice_at(service) as alice,
        WireClient(service.port) as bob,
    ):
        bob.hello()
        bob.register("bob", PASSWORD)
        for number in (1, 2):
            alice.ask(Post(alice.number(), bytes([number]) * 16, SECRET, answers=("",)), Posted)
        bob.ask(Confirm(bob.number(), 1, 1), Confirmed)
        jump(NOW_MS + KEEP_DAYS * DAY_MS + 1)
        messages = until_gone(alice, 1)
        assert messages[1].text == SECRET
        bob.ask(Confirm(bob.number(), 2, 1), Confirmed)
        until_gone(alice, 2)
    with open_store(data_dir) as store:
        assert [entry.message_id for entry, _ in store.receipts.record()] == [1, 2]
