"""The local cache's file: its schema, and what to do where it can't be used."""

import contextlib
import logging
import sqlite3
import time
from pathlib import Path

from app.models.outbox_item import PostState

log = logging.getLogger(__name__)

SCHEMA_VERSION = 1

LOCK_WAIT_S = 0.2
"""Another window of the same account may hold the file for a moment; longer
would be felt as a frozen window."""

_SCHEMA = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, author_id INTEGER NOT NULL,
    author_name TEXT NOT NULL, posted_at_ms INTEGER NOT NULL, text TEXT NOT NULL,
    post_id BLOB NOT NULL
);
CREATE TABLE posts (
    place INTEGER PRIMARY KEY, post_id BLOB NOT NULL UNIQUE, text TEXT NOT NULL,
    written_at_ms INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""

MESSAGE_COLUMNS = "id, revision, author_id, author_name, posted_at_ms, text, post_id"
POST_COLUMNS = "post_id, text, written_at_ms, state, reason"


def open_file(path: Path, may_set_aside: bool) -> sqlite3.Connection | None:
    """The file, or None where it can't be used."""
    try:
        return _connect(str(path))
    except sqlite3.OperationalError as error:
        log.warning("the local cache can't be used now: %s", error)
        return None
    except sqlite3.DatabaseError as error:
        log.warning("the local cache is damaged and begun anew: %s", error)
    aside = _set_aside(path) if may_set_aside else None
    if aside is None:
        return None
    try:
        database = _connect(str(path))
    except sqlite3.Error as error:
        log.warning("the local cache can't be begun anew: %s", error)
        return None
    _rescue_posts(aside, database)
    return database


def open_memory() -> sqlite3.Connection:
    """The same without a file."""
    return _connect(":memory:")


def _connect(name: str) -> sqlite3.Connection:
    database = sqlite3.connect(name, timeout=LOCK_WAIT_S, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        if _version(database) == 0:
            # Looked at again within: two windows may come at once.
            database.execute("BEGIN IMMEDIATE")
            if _version(database) == 0:
                for statement in _SCHEMA.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            database.execute("COMMIT")
        if (version := _version(database)) != SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"schema {version} is not {SCHEMA_VERSION}")
        _check(database)
    except BaseException:
        database.close()
        raise
    return database


def _version(database: sqlite3.Connection) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version


def _check(database: sqlite3.Connection) -> None:
    """Whether the file holds what its version says: one that lacks a table, or
    has rubbish in it, would fail at every start. Raises DatabaseError."""
    try:
        database.execute(f"SELECT {MESSAGE_COLUMNS} FROM messages LIMIT 1").fetchall()
        for (state,) in database.execute("SELECT state FROM posts").fetchall():
            PostState(state)
        database.execute("SELECT name, value FROM facts LIMIT 1").fetchall()
    except (sqlite3.OperationalError, ValueError) as error:
        if isinstance(error, sqlite3.OperationalError) and _is_passing(error):
            raise
        raise sqlite3.DatabaseError(str(error)) from None


def _is_passing(error: sqlite3.Error) -> bool:
    """Whether it says nothing against the file: it is locked, or can't be read
    at the moment."""
    return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR


def _set_aside(path: Path) -> Path | None:
    """Rename a file that can't be used: it may hold posts that somebody wants
    to rescue, and so may the log beside it."""
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    try:
        path.replace(aside)
        for suffix in ("-wal", "-shm"):
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.replace(aside.with_name(aside.name + suffix))
    except OSError as error:
        log.warning("the damaged cache can't be moved away: %s", error)
        return None
    return aside


def _rescue_posts(aside: Path, database: sqlite3.Connection) -> None:
    """Take over as many posts as a file that was set aside still gives."""
    rescued = 0
    try:
        with contextlib.closing(sqlite3.connect(aside, timeout=LOCK_WAIT_S)) as damaged:
            query = f"SELECT {POST_COLUMNS} FROM posts ORDER BY place"
            for post_id, text, written_at_ms, state, reason in damaged.execute(query):
                if isinstance(post_id, bytes) and isinstance(text, str):
                    known = state if state in list(PostState) else PostState.WAITING.value
                    database.execute(
                        f"INSERT OR IGNORE INTO posts ({POST_COLUMNS}) VALUES (?, ?, ?, ?, ?)",
                        (post_id, text, written_at_ms, known, reason),
                    )
                    rescued += 1
    except sqlite3.Error as error:
        log.warning("no more posts could be rescued: %s", error)
    log.warning("posts taken over from the damaged cache: %d", rescued)
