"""Names to addresses, off the network thread: the system's resolver blocks for
as long as it likes, and stopping the client must not wait for it."""

import logging
import socket
import threading
from collections.abc import Callable

from app.net.transport import Address

log = logging.getLogger(__name__)


def resolve(host: str, port: int, done: Callable[[list[Address]], None]) -> None:
    """Call `done` from a thread of its own with the host's addresses, in the
    system's order; none where there is no such host."""

    def run() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as error:  # ValueError: what can't be a host's name
            log.info("can't resolve: %s", error)
            found = []
        done([(family, address) for family, _, _, _, address in found])  # type: ignore[misc]

    try:
        threading.Thread(target=run, name="resolver", daemon=True).start()
    except RuntimeError as error:  # the system gives no more threads
        log.warning("can't resolve: %s", error)
        done([])
