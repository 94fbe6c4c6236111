"""Is what is stored sound? Looks, and changes nothing."""

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from protocol.limits import POST_ID_BYTES, ROOM_ID_BYTES
from server.domain.audit import SealedEntry
from server.domain.chain import NO_ENTRY, Link, first_fault
from server.domain.errors import StorageUnavailable
from server.domain.messages.receipts import Entry
from server.domain.users import AccountEntry
from server.storage.sqlite.chains import ACCOUNT_RECORD, ACCOUNTS, AUDIT, AUDIT_LOG
from server.storage.sqlite.checks.contradictions import contradictions
from server.storage.sqlite.messages.receipts import RECORD
from server.storage.sqlite.migrations import MIGRATIONS

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

CONFIRMATIONS = "confirmations"

RECORDS = {
    CONFIRMATIONS: "the record of confirmations",
    AUDIT: "the audit log",
    ACCOUNTS: "the record of accounts",
}
"""What is on record for good, each a chain of hashes, as people call it."""

_NO_ADMINISTRATOR = """
SELECT 'nobody can administer the room: make an invite with --role admin'
WHERE NOT EXISTS (SELECT 1 FROM users WHERE state = 'active' AND role = 'admin'
                  AND password_hash != '')
AND NOT EXISTS (SELECT 1 FROM invites WHERE role = 'admin' AND NOT revoked AND used < uses)
"""


def findings(path: Path) -> list[str]:
    """Return what is wrong with the database at this path, one sentence each; none: it is
    sound. Beside a running server it sees one moment, whole.

    Raises FileNotFoundError; StorageUnavailable where nobody can tell, because
    the file may not be opened.
    """
    return damage(path) or nonsense(path) or tampering(path)


def damage(path: Path) -> list[str]:
    """Return what SQLite itself finds wrong, whatever is stored."""
    return _find(path, _integrity)


def nonsense(path: Path) -> list[str]:
    """Return what is not as Rostrum writes it, in a database that is not damaged."""
    return _find(path, _sense)


def tampering(path: Path) -> list[str]:
    """Return what contradicts a record, in a database that makes sense."""
    return _find(
        path, lambda database: list(itertools.islice(contradictions(database), MAX_FINDINGS))
    )


def ends(path: Path) -> dict[str, tuple[int, str]]:
    """Return of each record how many entries it has, and its newest hash in hex: who
    keeps them can tell later whether all of it was written anew."""
    with _reading(path) as database:
        return {name: (count, newest.hex()) for name, count, newest in _ends(database)}


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
    """Return what is sound and still wants to be looked after, one sentence each, of a
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
    return found or _broken_chains(database)


def _broken_chains(database: sqlite3.Connection) -> list[str]:
    stored = {name: (count, newest) for name, count, newest in _ends(database)}
    missing = _CHAINS.keys() - stored.keys()
    if missing:
        return [f"nothing says where {RECORDS[min(missing)]} ends"]
    faults = [
        first_fault(RECORDS[name], entries(database), *stored[name])
        for name, entries in _CHAINS.items()
    ]
    return [fault for fault in faults if fault]


def _confirmations(database: sqlite3.Connection) -> Iterator[tuple[Entry, bytes]]:
    for *fields, digest in database.execute(RECORD):
        yield Entry(*fields), digest


def _audit_log(database: sqlite3.Connection) -> Iterator[tuple[SealedEntry, bytes]]:
    # The hash before is not stored twice: an entry that does not follow the one
    # before it has another hash of its own.
    previous = NO_ENTRY
    for *fields, digest in database.execute(AUDIT_LOG):
        yield SealedEntry(*[*fields, previous]), digest
        previous = digest


def _accounts(database: sqlite3.Connection) -> Iterator[tuple[AccountEntry, bytes]]:
    for *fields, digest in database.execute(ACCOUNT_RECORD):
        yield AccountEntry(*fields), digest


_CHAINS: dict[str, Callable[[sqlite3.Connection], Iterator[tuple[Link, bytes]]]] = {
    CONFIRMATIONS: _confirmations,
    AUDIT: _audit_log,
    ACCOUNTS: _accounts,
}


def _ends(database: sqlite3.Connection) -> Iterator[tuple[str, int, bytes]]:
    for count, newest in database.execute("SELECT record_count, record_hash FROM room"):
        yield CONFIRMATIONS, count, newest
    yield from database.execute("SELECT name, count, newest FROM chains")
