"""Going on without the local cache where it fails."""

import sqlite3
from collections.abc import Callable
from types import TracebackType


class CacheGuard:
    """A context (`with guard:`) in which a failing cache is no reason to fail: the rest
    of it is left undone, and `failed` is told why."""

    def __init__(self, failed: Callable[[sqlite3.Error], None]) -> None:
        self._failed = failed

    def __enter__(self) -> None:
        """Begin with what may fail."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Tell of a failing cache, and let any other error pass."""
        if isinstance(error, sqlite3.Error):
            self._failed(error)
            return True
        return False
