"""The local cache's file: its schema, and what to do where it can't be used."""

import contextlib
import logging
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from app.models.disk.files import private_file
from app.models.room.outbox_item import Draft, OutboxItem, PostState
from protocol.messages import RoomMessage

log = logging.getLogger(__name__)

SCHEMA_VERSION = 2

LOCK_WAIT_S = 0.2
"""Another window of the same account may hold the file for a moment; longer
would be felt as a frozen window."""

SMALL_BYTES = 8 * 1024 * 1024
"""A file that is written anew before anybody notices, some tens of milliseconds."""

# Messages and posts are kept whole, as MessagePack: a field that is added to them
# needs no other schema.
_SCHEMA = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE posts (
    place INTEGER PRIMARY KEY, post_id BLOB NOT NULL UNIQUE, body BLOB NOT NULL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""

_OLDER_POSTS = "post_id, text, written_at_ms, state, reason"
"""The columns that posts had in the first schema."""

_decode_message = msgspec.msgpack.Decoder(RoomMessage).decode
_decode_post = msgspec.msgpack.Decoder(OutboxItem).decode
_encode = msgspec.msgpack.encode


def message_body(message: RoomMessage) -> bytes:
    """Return a message as its row keeps it."""
    return _encode(message)


def message_in(body: bytes) -> RoomMessage:
    """Return the message in a row. Raises sqlite3.DatabaseError for rubbish."""
    try:
        return _decode_message(body)
    except (msgspec.MsgspecError, TypeError) as error:
        raise sqlite3.DatabaseError(f"a message is rubbish: {error}") from None


def post_body(post: OutboxItem) -> bytes:
    """Return a post as its row keeps it."""
    return _encode(post)


def post_in(body: bytes) -> OutboxItem:
    """Return the post in a row. Raises sqlite3.DatabaseError for rubbish."""
    try:
        return _decode_post(body)
    except (msgspec.MsgspecError, TypeError) as error:
        raise sqlite3.DatabaseError(f"a post is rubbish: {error}") from None


def open_file(path: Path, may_set_aside: bool) -> sqlite3.Connection | None:
    """Return the file, or None where it can't be used."""
    with contextlib.suppress(OSError):
        # SQLite gives the log beside it the same mode.
        private_file(path)
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
    """Return the same without a file."""
    return _connect(":memory:")


def size_of(database: sqlite3.Connection) -> int:
    """Count the bytes of the file, without the log beside it."""
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    (page_bytes,) = database.execute("PRAGMA page_size").fetchone()
    return int(pages * page_bytes)


def empty_log(database: sqlite3.Connection) -> bool:
    """Bring all that is in the log into the file, and cut the log to nothing.
    False: another window is at the file. Not within a transaction."""
    database.execute("PRAGMA busy_timeout = 0")
    try:
        (is_busy, _, _) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        database.execute(f"PRAGMA busy_timeout = {round(LOCK_WAIT_S * 1000)}")
    return not is_busy


def _connect(name: str) -> sqlite3.Connection:
    database = sqlite3.connect(name, timeout=LOCK_WAIT_S, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        # Not every system's SQLite has it on: a withdrawn text is gone.
        database.execute("PRAGMA secure_delete = ON")
        if _version(database) < SCHEMA_VERSION:
            # Looked at again within: two windows may come at once.
            database.execute("BEGIN IMMEDIATE")
            version = _version(database)
            if version < SCHEMA_VERSION:
                posts = list(_older_posts(database)) if version else []
                for table in ("messages", "posts", "facts"):
                    database.execute(f"DROP TABLE IF EXISTS {table}")
                for statement in _SCHEMA.split(";"):
                    database.execute(statement)
                _keep(database, posts)
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
    """Tell whether the file holds what its version says: one that lacks a table, or has
    rubbish in it, would fail at every start. Raises DatabaseError."""
    try:
        for (body,) in database.execute("SELECT body FROM messages LIMIT 1").fetchall():
            message_in(body)
        for (body,) in database.execute("SELECT body FROM posts").fetchall():
            post_in(body)
        database.execute("SELECT name, value FROM facts LIMIT 1").fetchall()
    except sqlite3.OperationalError as error:
        if _is_passing(error):
            raise
        raise sqlite3.DatabaseError(str(error)) from None


def _is_passing(error: sqlite3.Error) -> bool:
    """Tell whether it says nothing against the file: it is locked, or can't be read at
    the moment."""
    return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR


def _set_aside(path: Path) -> Path | None:
    """Rename a file that can't be used: it may hold posts that somebody wants
    to rescue, and so may the log beside it."""
    aside = path.with_name(f"{path.name}.damaged-{secrets.token_hex(8)}")
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
    rescued: list[OutboxItem] = []
    try:
        with contextlib.closing(sqlite3.connect(aside, timeout=LOCK_WAIT_S)) as damaged:
            of_today = _version(damaged) >= SCHEMA_VERSION
            for post in _kept_posts(damaged) if of_today else _older_posts(damaged):
                rescued.append(post)
    except sqlite3.Error as error:
        log.warning("no more posts could be rescued: %s", error)
    _keep(database, rescued)
    log.warning("posts taken over from the damaged cache: %d", len(rescued))


def _keep(database: sqlite3.Connection, posts: Iterable[OutboxItem]) -> None:
    database.executemany(
        "INSERT OR IGNORE INTO posts (post_id, body) VALUES (?, ?)",
        [(post.post_id, post_body(post)) for post in posts],
    )


def _kept_posts(database: sqlite3.Connection) -> Iterator[OutboxItem]:
    """Return those whose text can still be told, whatever else they say."""
    for (body,) in database.execute("SELECT body FROM posts ORDER BY place"):
        with contextlib.suppress(msgspec.MsgspecError, TypeError):
            yield msgspec.convert(_waiting(msgspec.msgpack.decode(body)), OutboxItem)


def _waiting(kept: dict[str, Any]) -> dict[str, Any]:
    if kept.get("state") not in list(PostState):
        return kept | {"state": PostState.WAITING}
    return kept


def _older_posts(database: sqlite3.Connection) -> Iterator[OutboxItem]:
    """Return those of the first schema, as far as they can be read."""
    query = f"SELECT {_OLDER_POSTS} FROM posts ORDER BY place"
    for post_id, text, written_at_ms, state, reason in database.execute(query):
        if isinstance(post_id, bytes) and isinstance(text, str):
            known = PostState(state) if state in list(PostState) else PostState.WAITING
            yield OutboxItem(post_id, Draft(text), int(written_at_ms), known, str(reason))
