"""A room that an older server left behind opens in this one.

`rooms/` holds rooms as older servers really wrote them, named by the schema.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from server import settings
from server.storage.sqlite import open_store
from server.storage.sqlite.checks.verify import findings
from server.storage.sqlite.database import Database
from server.storage.sqlite.migrations import MIGRATIONS
from server.storage.sqlite.store import FILE_NAME
from tests.support.running import ROOM, running
from tests.support.wire import WireClient

ROOMS = sorted((Path(__file__).parent / "rooms").glob("*.db"))
BOBS_TOKEN = b"t" * 32


@pytest.fixture(params=ROOMS, ids=lambda path: path.stem)
def old_room(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    settings.write_new(tmp_path, {**ROOM, "tls": False})
    shutil.copy(request.param, tmp_path / FILE_NAME)
    return tmp_path


def test_an_old_room_opens_whole_with_a_copy_made_first(old_room: Path) -> None:
    with open_store(old_room) as store:
        assert store.history.head().id == 3
        done = store._database.execute("SELECT name FROM migrations ORDER BY name").fetchall()
    assert done == [(name,) for name in MIGRATIONS]
    first, *_ = kept = sorted(old_room.glob("room.before-*.db"))
    copy = sqlite3.connect(first)
    assert copy.execute("SELECT count(*) FROM messages").fetchone() == (3,)
    before = copy.execute("SELECT name FROM migrations ORDER BY name").fetchall()
    copy.close()
    assert before == done[: len(before)] and len(before) == len(done) - len(kept)


def test_what_was_seen_up_to_a_message_is_a_run_from_the_first(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    shutil.copy(Path(__file__).parent / "rooms" / "0005_room.db", path)
    with closing(sqlite3.connect(path)) as before:
        people = [number for (number,) in before.execute("SELECT id FROM users")]
        before.execute("INSERT INTO seen VALUES (?, 2), (?, 0)", people[:2])
        before.commit()
    with open_store(tmp_path) as store:
        rows = store._database.execute("SELECT user_id, from_id, to_id FROM seen").fetchall()
    assert rows == [(people[0], 1, 2)]


def test_of_two_that_upgrade_at_once_neither_spoils_the_copy(
    old_room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has looked which steps are to do; then one of them is quicker."""
    copy_to = Database.backup_to

    def overtaken(database: Database, path: Path) -> None:
        monkeypatch.setattr(Database, "backup_to", copy_to)
        open_store(old_room).close()
        copy_to(database, path)

    monkeypatch.setattr(Database, "backup_to", overtaken)
    open_store(old_room).close()
    for path in old_room.glob("room.before-*"):
        with closing(sqlite3.connect(path)) as copy:
            done = {name for (name,) in copy.execute("SELECT name FROM migrations")}
        assert path.stem.removeprefix("room.before-") not in done
    assert findings(old_room / FILE_NAME) == []


def test_its_people_come_back_by_the_sessions_they_had(old_room: Path) -> None:
    chosen = settings.load(old_room, {}, {"port": 0})
    with running(old_room, chosen) as service, WireClient(service.port, tls=False) as bob:
        bob.hello()
        assert bob.resume(BOBS_TOKEN).person.username == "bob"
        assert [one.id for one in bob.whole_history()] == [1, 2, 3]
        assert len(bob.sync(0)) == 3
        bob.barrier()
    assert findings(old_room / FILE_NAME) == []
