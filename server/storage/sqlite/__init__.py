"""The room in one SQLite file: `room.db` in the data folder."""

from server.storage.sqlite.checks.soundness import require_sound, seal
from server.storage.sqlite.store import FILE_NAME, SqliteStore, create_store, open_store

__all__ = ["FILE_NAME", "SqliteStore", "create_store", "open_store", "require_sound", "seal"]
