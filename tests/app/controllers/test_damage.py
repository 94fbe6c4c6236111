"""What a person has said and what the room has said survive a disk that fails,
rubbish in the data folder, and a second window on it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.connection.status import Phase
from app.models.credentials import MemoryCredentials
from app.models.room.outbox_item import Draft
from protocol.messages import Changed, Changes, Post, Resume, SignedIn, SignIn, Sync
from server import settings
from server.service import Service
from server.setup import make_room
from tests.app.controllers.play import ALICE, TOKEN, Play, message
from tests.support.headless import HeadlessClient
from tests.support.running import ROOM, running

ADMIN = "alice"
PASSWORD = "a long enough password"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("server") / "room"
    make_room(folder, ROOM, ADMIN, "Amelia Hart", PASSWORD)
    with running(folder, settings.load(folder, {}, {"tls": False, "port": 0})) as service:
        yield service


def fail_at(database: sqlite3.Connection, statement: int) -> None:
    """Let this statement from now on, and all after it, fail as if the disk did."""
    seen = 0

    def count(_statement: str) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            database.set_progress_handler(lambda: 1, 1)

    database.set_trace_callback(count)


@pytest.mark.parametrize("statement", range(1, 26))
def test_p2_p4_p10_the_cache_fails_at_any_statement(
    service: Service, tmp_path: Path, statement: int
) -> None:
    credentials = MemoryCredentials()
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        client.sign_in(ADMIN, PASSWORD)
        before = client.client.timeline.top
        cache = client.client.kept.cache
        assert cache is not None
        fail_at(cache._database, statement)
        texts = [f"{statement}, {number}" for number in range(3)]
        for text in texts:
            client.client.posting.send(Draft(text))
            client.turn(0.01)
        client.until_sent()
        client.until(lambda: client.feed.texts[-3:] == texts, "to see all three")
        assert client.client.timeline.top == before + 3, "each once"
        client.client.room.need_older(client.feed.ids[0])
        client.client.room.show_latest()
    with HeadlessClient(tmp_path / "c", service.port, credentials) as client:
        client.until_sent()
        assert client.feed.texts[-3:] == texts and client.client.timeline.top == before + 3


def test_two_windows_on_one_data_folder(service: Service, tmp_path: Path) -> None:
    credentials = MemoryCredentials()
    with HeadlessClient(tmp_path / "c", service.port, credentials) as first:
        first.sign_in(ADMIN, PASSWORD)
        with HeadlessClient(tmp_path / "c", service.port, credentials) as second:
            second.until_live()
            texts = []
            for number in range(20):
                window = (first, second)[number % 2]
                texts.append(f"window {number % 2}, {number}")
                window.client.posting.send(Draft(texts[-1]))
                window.until_sent()
            for window in (first, second):
                window.until(lambda w=window: w.feed.texts[-20:] == texts, "to see all")  # type: ignore[misc]
            top = first.client.timeline.top
            assert second.client.timeline.top == top
    with HeadlessClient(tmp_path / "c", service.port, credentials) as again:
        again.until_live()
        while not again.feed.at_start:
            again.client.room.need_older(again.feed.ids[0])
            again.turn(0.01)
        assert again.feed.ids == list(range(1, top + 1)) and again.feed.texts[-20:] == texts


@pytest.mark.parametrize("name", ["settings.json", "profile.json", "rooms"])
@pytest.mark.parametrize("damage", ["rubbish", "folder"])
def test_a_damaged_data_folder_costs_the_remembering_only(
    service: Service, tmp_path: Path, name: str, damage: str
) -> None:
    path = tmp_path / "c" / name
    if damage == "folder":
        (path / "child").mkdir(parents=True)
    else:
        path.parent.mkdir()
        path.write_bytes(b"\xff{[" * 1000)
    with HeadlessClient(tmp_path / "c", service.port) as client:
        client.sign_in(ADMIN, PASSWORD)
        client.client.posting.send(Draft("said all the same"))
        client.until_sent()
        client.client.session.sign_out()


def test_a_session_is_found_by_an_address_without_its_port(tmp_path: Path) -> None:
    """As a shortcut's `--server` has it."""
    play = Play(tmp_path)
    play.client.connect(f" TCP://LOCALHOST:{play.server.port} ")
    play.greet()
    play.until_phase(Phase.GREETED)
    play.sign_in()
    play.client.close()
    again = HeadlessClient(tmp_path, play.server.port, play.credentials)
    again.client.settings.change(server=f" TCP://LOCALHOST:{play.server.port} ")
    again.client.open()
    assert again.client.account.person == ALICE, "shown at once"
    peer = play.server.accept()
    peer.greet()
    again.until(lambda: again.client.status.now.phase is Phase.SIGNING_IN, "to resume")
    assert peer.hear_a(Resume).token == TOKEN
    again.client.close()
    play.close()


def test_posts_wait_for_their_author_through_another_start(tmp_path: Path) -> None:
    """Signed out with a post on its way, ended, and signed in as before."""
    play = Play(tmp_path)
    play.sign_in()
    play.client.posting.send(Draft("kept"))
    post = play.hear_a(Post)
    play.client.session.sign_out()
    play.client.close()
    again = HeadlessClient(tmp_path, play.server.port)
    again.client.open()
    peer = play.server.accept()
    peer.greet()
    again.client.session.sign_in("alice", PASSWORD, True)
    again.until(lambda: again.client.session._attempt is None, "to ask")
    peer.say(SignedIn(peer.hear_a(SignIn).request, ALICE, TOKEN, 1, 1))
    again.until(lambda: bool(again.client.outbox.items), "to be signed in")
    assert peer.hear_a(Post).post_id == post.post_id
    again.client.close()
    play.close()


def test_p4_a_hundred_thousand_missed_messages_are_caught_up_in_bounded_time(
    tmp_path: Path,
) -> None:
    total, page = 100_000, 1000
    play = Play(tmp_path)
    play.sign_in()
    play.say(Changed(message(total, total)))
    held = 0
    while held < total:
        sync = play.hear_a(Sync)
        assert sync.after_revision == held
        missed = tuple(message(number) for number in range(held + 1, held + page + 1))
        held += page
        play.say(Changes(sync.request, missed, held, total))
    play.until_phase(Phase.LIVE)
    assert play.headless.feed.ids == list(range(total - 49, total + 1)), "the newest page only"
    play.close()
