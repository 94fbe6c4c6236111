"""What was withdrawn is gone from every file, of the server and of everyone's
client, while they run."""

from pathlib import Path

import pytest

from app.controllers.account import kept_account
from app.models.room.outbox_item import Draft
from server import settings
from server.setup import make_room
from tests.support.headless import HeadlessClient
from tests.support.running import ROOM, running

ADMIN, PASSWORD = "alice", "a long enough password"
SECRET = "the lift in block C is out of order"


def files_with(folder: Path, text: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if text.encode() in content_of(path)]


def content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # a folder, one that is gone, or Windows' lock


@pytest.mark.parametrize("is_offline", [False, True])
def test_a_withdrawn_text_is_gone_from_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_offline: bool
) -> None:
    """Also from the client of one who was away, and who hears of it on return."""
    monkeypatch.setattr(kept_account, "SCRUB_AFTER_S", 0.05)
    room = tmp_path / "room"
    make_room(room, {**ROOM, "tls": False}, ADMIN, "Amelia Hart", PASSWORD)
    with (
        running(room, settings.load(room, {}, {"port": 0})) as service,
        HeadlessClient(tmp_path / "alice", service.port) as alice,
    ):
        alice.sign_in(ADMIN, PASSWORD)
        bob = HeadlessClient(tmp_path / "bob", service.port)
        with bob:
            bob.register("bob", PASSWORD)
            alice.client.posting.send(Draft(SECRET))
            alice.until_sent()
            bob.until(lambda: SECRET in bob.feed.texts, "to hear it")
            for place in ("room", "alice", "bob"):
                assert files_with(tmp_path / place, SECRET), place
            if not is_offline:
                withdraw(alice)
                bob.until(lambda: not files_with(tmp_path / "bob", SECRET), "to have it gone")
        if is_offline:
            withdraw(alice)
            again = HeadlessClient(tmp_path / "bob", service.port, bob.credentials)
            with again:
                again.until_live()
                again.until(lambda: not files_with(tmp_path / "bob", SECRET), "to have it gone")
        alice.until(lambda: not files_with(tmp_path, SECRET), "to have it gone everywhere")


def withdraw(alice: HeadlessClient) -> None:
    alice.client.message_actions.withdraw(alice.feed.shown[-1])
    alice.until(lambda: bool(alice.feed.shown[-1].withdrawn_at_ms), "to withdraw it")
