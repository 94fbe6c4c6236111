"""A reader that lagged loses nothing that was pushed meanwhile (P5)."""

from protocol.messages import Lagging, OwnAnswers, Post, Posted, Remind, Reminded
from server.service import Service
from tests.server.conftest import ADMIN, PASSWORD, Connect
from tests.support.wire import WireClient

FLOOD = 3000
"""Messages of 4,000 characters: more than any system's buffers hold."""


def test_p5_reminders_that_were_held_back_are_told_afterwards(
    service: Service, connect: Connect
) -> None:
    alice, slow = connect(), WireClient(service.port, receive_buffer_bytes=8192)
    with slow:
        slow.hello()
        slow.register("slow", PASSWORD)
        alice.sign_in(ADMIN, PASSWORD)
        asked = alice.ask(Post(alice.number(), bytes(16), "Read this.", answers=("",)), Posted)
        for number in range(1, FLOOD):
            alice.post("x" * 4000, number.to_bytes(16, "big"))
            if service.metrics.lagged:
                break
        assert service.metrics.lagged, "it reads too fast to be told apart"
        reminded = alice.ask(Remind(alice.number(), asked.id), Reminded)
        assert reminded.people == 1
        while not isinstance(heard := slow.next(), Lagging):
            assert not isinstance(heard, OwnAnswers), "it was not held back"
        (own_receipt,) = slow.expect(OwnAnswers).own_receipts
        assert (own_receipt.message_id, own_receipt.reminded_at_ms) == (asked.id, reminded.at_ms)
