"""A post that is sent again is the stored one, whatever has become of the rules
by which it would be judged today (P2)."""

import msgspec
import pytest

from protocol.messages import Post, Posted
from protocol.refusals import Refusal
from server.service import Service
from tests.server.conftest import NOW_MS, Jump
from tests.support.wire import WireClient

POST_ID = bytes(range(16))
HOUR_MS = 3_600_000


pytestmark = pytest.mark.usefixtures("jump")


def test_p2_a_post_whose_expiry_has_passed_is_the_same_post(alice: WireClient, jump: Jump) -> None:
    post = Post(alice.number(), POST_ID, "Until one.", expires_at_ms=NOW_MS + HOUR_MS)
    first = alice.ask(post, Posted)
    jump(NOW_MS + 2 * HOUR_MS)
    again = alice.ask(msgspec.structs.replace(post, request=alice.number()), Posted)
    assert (again.id, again.posted_at_ms) == (first.id, first.posted_at_ms)
    late = msgspec.structs.replace(post, request=alice.number(), post_id=bytes(16))
    assert alice.refusal(late).code == Refusal.EXPIRY_INVALID


@pytest.mark.parametrize(
    "changed",
    [{"text": ""}, {"text": "x" * 5000}, {"text": "a\x00b"}, {"answers": ("only one",)}],
    ids=["empty", "too long", "controls", "answers"],
)
def test_p2_what_would_be_refused_today_is_not_judged_again(
    alice: WireClient, changed: dict[str, object]
) -> None:
    post = Post(alice.number(), POST_ID, "As it was.")
    first = alice.ask(post, Posted)
    again = msgspec.structs.replace(post, request=alice.number(), **changed)
    assert alice.ask(again, Posted).id == first.id
    assert [one.text for one in alice.history().messages] == ["As it was."]


def test_p2_a_room_that_takes_less_by_now_still_knows_its_posts(
    service: Service, alice: WireClient
) -> None:
    post = Post(alice.number(), POST_ID, "x" * 100)
    first = alice.ask(post, Posted)
    context = service.context
    shorter = msgspec.structs.replace(context.settings, text_max_chars=10)
    object.__setattr__(context, "settings", shorter)
    again = msgspec.structs.replace(post, request=alice.number())
    assert alice.ask(again, Posted).id == first.id
