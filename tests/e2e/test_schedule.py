"""Posting later end to end: over a server that is killed and comes back, with two
administrators."""

import time

import pytest

from app.models.room.outbox_item import Draft
from tests.e2e.conftest import Headless
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

SOON_MS = 5_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_p1_p2_what_is_scheduled_is_heard_once_whatever_becomes_of_the_server(
    server: ServerProcess, headless: Headless
) -> None:
    alice, bob = headless("alice"), headless("bob")
    alice.sign_in(ADMIN, PASSWORD)
    bob.register("bob", PASSWORD)
    upcoming = alice.client.pages.schedule
    later_ms = now_ms() + 24 * 3_600_000
    alice.client.posting.send(Draft("Never to be.", at_ms=later_ms))
    alice.client.posting.send(Draft("In the morning.", at_ms=later_ms + 1))
    alice.client.posting.send(Draft("In a moment.", at_ms=now_ms() + SOON_MS))
    alice.until_sent()
    alice.until(lambda: upcoming.upcoming.count >= 2, "to know what is scheduled")
    server.kill()
    server.start()
    bob.until(lambda: bob.feed.texts == ["In a moment."], "to hear what was due")
    page = alice.client.pages.schedule.page
    alice.client.schedule.list.open()
    alice.until(lambda: len(page.listing.items) == 2, "to list the others")
    never, morning = page.listing.items
    alice.client.schedule.cancel(never)
    alice.until(lambda: len(page.listing.items) == 1, "it to be cancelled")
    alice.client.schedule.send_now(morning)
    bob.until(lambda: bob.feed.texts == ["In a moment.", "In the morning."], "to hear it now")
    assert bob.client.pages.schedule.upcoming.count == 0
    alice.until(lambda: upcoming.upcoming.count == 0, "to know that nothing is left")
