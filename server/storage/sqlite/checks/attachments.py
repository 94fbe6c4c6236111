"""Are the files there that go with messages, and are they what they were? Looks, and
changes nothing."""

import json
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

from server.storage.sqlite.messages.attachments import digest_of

_MESSAGES = "SELECT 'message #' || id, attachments FROM messages WHERE attachments != '[]'"
_SCHEDULED = (
    "SELECT 'scheduled message ' || id, attachments FROM scheduled WHERE attachments != '[]'"
)


def amiss(room: Path, files: Path) -> list[str]:
    """Return what is wrong with the files that go with the messages of this room, one
    sentence each. The room itself must be sound; one of before there were files has none."""
    with ExitStack() as stack:
        database = stack.enter_context(closing(_open(room)))
        wanted = [
            (owner, bytes.fromhex(digest), str(name), int(size))
            for query in (_MESSAGES, _SCHEDULED)
            for owner, attachments in database.execute(query)
            for digest, name, size, *_ in json.loads(attachments)
        ]
        if not wanted:
            return []
        if not files.exists():
            return [f"{files.name} is missing: {len(wanted)} files go with messages"]
        try:
            kept = stack.enter_context(closing(_open(files)))
            wrong = _wrong(kept, {digest: size for _, digest, _, size in wanted})
        except sqlite3.Error as error:
            return [f"{files.name} can't be read: {error}"]
    return [
        f'{owner}: the file "{name}" {wrong[digest]}'
        for owner, digest, name, _ in wanted
        if digest in wrong
    ]


def _wrong(kept: sqlite3.Connection, wanted: dict[bytes, int]) -> dict[bytes, str]:
    found = {}
    for digest, size in wanted.items():
        row = kept.execute("SELECT size, there FROM files WHERE sha256 = ?", (digest,)).fetchone()
        if row is None or row != (size, size):
            found[digest] = "is missing"
        elif digest_of(kept, digest) != digest:
            found[digest] = "is damaged"
    return found


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)
