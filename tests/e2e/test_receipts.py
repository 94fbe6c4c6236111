"""Seen and confirmed, end to end: a real server that is killed in between, and
real clients without windows."""

import pytest

from app.models.room.outbox_item import Draft
from protocol.messages import RoomMessage, Tally
from server.storage.sqlite.checks.verify import findings
from tests.e2e.conftest import Headless
from tests.support.headless import HeadlessClient
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def ask(author: HeadlessClient, *answers: str) -> RoomMessage:
    author.client.posting.send(Draft("Where are you?", answers=answers))
    author.until_sent()
    author.until(lambda: bool(author.feed.shown), "to hear itself")
    return author.feed.shown[-1]


def until_asked(client: HeadlessClient, asked: RoomMessage) -> None:
    receipts = client.client.pages.receipts
    client.until(lambda: receipts.own_receipt(asked.id) is not None, "to be asked")


def test_p1_p2_an_answer_survives_whatever_breaks_and_counts_once(
    server: ServerProcess, headless: Headless
) -> None:
    alice, bob, carol = headless("alice"), headless("bob"), headless("carol")
    alice.sign_in(ADMIN, PASSWORD)
    bob.register("bob", PASSWORD)
    carol.register("carol", PASSWORD)
    asked = ask(alice, "Here", "Need help")
    for client in (bob, carol):
        until_asked(client, asked)
    tallies = alice.client.pages.receipts

    def both_answered() -> bool:
        # A window asks whenever it shows the message, so again after a break.
        alice.client.receipts.need_tallies(asked.id, asked.id)
        return tallies.tally(asked.id) == Tally(asked.id, 2, 1, (1, 1))

    assert not both_answered()
    bob.client.receipts.answer(asked.id, 2)
    bob.until(lambda: not bob.client.pages.receipts.waiting, "the answer to be taken")
    server.kill()
    carol.client.receipts.answer(asked.id, 1)
    carol.client.receipts.mark_seen(asked.id, asked.id)
    server.start()
    carol.until(lambda: not carol.client.pages.receipts.waiting, "the answer to be taken")
    alice.until(both_answered, "to see both answers")
    alice.client.roster.open(asked)
    roster = alice.client.pages.roster
    alice.until(lambda: roster.is_known, "the roster")
    assert sorted((one.username, one.choice) for one in roster.entries) == [
        ("bob", 2),
        ("carol", 1),
    ]
    assert server.stop() == 0
    assert findings(server.data_dir / "room.db") == []


def test_a_reminder_reaches_who_was_away(server: ServerProcess, headless: Headless) -> None:
    alice, bob = headless("alice"), headless("bob")
    alice.sign_in(ADMIN, PASSWORD)
    bob.register("bob", PASSWORD)
    bob.client.session.sign_out()
    bob.until(lambda: bob.client.account.person is None, "to be signed out")
    asked = ask(alice, "")
    alice.client.roster.open(asked)
    roster = alice.client.pages.roster
    alice.until(lambda: roster.is_known, "the roster")
    alice.client.roster.remind()
    alice.until(
        lambda: roster.operation.params == {"n": 0, "away": 1}, "to be told whom it reaches"
    )
    bob.sign_in("bob", PASSWORD)
    until_asked(bob, asked)
    own_receipt = bob.client.pages.receipts.own_receipt(asked.id)
    assert own_receipt is not None and own_receipt.reminded_at_ms > 0
