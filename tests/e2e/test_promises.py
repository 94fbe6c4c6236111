"""P1 to P4 end to end: a real server process, real clients without windows,
and everything that can break between them."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.models.connection.status import Phase
from app.models.credentials import Credentials, MemoryCredentials
from app.models.room.outbox_item import Draft
from protocol.messages import Role
from server.passwords import hash_password
from server.storage.sqlite import open_store
from tests.support.crashing_server import FATAL_TEXT, STEPS, VARIABLE
from tests.support.headless import HeadlessClient
from tests.support.proxy import Proxy
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess
from tests.support.wire import WireClient

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

Newcomer = Callable[[str], HeadlessClient]


def client_of(
    server: ServerProcess, folder: Path, credentials: Credentials | None = None
) -> HeadlessClient:
    """A client that knows the server by its certificate."""
    return HeadlessClient(folder, server.port, credentials, fingerprint=server.fingerprint)


@pytest.fixture
def newcomer(server: ServerProcess, tmp_path: Path) -> Iterator[Newcomer]:
    """Clients, each with a data folder of its own."""
    with ExitStack() as stack:

        def newcomer(name: str) -> HeadlessClient:
            return stack.enter_context(client_of(server, tmp_path / name))

        yield newcomer


@pytest.fixture
def alice(newcomer: Newcomer) -> HeadlessClient:
    client = newcomer("alice")
    client.sign_in(ADMIN, PASSWORD)
    return client


@pytest.fixture
def bob(newcomer: Newcomer) -> HeadlessClient:
    client = newcomer("bob")
    client.register("bob", PASSWORD)
    return client


def stored_texts(server: ServerProcess) -> list[str]:
    """What the room holds, as a plain client reads it."""
    with WireClient(server.port, tls=server.tls) as client:
        client.hello()
        client.sign_in(ADMIN, PASSWORD)
        messages = client.whole_history()
    assert [message.id for message in messages] == list(range(1, len(messages) + 1))
    return [message.text for message in messages]


@pytest.mark.parametrize("step", STEPS)
def test_p1_p2_p4_the_server_is_killed_between_any_two_steps_of_a_post(
    server: ServerProcess,
    alice: HeadlessClient,
    bob: HeadlessClient,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    alice.client.posting.send(Draft("before"))
    alice.until_sent()
    server.kill()
    monkeypatch.setitem(os.environ, VARIABLE, step)
    server.start("tests.support.crashing_server")
    alice.until_live()
    bob.until_live()
    alice.client.posting.send(Draft(FATAL_TEXT))
    alice.until(lambda: not server.is_running, "for the server to die")
    server.wait_until_dead()
    server.start()
    alice.until_sent()
    alice.client.posting.send(Draft("after"))
    alice.until_sent()
    expected = ["before", FATAL_TEXT, "after"]
    bob.until(lambda: bob.feed.texts == expected, "to hear all three")
    assert alice.feed.texts == expected
    assert stored_texts(server) == expected
    assert len(set(bob.feed.arrivals)) == len(bob.feed.arrivals), "nothing was shown twice"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("direction", ["up", "down"])
def test_p2_p4_the_connection_is_cut_at_every_byte_of_an_exchange(
    tmp_path: Path, direction: str
) -> None:
    # Plainly: TLS would only make the exchange longer, and every cut within a
    # record is the same cut.
    with (
        ServerProcess(tmp_path, tls=False) as server,
        Proxy(server.port) as proxy,
        HeadlessClient(tmp_path / "alice", proxy.port) as alice,
    ):
        alice.sign_in(ADMIN, PASSWORD)

        def exchange(text: str) -> None:
            """Come back, post, and be complete: the whole of it, once."""
            alice.until(lambda: not alice.is_live, "to notice the break")
            alice.client.posting.send(Draft(text))
            alice.until_sent()

        proxy.break_all()
        exchange("uncut")
        length = proxy.passed_up if direction == "up" else proxy.passed_down
        assert length > 80
        for position in range(length):
            if direction == "up":
                proxy.cut_next(up=position)
            else:
                proxy.cut_next(down=position)
            exchange(f"cut at byte {position}")
        expected = ["uncut"] + [f"cut at byte {position}" for position in range(length)]
        assert alice.feed.texts == expected
        assert stored_texts(server) == expected


def test_p3_two_administrators_post_at_once_while_a_third_joins(
    server: ServerProcess, alice: HeadlessClient, newcomer: Newcomer
) -> None:
    with open_store(server.data_dir) as store:
        store.users.add("carol", "Carol", Role.ADMIN, hash_password(PASSWORD), 1)
    carol, dave = newcomer("carol"), newcomer("dave")
    carol.sign_in("carol", PASSWORD)
    for number in range(100):
        alice.client.posting.send(Draft(f"alice {number}"))
        carol.client.posting.send(Draft(f"carol {number}"))
        if number == 50:
            dave.register("dave", PASSWORD)
    for client in (alice, carol):
        client.until_sent()
    for client in (alice, carol, dave):
        client.until(lambda client=client: client.client.timeline.top == 200, "to hold all")  # type: ignore[misc]
        while not client.feed.at_start:
            before = client.feed.prepended
            client.client.room.need_older(client.feed.ids[0])
            client.until(lambda c=client, b=before: c.feed.prepended > b, "older messages")  # type: ignore[misc]
    assert alice.feed.shown == carol.feed.shown == dave.feed.shown
    texts = alice.feed.texts
    for name in ("alice", "carol"):
        own = [text for text in texts if text.startswith(name)]
        assert own == [f"{name} {number}" for number in range(100)], "each in the order of writing"


def test_p4_whoever_was_away_catches_up_and_sees_nothing_twice(
    server: ServerProcess, alice: HeadlessClient, bob: HeadlessClient
) -> None:
    alice.client.posting.send(Draft("one"))
    alice.until_sent()
    bob.until(lambda: bob.feed.texts == ["one"], "the first")
    bob.client.close()
    for number in range(200):
        alice.client.posting.send(Draft(f"missed {number}"))
    alice.until_sent()
    with client_of(server, bob.data_dir) as again:
        again.sign_in("bob", PASSWORD)
        again.until(lambda: again.client.timeline.top == 201, "to catch up")
        assert again.feed.ids == list(range(1, 202))


def test_p4_offline_the_room_is_there_and_what_was_missed_comes(
    server: ServerProcess, alice: HeadlessClient, newcomer: Newcomer, tmp_path: Path
) -> None:
    credentials = MemoryCredentials()
    with client_of(server, tmp_path / "erin", credentials) as erin:
        erin.register("erin", PASSWORD)
        alice.client.posting.send(Draft("kept"))
        erin.until(lambda: erin.feed.texts == ["kept"], "the message")
    server.kill()
    with client_of(server, tmp_path / "erin", credentials) as erin:
        assert erin.feed.texts == ["kept"], "at once, with no server"
        assert erin.client.account.person is not None
        erin.until(lambda: erin.client.status.now.phase is Phase.WAITING, "to be offline")
        server.start()
        alice.client.posting.send(Draft("missed"))
        alice.until_sent()
        erin.until(lambda: erin.feed.texts == ["kept", "missed"], "to catch up")


def test_p2_a_post_written_offline_survives_the_client_and_is_delivered_once(
    server: ServerProcess, bob: HeadlessClient, tmp_path: Path
) -> None:
    credentials = MemoryCredentials()
    with client_of(server, tmp_path / "alice", credentials) as alice:
        alice.sign_in(ADMIN, PASSWORD)
        server.kill()
        alice.until(lambda: not alice.is_live, "to be offline")
        alice.client.posting.send(Draft("写在离线时 🔔"))
        assert [item.text for item in alice.client.outbox.items] == ["写在离线时 🔔"]
    server.start()
    with client_of(server, tmp_path / "alice", credentials) as alice:
        alice.until_sent()
        bob.until(lambda: bob.feed.texts == ["写在离线时 🔔"], "the message")
    assert stored_texts(server) == ["写在离线时 🔔"]


def test_p1_p4_posting_goes_on_through_ten_kills(
    server: ServerProcess, alice: HeadlessClient, bob: HeadlessClient
) -> None:
    sent = []
    for round_number in range(10):
        for number in range(20):
            text = f"round {round_number}, post {number}"
            alice.client.posting.send(Draft(text))
            sent.append(text)
        killing = threading.Thread(target=server.kill)
        killing.start()
        alice.turn(0.01)
        killing.join()
        server.start()
        alice.until_sent()
    bob.until(lambda: bob.client.timeline.top == len(sent), "to hold all")
    assert stored_texts(server) == sent
    assert alice.feed.texts == sent


def test_sigterm_tells_everyone_and_loses_nothing(
    server: ServerProcess, alice: HeadlessClient, bob: HeadlessClient
) -> None:
    for number in range(50):
        alice.client.posting.send(Draft(f"message {number}"))
    alice.turn(0.01)
    assert server.stop() == 0
    bob.until(lambda: "server_stopping" in bob.reasons, "to be told")
    server.start()
    alice.until_sent()
    assert stored_texts(server) == [f"message {number}" for number in range(50)]
    assert "Traceback" not in server.log()


def test_p6_a_member_who_sends_all_the_same_is_refused_and_keeps_the_text(
    bob: HeadlessClient,
) -> None:
    bob.client.posting.send(Draft("let me speak"))
    bob.until(
        lambda: [item.reason for item in bob.client.outbox.items] == ["not_permitted"],
        "to be refused",
    )
    item = bob.client.outbox.items[0]
    assert bob.client.posting.take_back(item.post_id) == Draft("let me speak")
