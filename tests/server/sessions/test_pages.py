"""No answer outgrows the frame: pages are cut by their size as it is encoded."""

from pathlib import Path

import pytest

from protocol.codec import MessageTooLarge, encode
from protocol.limits import MAX_BODY_FROM_SERVER_BYTES, MAX_CHANGES_BYTES, MAX_VERSIONS
from protocol.messages import (
    Changes,
    Done,
    Edit,
    GetVersions,
    History,
    Role,
    RoomMessage,
    Version,
    Versions,
)
from server import settings
from server.domain.messages.history import Draft
from server.storage.sqlite import open_store
from tests.server.conftest import ADMIN, PASSWORD
from tests.support.running import running
from tests.support.wire import WireClient

LONG_NAME = "\N{BELL}" * 64
LONG_ANSWERS = tuple(str(number) + "\N{BELL}" * 39 for number in range(4))
POSTS = 1200


def test_p4_short_texts_with_long_names_and_answers_are_caught_up_with(data_dir: Path) -> None:
    """A thousand of them are 1.2 MB, most of it no text."""
    with open_store(data_dir) as store, store.transaction():
        author = store.users.add("loud", LONG_NAME, Role.ADMIN, "", 1)
        for number in range(POSTS):
            store.history.append(
                author, number.to_bytes(16, "big"), Draft(".", answers=LONG_ANSWERS), 1
            )
    with (
        running(data_dir, settings.load(data_dir, {}, {"port": 0})) as service,
        WireClient(service.port) as client,
    ):
        client.hello()
        client.sign_in(ADMIN, PASSWORD)
        assert [one.id for one in client.sync(0)] == list(range(1, POSTS + 1))
        assert len(client.whole_history()) == POSTS
        pages = [one for one in client.heard if isinstance(one, Changes | History)]
        assert max(len(encode(page)) for page in pages) <= MAX_CHANGES_BYTES + 100


def test_earlier_texts_come_in_pages(alice: WireClient) -> None:
    number = alice.post("0", bytes(16)).id
    for edit in range(1, 71):
        alice.ask(Edit(alice.number(), number, f"{edit} " + "\N{BELL}" * 3900), Done)
    found: list[Version] = []
    page = Versions(0, (), True)
    while page.more:
        page = alice.ask(GetVersions(alice.number(), number, len(found)), Versions)
        assert 1 <= len(page.versions) <= MAX_VERSIONS
        assert len(encode(page)) <= MAX_CHANGES_BYTES + 100
        found += page.versions
    assert [one.text.split()[0] for one in found] == [str(edit) for edit in range(70)]
    assert alice.ask(GetVersions(alice.number(), number, 70), Versions).versions == ()


def test_p9_a_message_beyond_the_cap_is_not_sent() -> None:
    message = RoomMessage(1, 1, 1, "Amelia", 1, "x" * 4000, bytes(16))
    within = Changes(1, (message,) * 250, 1, 1)
    assert len(encode(within)) <= MAX_BODY_FROM_SERVER_BYTES
    with pytest.raises(MessageTooLarge, match="Changes"):
        encode(Changes(1, (message,) * 300, 1, 1))
