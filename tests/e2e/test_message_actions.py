"""A message's life end to end: a real server process, real clients without
windows, some of them away while it happens."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.models.operation import OperationStatus
from app.models.room.outbox_item import Draft
from protocol.messages import Priority, RoomMessage
from tests.e2e.conftest import Headless
from tests.support.headless import HeadlessClient
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

SECRET = "the lift in block C is out of order"


@pytest.fixture
def alice(headless: Headless) -> HeadlessClient:
    client = headless("alice")
    client.sign_in(ADMIN, PASSWORD)
    return client


@pytest.fixture
def bob(headless: Headless) -> HeadlessClient:
    client = headless("bob")
    client.register("bob", PASSWORD)
    return client


def held(client: HeadlessClient) -> list[RoomMessage]:
    """What the client keeps."""
    cache = client.client.kept.cache
    return cache.after(0, 1000) if cache else []


def post(author: HeadlessClient, *drafts: Draft) -> None:
    for draft in drafts:
        author.client.posting.send(draft)
    author.until_sent()
    last = drafts[-1].text
    author.until(lambda: last in author.feed.texts, "to hear itself")


def do(author: HeadlessClient, deed: Callable[[], None]) -> None:
    """Do it, and again where the connection broke before the answer."""
    operation = author.client.pages.message_actions.operation
    author.client.message_actions.forget_operation()
    while operation.status is not OperationStatus.DONE:
        author.until_live()
        deed()
        author.until(lambda: not operation.is_under_way, f"the end of {operation.deed}")
        assert operation.status is not OperationStatus.REFUSED, operation.reason


def test_p4_whoever_was_away_comes_back_to_the_room_as_it_is(
    server: ServerProcess, alice: HeadlessClient, bob: HeadlessClient, tmp_path: Path
) -> None:
    post(alice, Draft("at noon"), Draft(SECRET), Draft("stays", Priority.IMPORTANT))
    bob.until(lambda: bob.feed.texts == ["at noon", SECRET, "stays"], "to hear all three")
    edited, secret, pinned = held(alice)
    server.kill()
    server.start()
    alice.until_live()
    do(alice, lambda: alice.client.message_actions.edit(edited, "at one"))
    do(alice, lambda: alice.client.message_actions.withdraw(secret))
    do(alice, lambda: alice.client.message_actions.pin(pinned, True))
    bob.until_live()
    # An answer may come before the change that it is about.
    alice.until(lambda: alice.client.timeline.complete_through == 6, "to hear it all")
    bob.until(lambda: bob.client.timeline.complete_through == 6, "to hear it all")
    assert bob.feed.texts == alice.feed.texts == ["at one", "", "stays"]
    assert held(bob) == held(alice)
    assert [one.id for one in bob.client.pages.message_actions.pins.messages] == [pinned.id]
    for name, client in (("alice", alice), ("bob", bob)):
        client.client.close()
        files = [path for path in (tmp_path / name).rglob("*") if path.is_file()]
        assert files and all(SECRET.encode() not in path.read_bytes() for path in files)


def test_a_message_that_expires_is_gone_everywhere(
    alice: HeadlessClient, bob: HeadlessClient
) -> None:
    post(alice, Draft(SECRET))
    (one,) = held(alice)
    do(alice, lambda: alice.client.message_actions.set_expiry(one, one.posted_at_ms + 3_000))
    bob.until(lambda: bob.feed.texts == [""], "to see it withdraw itself")
    (gone,) = held(bob)
    assert (gone.withdrawn_by, gone.text) == ("", "") and gone.withdrawn_at_ms > one.posted_at_ms
