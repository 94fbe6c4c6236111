"""A message's life after it was posted, over the wire: edited, withdrawn,
pinned, expired. Whoever was there hears it, and whoever was away."""

from collections.abc import Callable
from pathlib import Path

import pytest

from protocol.limits import MAX_ANSWER_CHARS, MAX_PINS
from protocol.messages import (
    Audit,
    Changed,
    Done,
    Edit,
    GetAudit,
    GetVersions,
    Pin,
    Pinned,
    Post,
    Posted,
    Priority,
    Role,
    RoomMessage,
    SetExpiry,
    SetRole,
    Versions,
    WireMessage,
    Withdraw,
)
from protocol.refusals import Refusal
from server import settings
from server.domain.messages.history import Draft
from server.service import Service
from server.storage.sqlite import open_store
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD, Connect, Jump
from tests.support.running import running
from tests.support.wire import WireClient

HOUR_MS = 3_600_000
SECRET = "the lift in block C is out of order"


pytestmark = pytest.mark.usefixtures("jump")


def posted(author: WireClient, text: str, key: int = 1) -> int:
    return author.post(text, key.to_bytes(16, "big")).id


def do(client: WireClient, deed: Callable[[int], WireMessage]) -> None:
    client.ask(deed(client.number()), Done)


def heard(client: WireClient) -> RoomMessage:
    return client.expect(Changed).message


def everywhere(connect: Connect, after_revision: int) -> list[list[RoomMessage]]:
    """What one who was away learns, and one who comes for the first time."""
    away = connect()
    away.sign_in("bob", PASSWORD)
    return [away.sync(after_revision), away.whole_history()]


def test_an_edited_message_says_so_to_those_here_and_those_who_were_away(
    alice: WireClient, bob: WireClient, connect: Connect, jump: Jump
) -> None:
    number = posted(alice, "at noon")
    posted(alice, "another", 2)
    assert [heard(bob).text for _ in range(2)] == ["at noon", "another"]
    jump(NOW_MS + 5)
    do(alice, lambda request: Edit(request, number, "at one"))
    changed = heard(bob)
    assert (changed.id, changed.revision, changed.text) == (number, 3, "at one")
    assert changed.posted_at_ms == NOW_MS and changed.edited_at_ms == NOW_MS + 5
    caught_up, whole = everywhere(connect, 2)
    assert caught_up == [changed]
    assert changed in whole and len(whole) == 2


def test_earlier_texts_are_kept_for_administrators_alone(
    alice: WireClient, bob: WireClient, jump: Jump
) -> None:
    number = posted(alice, "first")
    for step, text in enumerate(("second", "third"), 1):
        jump(NOW_MS + step)
        do(alice, lambda request, text=text: Edit(request, number, text))  # type: ignore[misc]
    told = alice.ask(GetVersions(alice.number(), number), Versions).versions
    assert [(one.text, one.until_ms) for one in told] == [
        ("first", NOW_MS + 1),
        ("second", NOW_MS + 2),
    ]
    assert {one.replaced_by for one in told} == {"Amelia Hart"}
    assert bob.refusal(GetVersions(bob.number(), number)).code == Refusal.NOT_PERMITTED


def test_the_same_text_again_is_no_change(alice: WireClient, bob: WireClient) -> None:
    number = posted(alice, "as it is")
    heard(bob)
    do(alice, lambda request: Edit(request, number, "as it is  \r\n"))
    posted(alice, "the next change", 2)
    assert heard(bob).revision == 2, "a revision for what nobody sees would be a gap"
    assert alice.ask(GetVersions(alice.number(), number), Versions).versions == ()


def test_a_withdrawn_message_leaves_its_place_and_nothing_of_its_texts(
    alice: WireClient, bob: WireClient, connect: Connect, service: Service, data_dir: Path
) -> None:
    number = posted(alice, SECRET)
    do(alice, lambda request: Edit(request, number, f"{SECRET} until noon"))
    do(alice, lambda request: Withdraw(request, number))
    changes = [heard(bob) for _ in range(3)]
    gone = changes[-1]
    assert (gone.text, gone.withdrawn_by, gone.withdrawn_at_ms) == ("", "Amelia Hart", NOW_MS)
    for told in everywhere(connect, 0):
        assert told == [gone], "whoever comes now learns that it was there, not what it said"
    assert alice.refusal(GetVersions(alice.number(), number)).code == Refusal.WITHDRAWN
    assert alice.refusal(GetVersions(alice.number(), 99)).code == Refusal.NOT_FOUND
    service.stop_threadsafe()
    alice.drain()
    with open_store(data_dir) as store:  # puts the log into the file
        assert [one.text for one in store.history.whole()] == [""]
    assert all(SECRET.encode() not in path.read_bytes() for path in data_dir.glob("room.db*"))


