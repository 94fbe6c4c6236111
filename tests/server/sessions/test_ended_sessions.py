"""Between the end of a session by another process and the moment at which its
connections learn of it, nothing that it asks is carried out (P6, P8)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from protocol.messages import (
    Confirm,
    CreateInvite,
    EndSession,
    GetAudit,
    GetHistory,
    GetPeople,
    GetRoster,
    GetSessions,
    GetTallies,
    GetVersions,
    Post,
    Posted,
    Role,
    Sync,
    WireMessage,
    Withdraw,
)
from protocol.refusals import Refusal
from server.service import Service
from server.storage.sqlite import open_store
from tests.server.conftest import ADMIN, PASSWORD, Connect
from tests.support.wire import WireClient

ALICE = 1

REQUESTS: list[Callable[[int], WireMessage]] = [
    lambda number: Post(number, bytes(range(16)), "after the end"),
    lambda number: Withdraw(number, 1),
    lambda number: GetVersions(number, 1),
    lambda number: Sync(number, 0),
    lambda number: GetHistory(number, 0, 50),
    lambda number: Confirm(number, 1, 1),
    lambda number: GetTallies(number, 0, 9),
    lambda number: GetRoster(number, 1, 0, 50),
    lambda number: GetSessions(number),
    lambda number: EndSession(number, 0),
    lambda number: GetPeople(number, "", 0, 50),
    lambda number: CreateInvite(number, Role.ADMIN, 1, 60_000),
    lambda number: GetAudit(number, 0, 50),
]


@pytest.fixture
def alice(service: Service, connect: Connect) -> WireClient:
    """An administrator whose connection will not learn of what other processes
    do: the instant before it does, made long."""
    client = connect()
    client.sign_in(ADMIN, PASSWORD)
    client.ask(Post(client.number(), bytes(16), "before", answers=("",)), Posted)
    service.reactor.call_soon_threadsafe(service.context.account_watcher.close)
    client.barrier()
    return client


def test_p8_nothing_is_done_for_a_session_that_has_ended(alice: WireClient, data_dir: Path) -> None:
    with open_store(data_dir) as store:
        store.sessions.close_all(ALICE)
        for make in REQUESTS:
            number = alice.number()
            refused = alice.refusal(make(number))
            assert (refused.request, refused.code) == (number, Refusal.SESSION_ENDED)
        assert [one.text for one in store.history.whole()] == ["before"]


def test_p6_nothing_is_done_for_one_who_was_demoted_a_moment_ago(
    alice: WireClient, data_dir: Path
) -> None:
    with open_store(data_dir) as store:
        store.users.set_role(ALICE, Role.MEMBER)
        for make in (REQUESTS[0], REQUESTS[1], REQUESTS[2], REQUESTS[10], REQUESTS[12]):
            assert alice.refusal(make(alice.number())).code == Refusal.NOT_PERMITTED
        assert [one.text for one in store.history.whole()] == ["before"]
