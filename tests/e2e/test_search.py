"""Searching end to end: a real server that is restarted in between, and real clients
without windows."""

import pytest

from app.models.connection.status import Phase
from app.models.room.outbox_item import Draft
from app.models.room.search import Query
from tests.e2e.conftest import Headless
from tests.support.headless import HeadlessClient
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

COUNT = 130
"""More than one page, so that a newcomer does not hold the first of them."""


def found(client: HeadlessClient, query: Query) -> list[int]:
    model = client.client.pages.search
    client.client.search.leave()
    client.client.search.look_for(query)
    client.until(lambda: not model.is_looking, "to have searched")
    assert model.reason is None
    return [message.id for message in model.found]


def test_a_newcomer_finds_what_was_said_long_ago_and_goes_there(
    server: ServerProcess, headless: Headless
) -> None:
    alice, bob = headless("alice"), headless("bob")
    alice.sign_in(ADMIN, PASSWORD)
    for number in range(1, COUNT + 1):
        text = {3: "明天气温下降", 7: "The café is CLOSED"}.get(number, f"notice {number}")
        alice.client.posting.send(Draft(text))
    alice.until_sent()
    bob.register("bob", PASSWORD)
    bob.until(lambda: COUNT in bob.feed.ids, "to see the newest")
    assert not bob.client.timeline.holds(3)
    assert found(bob, Query("天气")) == [3]
    assert found(bob, Query("ｃｌｏｓｅｄ cafe\u0301")) == [7]
    assert found(bob, Query("notice 12", author="HART")) == [*range(129, 119, -1), 112, 12]
    assert bob.client.room.show_from(3)
    bob.until(lambda: 3 in bob.feed.ids, "to be there")
    assert 1 in bob.feed.ids and COUNT not in bob.feed.ids
    bob.client.room.need_newer(bob.feed.ids[-1])
    bob.until(lambda: bob.feed.ids[-1] > 70, "to read on from there")

    # What is withdrawn is found by nobody, neither there nor here.
    third = bob.feed.shown[bob.feed.ids.index(3)]
    alice.client.message_actions.withdraw(third)
    bob.until(lambda: bob.feed.texts[bob.feed.ids.index(3)] == "", "to see it withdrawn")
    assert found(bob, Query("天气")) == found(alice, Query("天气")) == []

    # Without a server what is held is searched, and with it the whole room again.
    server.kill()
    bob.until(lambda: bob.client.status.now.phase is Phase.WAITING, "to notice")
    assert found(bob, Query("closed")) == [] and bob.client.pages.search.is_local
    assert found(bob, Query("notice 130")) == [130]
    server.start()
    bob.until_live()
    assert found(bob, Query("closed")) == [7] and not bob.client.pages.search.is_local
