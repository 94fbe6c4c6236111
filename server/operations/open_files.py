"""How many connections the system's limit of open files leaves.

Beyond that limit a connection can't be taken in and not be told why, either:
who comes would wait in vain. So the limit is raised as far as the system lets
this process, and the room is full before it is reached.
"""

import logging
import sys

import msgspec

from server.settings import Settings

log = logging.getLogger(__name__)

FILES_RESERVE = 32
"""What the server itself has open: standard streams, selector and wake-up (6),
listeners (2), the database by three threads and the lock (11), whoever is being
told that the room is full (8), and what is open for a moment."""


def within_open_files(settings: Settings) -> Settings:
    """Return the settings with no more connections than there may be files. Raises the
    limit of this process where that is needed and allowed."""
    if sys.platform == "win32":
        return settings  # sockets are no files there
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.max_connections + FILES_RESERVE
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return settings
    may = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (may, hard))
    except (OSError, ValueError):
        may = soft  # macOS has another limit of its own
    if may == wanted:
        return settings
    left = max(1, may - FILES_RESERVE)
    log.warning("%d connections at once: the system lets %d files be open", left, may)
    return msgspec.structs.replace(settings, max_connections=left)
