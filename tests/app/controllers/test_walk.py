"""Two administrators take turns at one client while everything breaks: each
post is in the room once, in the order of writing, under its author's name."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.credentials import MemoryCredentials
from app.models.room.outbox_item import Draft
from protocol.messages import Role
from server import settings
from server.service import Service
from server.setup import make_room
from server.storage.sqlite import open_store
from tests.support.headless import HeadlessClient
from tests.support.proxy import Proxy
from tests.support.running import ROOM, running

PASSWORD = "a long enough password"
PEOPLE = ("alice", "carol")
STEPS = 60


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("server") / "room"
    make_room(folder, ROOM, "alice", "Alice", PASSWORD)
    with running(folder, settings.load(folder, {}, {"tls": False, "port": 0})) as service:
        with HeadlessClient(tmp_path_factory.mktemp("carol"), service.port) as carol:
            carol.register("carol", PASSWORD)
            carol.client.session.sign_out()
            carol.until(lambda: carol.client.session._session.name == "NONE", "to leave")
        with open_store(folder) as store:
            update = "UPDATE users SET role = ? WHERE username = 'carol'"
            store._database.execute(update, Role.ADMIN.value)
        yield service


@pytest.mark.parametrize("seed", range(12))
def test_p2_p3_p4_a_walk_through_every_break(service: Service, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    credentials = MemoryCredentials()
    written: dict[str, list[str]] = {person: [] for person in PEOPLE}

    with Proxy(service.port) as proxy:

        def begin() -> HeadlessClient:
            client = HeadlessClient(tmp_path / "c", proxy.port, credentials)
            client.__enter__()
            return client

        client = begin()
        for step in range(STEPS):
            person = client.client.account.person
            what = chance.choice(["send"] * 4 + ["turn"] * 4 + ["break", "cut", "leave", "restart"])
            if person is None and not client.client.account.busy:
                client.client.session.sign_in(
                    chance.choice(PEOPLE), PASSWORD, chance.random() < 0.8
                )
            elif what == "send" and person is not None:
                text = f"walk {seed}, step {step}, {person.username}"
                written[person.username].append(text)
                client.client.posting.send(Draft(text))
            elif what == "break":
                proxy.break_all()
            elif what == "cut":
                proxy.cut_next(up=chance.randrange(200), down=chance.randrange(600))
            elif what == "leave":
                client.client.session.sign_out()
            elif what == "restart":
                client.client.close()
                client = begin()
            for _ in range(chance.randrange(6)):
                client.turn(0.01)
        proxy.cut_next()
        for person_name in PEOPLE:
            client.until(lambda c=client: not c.client.account.busy, "the form's answer")  # type: ignore[misc]
            client.client.session.sign_out()
            while not client.is_live or client.client.outbox.items:
                # A break while the form waits is told; one signs in again.
                if client.client.account.person is None and not client.client.account.busy:
                    client.client.session.sign_in(person_name, PASSWORD, True)
                client.turn(0.05)
        while not client.feed.at_start:
            before = client.feed.prepended
            client.client.room.need_older(client.feed.ids[0])
            client.until(lambda c=client, b=before: c.feed.prepended > b, "older ones")  # type: ignore[misc]
        for person_name in PEOPLE:
            own = [
                message.text
                for message in client.feed.shown
                if message.author_name.lower() == person_name
                and message.text.startswith(f"walk {seed},")
            ]
            assert own == written[person_name]
        client.client.close()
