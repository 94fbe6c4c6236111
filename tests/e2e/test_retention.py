"""Retention end to end: the operator has messages kept for some days, and those that are
older are gone from the server's disk and from a member's."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.models.room.outbox_item import Draft
from tests.e2e.conftest import Headless
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

DAY_MS = 24 * 3_600_000


def test_what_is_past_its_time_is_gone_from_every_disk(
    server: ServerProcess, headless: Headless, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    alice, bob = headless("alice"), headless("bob")
    alice.sign_in(ADMIN, PASSWORD)
    bob.register("bob", PASSWORD)
    for text in ("an old secret", "an old pinned one", "today's"):
        alice.client.posting.send(Draft(text))
    alice.until_sent()
    pinned = alice.client.timeline.held(2)
    assert pinned is not None
    alice.client.message_actions.pin(pinned, True)
    bob.until(lambda: len(bob.client.pages.message_actions.pins.all) == 1, "to see the pin")
    server.kill()
    with closing(sqlite3.connect(server.data_dir / "room.db")) as room:
        older = "UPDATE messages SET posted_at_ms = posted_at_ms - ? WHERE id < 3"
        room.execute(older, (31 * DAY_MS,))
        room.commit()
    monkeypatch.setenv("ROSTRUM_KEEP_DAYS", "30")
    server.start()
    for person in (alice, bob):
        person.until(
            lambda: person.feed.texts[:2] == ["", "an old pinned one"],  # noqa: B023
            "the first to be gone",
        )
    room_info = bob.client.status.room
    assert room_info is not None and room_info.keep_days == 30
    again = headless("again")
    again.sign_in("bob", PASSWORD)
    again.until(lambda: again.feed.texts == ["today's"], "to begin where the room does")
    assert again.feed.at_start
    # The pinned one is still there for whoever goes to it.
    assert again.client.room.show_from(2)
    again.until(lambda: "an old pinned one" in again.feed.texts, "to go to the pinned one")
    for person in (alice, bob, again):
        person.client.close()
    server.stop()
    for file in tmp_path.rglob("*.db*"):
        assert b"an old secret" not in file.read_bytes(), file
