"""Names to addresses, off the network thread: the system's resolver blocks for
as long as it likes, and stopping the client must not wait for it."""

import socket
import threading
from collections.abc import Callable

from app.net.transport import Address


def resolve(host: str, port: int, done: Callable[[list[Address]], None]) -> None:
    """Call `done` from a thread of its own with the host's addresses, in the
    system's order; none where there is no such host."""

    def run() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        done([(family, address) for family, _, _, _, address in found])  # type: ignore[misc]

    threading.Thread(target=run, name="resolver", daemon=True).start()
