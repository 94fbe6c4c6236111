"""Where the chains of hashes end, and those that an older room gets.

How long each is and its newest hash stand beside it, so that a lost end shows.
"""

from server.domain.audit import SealedEntry
from server.domain.chain import NO_ENTRY
from server.domain.users import AccountEntry, password_digest
from server.storage.sqlite.database import Database

AUDIT, ACCOUNTS = "audit", "accounts"

_AUDIT = "id, at_ms, actor, action, subject, subject_id, address, detail"

AUDIT_LOG = f"SELECT {_AUDIT}, hash FROM audit ORDER BY id"
"""Selects the whole audit log: the fields of `SealedEntry` but the last, and the hash
that is stored."""

ACCOUNT_FIELDS = ", ".join(AccountEntry.__struct_fields__[:-1]) + ", previous_hash"

ACCOUNT_RECORD = f"SELECT {ACCOUNT_FIELDS}, hash FROM account_record ORDER BY id"
"""Selects the whole record of accounts: the fields of `AccountEntry`, and the hash
that is stored."""


def end_of(database: Database, chain: str) -> tuple[int, bytes]:
    """Return how many entries it has, and the hash of the newest."""
    count, newest = database.execute(
        "SELECT count, newest FROM chains WHERE name = ?", chain
    ).fetchone()
    return int(count), bytes(newest)


def set_end(database: Database, chain: str, count: int, newest: bytes) -> None:
    """Store how long the record is now, and the hash of its newest entry."""
    database.execute("UPDATE chains SET count = ?, newest = ? WHERE name = ?", count, newest, chain)


def add_account_entry(database: Database, entry: AccountEntry) -> bytes:
    """Write one entry down; its hash."""
    places = ", ".join("?" for _ in AccountEntry.__struct_fields__)
    digest = entry.hash()
    database.execute(
        f"INSERT INTO account_record ({ACCOUNT_FIELDS}, hash) VALUES ({places}, ?)",
        *(getattr(entry, name) for name in AccountEntry.__struct_fields__),
        digest,
    )
    return digest


def seal_audit_log(database: Database) -> None:
    """Give the entries of an older room their hashes, as they are."""
    count, newest = 0, NO_ENTRY
    for row in database.execute(f"SELECT {_AUDIT} FROM audit ORDER BY id").fetchall():
        entry = SealedEntry(*(*row, newest))
        count, newest = count + 1, entry.hash()
        database.execute("UPDATE audit SET hash = ? WHERE id = ?", newest, entry.id)
    set_end(database, AUDIT, count, newest)


def seal_accounts(database: Database) -> None:
    """Put the accounts of an older room on record, as they are."""
    count, newest = 0, NO_ENTRY
    rows = database.execute(
        "SELECT id, username, display_name, role, state, password_hash FROM users ORDER BY id"
    ).fetchall()
    for *told, password_hash in rows:
        count += 1
        entry = AccountEntry(*(count, *told, password_digest(password_hash), newest))
        newest = add_account_entry(database, entry)
    set_end(database, ACCOUNTS, count, newest)
