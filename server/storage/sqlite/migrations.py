"""The database's schema, as the ordered list of the steps that led to it.

Each migration runs in one transaction together with the record that it has
run. A database with a record that this program does not know was written by a
newer one and is refused. Before an existing room is upgraded, its file is
copied beside it. A migration that was released is never changed: a new one is
added.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from server.clock import SYSTEM
from server.domain.store import SchemaTooNew
from server.storage.sqlite.chains import seal_accounts, seal_audit_log
from server.storage.sqlite.database import Database

STRICT_SINCE = (3, 37, 0)
"""SQLite checks column types from this version on (sqlite.org/stricttables.html).
An older one, as on some long-lived Linux systems, makes the same tables without."""


def _attachment_triggers(table: str, owner: str) -> tuple[str, ...]:
    """Return what keeps `attachment_uses` as this table's rows have it, and notes what each
    of them lets go of."""
    mine = f"owner = '{owner}' AND owner_id"
    take = (
        "INSERT OR IGNORE INTO attachment_uses SELECT json_extract(value, '$[0]'), "
        f"'{owner}', NEW.id FROM json_each(NEW.attachments);"
    )
    release = (
        "INSERT OR IGNORE INTO released_attachments SELECT sha256 FROM attachment_uses "
        f"WHERE {mine} = OLD.id; DELETE FROM attachment_uses WHERE {mine} = OLD.id;"
    )
    return (
        f"CREATE TRIGGER attachments_of_a_new_{owner} AFTER INSERT ON {table} "
        f"WHEN NEW.attachments != '[]' BEGIN {take} END",
        f"CREATE TRIGGER attachments_of_a_changed_{owner} AFTER UPDATE OF attachments ON {table} "
        f"WHEN NEW.attachments != OLD.attachments BEGIN {release} {take} END",
        f"CREATE TRIGGER attachments_of_a_removed_{owner} AFTER DELETE ON {table} "
        f"WHEN OLD.attachments != '[]' BEGIN {release} END",
    )


Step = str | Callable[[Database], None]
"""A statement, or what no statement can do."""

MIGRATIONS: dict[str, tuple[Step, ...]] = {
    "0001_room": (
        """
        CREATE TABLE room (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            room_id BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY,
            username TEXT NOT NULL,
            username_key TEXT NOT NULL UNIQUE,
            display_name TEXT NOT NULL,
            role TEXT NOT NULL,
            state TEXT NOT NULL,
            password_hash TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE sessions (
            digest BLOB PRIMARY KEY,
            user_id INTEGER NOT NULL REFERENCES users (id),
            device TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL,
            last_used_ms INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX sessions_by_user ON sessions (user_id)",
        # The id is the place in the order of posting, given by hand: it has no
        # gap. `revision` moves when a message changes, the id never does.
        """
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY,
            revision INTEGER NOT NULL UNIQUE,
            author_id INTEGER NOT NULL REFERENCES users (id),
            author_name TEXT NOT NULL,
            posted_at_ms INTEGER NOT NULL,
            text TEXT NOT NULL,
            post_id BLOB NOT NULL,
            UNIQUE (author_id, post_id)
        ) STRICT
        """,
    ),
    "0002_administration": (
        "ALTER TABLE users ADD COLUMN last_seen_ms INTEGER NOT NULL DEFAULT 0",
        "UPDATE users SET last_seen_ms = coalesce("
        "(SELECT max(last_used_ms) FROM sessions WHERE user_id = users.id), 0)",
        # A session gets a number by which its person can name it.
        """
        CREATE TABLE numbered_sessions (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            user_id INTEGER NOT NULL REFERENCES users (id),
            device TEXT NOT NULL,
            address TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL,
            last_used_ms INTEGER NOT NULL
        ) STRICT
        """,
        "INSERT INTO numbered_sessions "
        "(digest, user_id, device, address, created_at_ms, last_used_ms) "
        "SELECT digest, user_id, device, '', created_at_ms, last_used_ms FROM sessions",
        "DROP TABLE sessions",
        "ALTER TABLE numbered_sessions RENAME TO sessions",
        "CREATE INDEX sessions_by_user ON sessions (user_id)",
        """
        CREATE TABLE resets (
            user_id INTEGER PRIMARY KEY REFERENCES users (id),
            digest BLOB NOT NULL,
            expires_at_ms INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE invites (
            id INTEGER PRIMARY KEY,
            digest BLOB NOT NULL UNIQUE,
            role TEXT NOT NULL,
            uses INTEGER NOT NULL,
            used INTEGER NOT NULL,
            expires_at_ms INTEGER NOT NULL,
            revoked INTEGER NOT NULL,
            note TEXT NOT NULL,
            created_by TEXT NOT NULL,
            created_at_ms INTEGER NOT NULL
        ) STRICT
        """,
        # Names are kept as they were: an account may be renamed or removed, what
        # it did stays. `subject_id` is for the server, which looks here for whose
        # connections it has to look after.
        """
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at_ms INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            subject_id INTEGER,
            address TEXT NOT NULL,
            detail TEXT NOT NULL
        ) STRICT
        """,
        "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit "
        "BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END",
        "CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit "
        "BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END",
    ),
    # How far the room had come, beside the messages themselves: should the newest
    # be lost, that shows, and no number is given twice.
    "0003_head": (
        "ALTER TABLE room ADD COLUMN last_id INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE room ADD COLUMN last_revision INTEGER NOT NULL DEFAULT 0",
        "UPDATE room SET last_id = (SELECT coalesce(max(id), 0) FROM messages), "
        "last_revision = (SELECT coalesce(max(revision), 0) FROM messages)",
        "CREATE TRIGGER head_follows_messages AFTER INSERT ON messages "
        "BEGIN UPDATE room SET last_id = NEW.id, last_revision = NEW.revision; END",
    ),
    # What becomes of a message after it was posted.
    "0004_life": (
        "ALTER TABLE messages ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
        # A JSON array of texts.
        "ALTER TABLE messages ADD COLUMN answers TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE messages ADD COLUMN edited_at_ms INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE messages ADD COLUMN withdrawn_at_ms INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE messages ADD COLUMN withdrawn_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE messages ADD COLUMN pinned_at_ms INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE messages ADD COLUMN expires_at_ms INTEGER NOT NULL DEFAULT 0",
        # Few messages are pinned or expire: their indexes hold only those.
        "CREATE INDEX messages_pinned ON messages (pinned_at_ms) WHERE pinned_at_ms > 0",
        "CREATE INDEX messages_expiring ON messages (expires_at_ms) WHERE expires_at_ms > 0",
        """
        CREATE TABLE earlier_texts (
            id INTEGER PRIMARY KEY,
            message_id INTEGER NOT NULL REFERENCES messages (id),
            text TEXT NOT NULL,
            until_ms INTEGER NOT NULL,
            replaced_by TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX earlier_texts_by_message ON earlier_texts (message_id)",
        "CREATE TRIGGER head_follows_changes AFTER UPDATE OF revision ON messages "
        "BEGIN UPDATE room SET last_revision = NEW.revision; END",
    ),
    # Who has seen a message, and who has confirmed it.
    "0005_receipts": (
        # The newest message when the account came into use: what was posted
        # before does not ask this person. Accounts that are there already begin
        # with what comes now.
        "ALTER TABLE users ADD COLUMN joined_id INTEGER NOT NULL DEFAULT 0",
        "UPDATE users SET joined_id = (SELECT coalesce(max(last_id), 0) FROM room)",
        """
        CREATE TABLE seen (
            user_id INTEGER PRIMARY KEY REFERENCES users (id),
            through_id INTEGER NOT NULL
        ) STRICT
        """,
        # The answer that counts, of each person to each message.
        """
        CREATE TABLE answers (
            message_id INTEGER NOT NULL REFERENCES messages (id),
            user_id INTEGER NOT NULL REFERENCES users (id),
            choice INTEGER NOT NULL,
            first_at_ms INTEGER NOT NULL,
            at_ms INTEGER NOT NULL,
            PRIMARY KEY (message_id, user_id)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE reminders (
            message_id INTEGER PRIMARY KEY REFERENCES messages (id),
            at_ms INTEGER NOT NULL
        ) STRICT
        """,
        # The record: every answer that was ever given.
        """
        CREATE TABLE confirmations (
            id INTEGER PRIMARY KEY,
            message_id INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            user_id INTEGER NOT NULL,
            username TEXT NOT NULL,
            answer TEXT NOT NULL,
            text_digest BLOB NOT NULL,
            at_ms INTEGER NOT NULL,
            previous_hash BLOB NOT NULL,
            hash BLOB NOT NULL
        ) STRICT
        """,
        "CREATE TRIGGER confirmations_are_not_changed BEFORE UPDATE ON confirmations "
        "BEGIN SELECT raise(ABORT, 'the record of confirmations is only added to'); END",
        "CREATE TRIGGER confirmations_are_not_deleted BEFORE DELETE ON confirmations "
        "BEGIN SELECT raise(ABORT, 'the record of confirmations is only added to'); END",
        # How long it is and how it ends, so that a lost end shows.
        "ALTER TABLE room ADD COLUMN record_count INTEGER NOT NULL DEFAULT 0",
        f"ALTER TABLE room ADD COLUMN record_hash BLOB NOT NULL DEFAULT x'{'00' * 32}'",
        # Few messages ask for an answer.
        "CREATE INDEX messages_asking ON messages (id) WHERE answers != '[]'",
    ),
    # The audit log, and how each account came to be as it is, become chains of
    # hashes like the record of confirmations (server/domain/chain.py).
    "0006_chains": (
        """
        CREATE TABLE chains (
            name TEXT PRIMARY KEY,
            count INTEGER NOT NULL,
            newest BLOB NOT NULL
        ) STRICT
        """,
        "INSERT INTO chains (name, count, newest) "
        "VALUES ('audit', 0, zeroblob(32)), ('accounts', 0, zeroblob(32))",
        "DROP TRIGGER IF EXISTS audit_is_not_changed",
        "ALTER TABLE audit ADD COLUMN hash BLOB NOT NULL DEFAULT x''",
        seal_audit_log,
        "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit "
        "BEGIN SELECT raise(ABORT, 'the audit log is only added to'); END",
        """
        CREATE TABLE account_record (
            id INTEGER PRIMARY KEY,
            user_id INTEGER NOT NULL,
            username TEXT NOT NULL,
            display_name TEXT NOT NULL,
            role TEXT NOT NULL,
            state TEXT NOT NULL,
            password_digest BLOB NOT NULL,
            previous_hash BLOB NOT NULL,
            hash BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX account_record_by_user ON account_record (user_id)",
        seal_accounts,
        "CREATE TRIGGER account_record_is_not_changed BEFORE UPDATE ON account_record "
        "BEGIN SELECT raise(ABORT, 'the record of accounts is only added to'); END",
        "CREATE TRIGGER account_record_is_not_deleted BEFORE DELETE ON account_record "
        "BEGIN SELECT raise(ABORT, 'the record of accounts is only added to'); END",
    ),
    # Up to which revision texts were withdrawn, and up to which of them nothing is
    # left in the log beside the file, and in the file (scrubbing.py).
    "0007_scrubbing": (
        "ALTER TABLE room ADD COLUMN withdrawn_through INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE room ADD COLUMN log_scrubbed_through INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE room ADD COLUMN file_scrubbed_through INTEGER NOT NULL DEFAULT 0",
        "UPDATE room SET withdrawn_through = "
        "(SELECT coalesce(max(revision), 0) FROM messages WHERE withdrawn_at_ms > 0)",
        "CREATE TRIGGER withdrawals_are_noted AFTER UPDATE OF withdrawn_at_ms ON messages "
        "WHEN NEW.withdrawn_at_ms > 0 AND OLD.withdrawn_at_ms = 0 "
        "BEGIN UPDATE room SET withdrawn_through = NEW.revision; END",
    ),
    # Who made an invite, by number: names are given anew. How often somebody has
    # answered a message, of which there is an end.
    "0008_bounds": (
        "ALTER TABLE invites ADD COLUMN created_by_id INTEGER",
        "UPDATE invites SET created_by_id = "
        "(SELECT id FROM users WHERE username = created_by AND state != 'removed')",
        "ALTER TABLE answers ADD COLUMN times INTEGER NOT NULL DEFAULT 1",
        "UPDATE answers SET times = (SELECT count(*) FROM confirmations c "
        "WHERE c.message_id = answers.message_id AND c.user_id = answers.user_id)",
    ),
    # What a username looks like (server/domain/lookalikes.py). Accounts that look alike
    # already go on.
    "0009_lookalikes": (
        "ALTER TABLE users ADD COLUMN skeleton TEXT NOT NULL DEFAULT ''",
        "UPDATE users SET skeleton = skeleton_of(username)",
        "CREATE INDEX users_by_skeleton ON users (skeleton)",
    ),
    # What a person has seen, in runs without a gap; it was the last message.
    "0010_seen_runs": (
        "ALTER TABLE seen RENAME TO seen_through",
        """
        CREATE TABLE seen (
            user_id INTEGER NOT NULL REFERENCES users (id),
            from_id INTEGER NOT NULL,
            to_id INTEGER NOT NULL,
            PRIMARY KEY (user_id, from_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX seen_by_end ON seen (to_id)",
        "INSERT INTO seen (user_id, from_id, to_id) "
        "SELECT user_id, 1, through_id FROM seen_through WHERE through_id > 0",
        "DROP TABLE seen_through",
    ),
    # Which messages have which pieces of text (search.py), 2048 of them a chunk. It is
    # filled by the server as it runs.
    "0011_search": (
        """
        CREATE TABLE search_chunks (
            chunk INTEGER PRIMARY KEY,
            is_current INTEGER NOT NULL,
            first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE search_grams (
            chunk INTEGER NOT NULL,
            gram TEXT NOT NULL,
            ids BLOB NOT NULL,
            PRIMARY KEY (chunk, gram)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE TRIGGER search_follows_texts AFTER UPDATE OF text ON messages "
        "WHEN NEW.text IS NOT OLD.text "
        "BEGIN UPDATE search_chunks SET is_current = 0 WHERE chunk = NEW.id / 2048; END",
    ),
    # What administrators keep to post it again.
    "0012_templates": (
        """
        CREATE TABLE templates (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            text TEXT NOT NULL,
            priority INTEGER NOT NULL,
            answers TEXT NOT NULL,
            lifetime_ms INTEGER NOT NULL
        ) STRICT
        """,
    ),
    # What is posted later, and under which ids something ever was to be; when a message
    # should have been posted that was late.
    "0013_schedule": (
        """
        CREATE TABLE scheduled (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            version INTEGER NOT NULL,
            at_ms INTEGER NOT NULL,
            author_id INTEGER NOT NULL REFERENCES users (id),
            post_id BLOB NOT NULL,
            text TEXT NOT NULL,
            priority INTEGER NOT NULL,
            answers TEXT NOT NULL,
            lifetime_ms INTEGER NOT NULL,
            held INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX scheduled_by_time ON scheduled (at_ms, id)",
        """
        CREATE TABLE scheduled_posts (
            author_id INTEGER NOT NULL REFERENCES users (id),
            post_id BLOB NOT NULL,
            PRIMARY KEY (author_id, post_id)
        ) STRICT, WITHOUT ROWID
        """,
        "ALTER TABLE messages ADD COLUMN due_at_ms INTEGER NOT NULL DEFAULT 0",
    ),
    # From which message on the room's are not past their time, and which below are kept
    # for all that (server/domain/messages/retention.py).
    "0014_retention": (
        "ALTER TABLE room ADD COLUMN kept_from_id INTEGER NOT NULL DEFAULT 1",
        "CREATE TABLE kept_longer (message_id INTEGER PRIMARY KEY REFERENCES messages (id)) STRICT",
    ),
    # Files that go with messages; which go with which, and which have gone with none since.
    "0015_attachments": (
        "ALTER TABLE messages ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE scheduled ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]'",
        """
        CREATE TABLE attachment_uses (
            sha256 TEXT NOT NULL,
            owner TEXT NOT NULL,
            owner_id INTEGER NOT NULL,
            PRIMARY KEY (sha256, owner, owner_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX attachment_uses_by_owner ON attachment_uses (owner, owner_id)",
        "CREATE TABLE released_attachments (sha256 TEXT PRIMARY KEY) STRICT",
        *_attachment_triggers("messages", "message"),
        *_attachment_triggers("scheduled", "scheduled"),
    ),
}


def migrate(database: Database, path: Path) -> None:
    """Bring the database up to today's schema. Raises SchemaTooNew."""
    known = list(MIGRATIONS)
    done = _recorded(database)
    unknown = [name for name in done if name not in MIGRATIONS]
    if unknown:
        raise SchemaTooNew(
            f"{path} was written by a newer version of Rostrum ({unknown[-1]}); "
            f"this one knows {known[-1]}"
        )
    for name in known:
        if name in done:
            continue
        if done:
            _copy_beforehand(database, path, name)
        _apply(database, name)


def _copy_beforehand(database: Database, path: Path, name: str) -> None:
    """Copy the file beside it, whole or not at all."""
    target = path.with_name(f"{path.stem}.before-{name}{path.suffix}")
    draft = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        database.backup_to(draft)
        with closing(sqlite3.connect(draft)) as copy:
            done = copy.execute("SELECT 1 FROM migrations WHERE name = ?", (name,)).fetchone()
        if done is None:
            draft.replace(target)
        # Else another process was quicker, and its copy is the one of before.
    finally:
        draft.unlink(missing_ok=True)


def _recorded(database: Database) -> list[str]:
    database.execute(
        _for_this_sqlite(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(name TEXT PRIMARY KEY, applied_at_ms INTEGER NOT NULL) STRICT"
        )
    )
    return [name for (name,) in database.execute("SELECT name FROM migrations ORDER BY name")]


def _for_this_sqlite(statement: str) -> str:
    if sqlite3.sqlite_version_info >= STRICT_SINCE:
        return statement
    return statement.replace("STRICT, ", "").replace("STRICT", "")


def _apply(database: Database, name: str) -> None:
    with database.transaction():
        if name in _recorded(database):
            return  # another process was quicker
        for step in MIGRATIONS[name]:
            if isinstance(step, str):
                database.execute(_for_this_sqlite(step))
            else:
                step(database)
        database.execute(
            "INSERT INTO migrations (name, applied_at_ms) VALUES (?, ?)",
            name,
            SYSTEM.now_ms(),
        )
