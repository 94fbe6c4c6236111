"""An urgent announcement end to end: whoever is there is called at once, whoever was away
on their return, and an answer on one computer ends it on the other."""

import pytest

from app.models.room.outbox_item import Draft
from protocol.messages import Priority
from tests.e2e.conftest import Headless
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_an_urgent_announcement_calls_everybody_until_they_answer(
    server: ServerProcess, headless: Headless
) -> None:
    alice, bob, elsewhere = headless("alice"), headless("bob"), headless("elsewhere")
    alice.sign_in(ADMIN, PASSWORD)
    bob.register("bob", PASSWORD)
    elsewhere.sign_in("bob", PASSWORD)
    elsewhere.client.session.sign_out()
    elsewhere.until(lambda: elsewhere.client.account.person is None, "to be signed out")
    alice.client.posting.send(Draft("Leave the building", Priority.URGENT))
    alice.until_sent()
    called = bob.client.pages.urgent
    bob.until(lambda: len(called.messages) == 1, "to be called")
    message = called.messages[0]
    assert message.answers == ("",) and called.rings == 1
    elsewhere.sign_in("bob", PASSWORD)
    also = elsewhere.client.pages.urgent
    elsewhere.until(lambda: also.messages == (message,), "to be called on the return")
    assert alice.client.pages.urgent.messages == (), "its author knows"
    server.kill()
    bob.client.receipts.answer(message.id, 1)
    assert called.messages == ()
    server.start()
    bob.until(lambda: not bob.client.pages.receipts.waiting, "the answer to be taken")
    elsewhere.until(lambda: also.messages == (), "to know of the answer")
