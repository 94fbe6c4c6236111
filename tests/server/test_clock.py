"""The wall clock jumps: no order and no session breaks."""

import base64

import pytest

from protocol import joincode
from protocol.messages import (
    CreateInvite,
    GetSessions,
    InviteCreated,
    Refused,
    Register,
    Role,
    Sessions,
    SignedIn,
)
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD, Connect, Jump

DAY_MS = 24 * 3_600_000


@pytest.mark.parametrize("by_ms", [-400 * DAY_MS, -1, 400 * DAY_MS], ids=["back", "a bit", "on"])
def test_p3_messages_keep_the_order_in_which_they_were_stored(
    connect: Connect, jump: Jump, by_ms: int
) -> None:
    alice, bob = connect(), connect()
    alice.sign_in(ADMIN, PASSWORD)
    token = bob.sign_in(ADMIN, PASSWORD).token
    alice.post("before", (1).to_bytes(16, "big"))
    jump(NOW_MS + by_ms)
    after = alice.post("after", (2).to_bytes(16, "big"))
    assert (after.id, after.posted_at_ms) == (2, NOW_MS + by_ms), "it is told as the clock says"
    for client in (alice, bob):
        assert [one.text for one in client.sync(0)] == ["before", "after"]
        assert [one.text for one in client.whole_history()] == ["before", "after"]
    later = connect()
    assert later.resume(token).last_id == 2, "a session does not end by the clock"
    listed = later.ask(GetSessions(later.number()), Sessions).sessions
    assert len(listed) == 2 and all(one.online for one in listed)


@pytest.mark.parametrize(("late_ms", "lets_in"), [(-1, True), (1, False)])
def test_an_invite_ends_by_the_clock(
    connect: Connect, jump: Jump, late_ms: int, lets_in: bool
) -> None:
    alice, newcomer = connect(), connect()
    alice.sign_in(ADMIN, PASSWORD)
    invite = CreateInvite(alice.number(), Role.MEMBER, 1, DAY_MS, "")
    made = alice.ask(invite, InviteCreated)
    assert made.invite.expires_at_ms == NOW_MS + DAY_MS
    jump(NOW_MS + DAY_MS + late_ms)
    secret = joincode.read(made.join_code).invite
    typed = base64.urlsafe_b64encode(secret).decode("ascii").rstrip("=")
    newcomer.say(Register(newcomer.number(), "bob", "Bob", PASSWORD, "", typed))
    assert isinstance(newcomer.next(), SignedIn if lets_in else Refused)
