"""A room in which messages were posted at times that a test chooses."""

from pathlib import Path

from server.domain.messages.history import Draft
from server.storage.sqlite import open_store
from tests.server.conftest import ADMIN

SECRET = "the code of the east gate"


def fill(data_dir: Path, *posted_at_ms: int) -> None:
    """Have messages in the room that were posted at these times, #1 and so on."""
    with open_store(data_dir) as store, store.transaction():
        author = store.users.by_name(ADMIN)
        assert author is not None
        for at_ms in posted_at_ms:
            number = store.history.head().id + 1
            store.history.append(
                author, number.to_bytes(16, "big"), Draft(f"{SECRET} {number}"), at_ms
            )