def test_what_is_withdrawn_stays_so(alice: WireClient) -> None:
    number = posted(alice, "text")
    do(alice, lambda request: Withdraw(request, number))
    do(alice, lambda request: Withdraw(request, number))
    requests: list[Callable[[int], WireMessage]] = [
        lambda request: Edit(request, number, "again"),
        lambda request: Pin(request, number, True),
        lambda request: SetExpiry(request, number, NOW_MS + HOUR_MS),
    ]
    for make in requests:
        assert alice.refusal(make(alice.number())).code == Refusal.WITHDRAWN
    assert alice.sync(0)[0].revision == 2


def test_pins_are_told_to_all_and_to_whoever_comes(
    alice: WireClient, bob: WireClient, connect: Connect, jump: Jump
) -> None:
    for key in range(1, MAX_PINS + 2):
        posted(alice, f"number {key}", key)
    for number in range(1, MAX_PINS + 1):
        jump(NOW_MS + number)
        do(alice, lambda request, number=number: Pin(request, number, True))  # type: ignore[misc]
    refused = alice.refusal(Pin(alice.number(), MAX_PINS + 1, True))
    assert refused.code == Refusal.TOO_MANY_PINS

    later = connect()
    later.sign_in("bob", PASSWORD)
    newest_first = list(range(MAX_PINS, 0, -1))
    assert [one.id for one in later.expect(Pinned).messages] == newest_first
    while [one.id for one in bob.expect(Pinned).messages] != newest_first:
        pass

    do(alice, lambda request: Edit(request, 2, "number 2, corrected"))
    assert later.expect(Pinned).messages[3].text == "number 2, corrected"
    do(alice, lambda request: Pin(request, 3, False))
    assert [one.id for one in later.expect(Pinned).messages] == [5, 4, 2, 1]
    do(alice, lambda request: Withdraw(request, 5))
    assert [one.id for one in later.expect(Pinned).messages] == [4, 2, 1]


def test_a_message_withdraws_itself_when_its_time_has_come(
    alice: WireClient, bob: WireClient, connect: Connect, jump: Jump
) -> None:
    request = alice.number()
    alice.ask(Post(request, bytes(16), SECRET, expires_at_ms=NOW_MS + HOUR_MS), Posted)
    assert heard(bob).expires_at_ms == NOW_MS + HOUR_MS
    jump(NOW_MS + HOUR_MS)
    gone = heard(bob)
    assert (gone.text, gone.withdrawn_by, gone.withdrawn_at_ms) == ("", "", NOW_MS + HOUR_MS)
    for told in everywhere(connect, 0):
        assert told == [gone]


def test_an_expiry_can_be_set_later_and_taken_back(
    alice: WireClient, bob: WireClient, jump: Jump
) -> None:
    first, second = posted(alice, "first", 1), posted(alice, "second", 2)
    for number in (first, second):
        do(alice, lambda request, id=number: SetExpiry(request, id, NOW_MS + 1))  # type: ignore[misc]
    do(alice, lambda request: SetExpiry(request, first, 0))
    changes = [heard(bob) for _ in range(5)]
    assert changes[-1].expires_at_ms == 0
    jump(NOW_MS + 1)
    assert heard(bob).id == second
    posted(alice, "the end", 3)
    assert heard(bob).text == "the end", "the first stays"


def test_a_lifetime_is_counted_from_posting_by_the_servers_clock(
    alice: WireClient, bob: WireClient
) -> None:
    for number, (said_ms, expires_ms) in enumerate(
        ((NOW_MS - 2 * HOUR_MS, HOUR_MS), (NOW_MS + 10 * HOUR_MS, HOUR_MS), (0, 8 * HOUR_MS)), 1
    ):
        # A client's clock may stand anywhere, and the post may be hours late.
        post_id = number.to_bytes(16, "big")
        request = alice.number()
        alice.ask(
            Post(request, post_id, SECRET, expires_at_ms=said_ms, lifetime_ms=expires_ms), Posted
        )
        assert heard(bob).expires_at_ms == NOW_MS + expires_ms


