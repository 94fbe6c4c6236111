"""Is what is stored sound? Looks, and changes nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from protocol.limits import POST_ID_BYTES, ROOM_ID_BYTES
from server.receipts import Entry
from server.rejection import StorageUnavailable
from server.storage.sqlite.migrations import MIGRATIONS
from server.storage.sqlite.receipts import RECORD, first_fault

MAX_FINDINGS = 100
"""Of SQLite's own check; more would tell nothing more."""

_SYSTEMS_FAULT = (
    *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY),
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL),
)

# What each query finds is wrong; its rows fill the sentence.
_RULES = (
    ("SELECT 'there are ' || count(*) || ' rooms in place of one' FROM room HAVING count(*) != 1"),
    (f"SELECT 'the room id is damaged' FROM room WHERE length(room_id) != {ROOM_ID_BYTES}"),
    (
        "SELECT 'message #' || (previous + 1) || ' is missing' FROM (SELECT id, "
        "lag(id, 1, 0) OVER (ORDER BY id) AS previous FROM messages) WHERE id != previous + 1"
    ),
    (
        "SELECT 'message #' || (newest + 1) || ' is missing, and all up to #' || last_id "
        "FROM room, (SELECT coalesce(max(id), 0) AS newest FROM messages) WHERE newest < last_id"
    ),
    (
        "SELECT 'the newest revision is ' || newest || ' in place of ' || last_revision "
        "FROM room, (SELECT coalesce(max(revision), 0) AS newest FROM messages) "
        "WHERE newest != last_revision"
    ),
    ("SELECT 'message #' || id || ' has revision ' || revision FROM messages WHERE revision < id"),
    (
        "SELECT 'two messages share revision ' || revision FROM messages "
        "GROUP BY revision HAVING count(*) > 1"
    ),
    (
        "SELECT 'message #' || id || ' has a damaged post id' FROM messages "
        f"WHERE length(post_id) != {POST_ID_BYTES}"
    ),
    (
        "SELECT 'message #' || id || ' was withdrawn and still has its text' FROM messages "
        "WHERE withdrawn_at_ms > 0 AND text != ''"
    ),
    (
        "SELECT 'account ' || username || ' has the role ' || role FROM users "
        "WHERE role NOT IN ('member', 'admin')"
    ),
    (
        "SELECT 'account ' || username || ' is in the state ' || state FROM users "
        "WHERE state NOT IN ('pending', 'active', 'disabled', 'removed')"
    ),
    ("SELECT 'invite #' || id || ' was used ' || used || ' times' FROM invites WHERE used > uses"),
)

_NO_ADMINISTRATOR = """
SELECT 'nobody can administer the room: make an invite with --role admin'
WHERE NOT EXISTS (SELECT 1 FROM users WHERE state = 'active' AND role = 'admin')
AND NOT EXISTS (SELECT 1 FROM invites WHERE role = 'admin' AND NOT revoked AND used < uses)
"""


def findings(path: Path) -> list[str]:
    """What is wrong with the database at this path, one sentence each; none: it
    is sound. Beside a running server it sees one moment, whole.

    Raises FileNotFoundError; StorageUnavailable where nobody can tell, because
    the file may not be opened.
    """
    return damage(path) or nonsense(path)


def damage(path: Path) -> list[str]:
    """What SQLite itself finds wrong, whatever is stored."""
    return _find(path, _integrity)


def nonsense(path: Path) -> list[str]:
    """What is not as Rostrum writes it, in a database that is not damaged."""
    return _find(path, _sense)


def _find(path: Path, look: Callable[[sqlite3.Connection], list[str]]) -> list[str]:
    try:
        with _reading(path) as database:
            return look(database)
    except sqlite3.Error as error:
        # Extended result codes have the primary one in their lowest byte.
        if error.sqlite_errorcode & 0xFF in _SYSTEMS_FAULT:
            raise StorageUnavailable(f"{path} can't be opened: {error}") from error
        return [f"{path} can't be read: {error}"]


def advice(path: Path) -> list[str]:
    """What is sound and still wants to be looked after, one sentence each, of a
    database in which `findings` found nothing."""
    with _reading(path) as database:
        return [text for (text,) in database.execute(_NO_ADMINISTRATOR)]


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.exists():
        raise FileNotFoundError(f"there is no room in {path.parent}")
    with closing(sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)) as database:
        database.execute("BEGIN")
        yield database


def _integrity(database: sqlite3.Connection) -> list[str]:
    found = [
        f"the database is damaged: {text}"
        for (text,) in database.execute(f"PRAGMA integrity_check({MAX_FINDINGS})")
        if text != "ok"
    ]
    return found + [
        f"row {row} of {table} refers to {parent} that is not there"
        for table, row, parent, _ in database.execute("PRAGMA foreign_key_check")
    ]


def _sense(database: sqlite3.Connection) -> list[str]:
    done = {name for (name,) in database.execute("SELECT name FROM migrations")}
    if done != set(MIGRATIONS):
        unknown = sorted(done - set(MIGRATIONS))
        return [
            f"it was written by a newer version of Rostrum ({unknown[-1]})"
            if unknown
            else "it is of an older version of Rostrum; serve, or any command, upgrades it"
        ]
    found = []
    for query in _RULES:
        found += [text for (text,) in database.execute(query).fetchmany(MAX_FINDINGS)]
    return found or _record(database)


def _record(database: sqlite3.Connection) -> list[str]:
    count, newest = database.execute("SELECT record_count, record_hash FROM room").fetchone()
    rows = database.execute(RECORD)
    fault = first_fault(((Entry(*fields), digest) for *fields, digest in rows), count, newest)
    return [fault] if fault else []
