"""What was posted is indexed while the server runs: at its start, and after each chunk."""

import sqlite3
from pathlib import Path

from server import settings
from server.storage.sqlite.messages.search import CHUNK_MESSAGES
from server.storage.sqlite.store import FILE_NAME
from tests.server.background.conftest import fill
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD
from tests.support.running import running
from tests.support.waiting import until
from tests.support.wire import WireClient


def indexed(data_dir: Path) -> list[int]:
    """The chunks whose index is current."""
    with sqlite3.connect(data_dir / FILE_NAME) as database:
        rows = database.execute("SELECT chunk FROM search_chunks WHERE is_current").fetchall()
    database.close()
    return sorted(chunk for (chunk,) in rows)


def test_a_chunk_is_indexed_once_all_of_it_is_posted(data_dir: Path) -> None:
    fill(data_dir, *[NOW_MS] * (2 * CHUNK_MESSAGES - 2))
    assert indexed(data_dir) == []
    with running(data_dir, settings.load(data_dir, {}, {"port": 0})) as service:
        until(lambda: indexed(data_dir) == [0], "for what was there before")
        with WireClient(service.port) as alice:
            alice.hello()
            alice.sign_in(ADMIN, PASSWORD)
            alice.post("the last of its chunk", bytes(16))
            until(lambda: indexed(data_dir) == [0, 1], "for what became whole")