def test_what_came_due_while_the_server_was_down_expires_at_its_start(data_dir: Path) -> None:
    with open_store(data_dir) as store, store.transaction():
        author = store.users.by_name(ADMIN)
        assert author is not None
        store.history.append(author, bytes(16), Draft(SECRET, expires_at_ms=2), 1)
    with (
        running(data_dir, settings.load(data_dir, {}, {"port": 0})) as service,
        WireClient(service.port) as alice,
    ):
        alice.hello()
        if alice.sign_in(ADMIN, PASSWORD).revision == 1:
            assert heard(alice).text == ""
        assert [one.text for one in alice.sync(0)] == [""]


@pytest.mark.parametrize(
    ("answers", "is_taken"),
    [
        ((), True),
        (("",), True),
        (("OK", "Need help"), True),
        (("好", "需要帮助", "不在", "x" * MAX_ANSWER_CHARS), True),
        (("alone",), False),
        (("OK", ""), False),
        (("OK", "ok"), False),
        (("caf\u00e9", "cafe\u0301"), False),
        (("Cafe\u0301", "CAF\u00c9"), False),
        (("OK", "x" * (MAX_ANSWER_CHARS + 1)), False),
        (("a", "b", "c", "d", "e"), False),
        (("a", "b\x00"), False),
        (("a", "\u200b"), False),
    ],
)
def test_what_a_message_can_ask(
    alice: WireClient, answers: tuple[str, ...], is_taken: bool
) -> None:
    post = Post(alice.number(), bytes(16), "text", Priority.IMPORTANT, answers)
    if not is_taken:
        assert alice.refusal(post).code == Refusal.ANSWERS_INVALID
        assert alice.sync(0) == []
        return
    alice.ask(post, Posted)
    (message,) = alice.sync(0)
    assert (message.priority, message.answers) == (Priority.IMPORTANT, answers)


def test_p10_what_can_not_be_is_refused_by_name_and_changes_nothing(alice: WireClient) -> None:
    number = posted(alice, "text")
    cases: list[tuple[Callable[[int], WireMessage], Refusal]] = [
        (lambda request: Edit(request, 99, "x"), Refusal.NOT_FOUND),
        (lambda request: Edit(request, 0, "x"), Refusal.NOT_FOUND),
        (lambda request: Edit(request, number, " \n"), Refusal.TEXT_EMPTY),
        (lambda request: Edit(request, number, "x" * 4001), Refusal.TEXT_TOO_LONG),
        (lambda request: Edit(request, number, "\x1b[0m"), Refusal.TEXT_INVALID),
        (lambda request: Withdraw(request, 99), Refusal.NOT_FOUND),
        (lambda request: Pin(request, 99, True), Refusal.NOT_FOUND),
        (lambda request: SetExpiry(request, number, NOW_MS), Refusal.EXPIRY_INVALID),
        (lambda request: SetExpiry(request, 99, NOW_MS + 1), Refusal.NOT_FOUND),
        (
            lambda request: Post(request, b"x" * 16, "text", expires_at_ms=NOW_MS - 1),
            Refusal.EXPIRY_INVALID,
        ),
    ]
    for make, code in cases:
        assert alice.refusal(make(alice.number())).code == code
    assert [(one.id, one.revision) for one in alice.sync(0)] == [(number, number)]


@pytest.mark.parametrize("kind", ["edit", "withdraw", "pin", "expire"])
def test_p6_a_member_changes_nothing_nor_who_was_one_a_moment_ago(
    alice: WireClient, bob: WireClient, kind: str
) -> None:
    number = posted(alice, "text")
    deeds: dict[str, Callable[[int], WireMessage]] = {
        "edit": lambda request: Edit(request, number, "x"),
        "withdraw": lambda request: Withdraw(request, number),
        "pin": lambda request: Pin(request, number, True),
        "expire": lambda request: SetExpiry(request, number, NOW_MS + 1),
    }
    assert bob.refusal(deeds[kind](bob.number())).code == Refusal.NOT_PERMITTED
    alice.ask(SetRole(alice.number(), 2, Role.ADMIN), Done)
    bob.barrier()
    alice.say(SetRole(alice.number(), 2, Role.MEMBER))
    alice.expect(Done)
    assert bob.refusal(deeds[kind](bob.number())).code == Refusal.NOT_PERMITTED
    assert alice.sync(0)[0].revision == 1


def test_the_audit_log_knows_who_edited_and_withdrew(alice: WireClient) -> None:
    number = posted(alice, "text")
    do(alice, lambda request: Edit(request, number, "other"))
    do(alice, lambda request: Withdraw(request, number))
    entries = alice.ask(GetAudit(alice.number(), 0, 2), Audit).entries
    assert [(one.action, one.subject, one.actor) for one in entries] == [
        ("message_withdrawn", f"#{number}", ADMIN),
        ("message_edited", f"#{number}", ADMIN),
    ]
