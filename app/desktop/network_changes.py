"""Tells when this machine's addresses change: a cable, a wireless network, a VPN.

The system is asked to wake a thread: Windows by NotifyAddrChange (iphlpapi), Linux by
rtnetlink, macOS by a routing socket. Where it can't be asked, the connection notices by
itself, some seconds later.
"""

import contextlib
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator

from app.desktop.events import DesktopEvent, NetworkChanged

log = logging.getLogger(__name__)

SETTLES_S = 1.0
"""A change comes in several steps; it is told once, when they have come."""

RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR = 0x10, 0x100
"""Groups of rtnetlink(7)."""


class NetworkChanges:
    """From `start` on tells of changes, on a thread that dies with the program."""

    def __init__(
        self,
        tell: Callable[[DesktopEvent], None],
        wait: Callable[[], None] | None = None,
        settles_s: float = SETTLES_S,
    ) -> None:
        self._tell = tell
        self._wait = wait
        self._settles_s = settles_s

    def start(self) -> None:
        threading.Thread(target=self._work, name="network changes", daemon=True).start()

    def _work(self) -> None:
        try:
            with contextlib.nullcontext(self._wait) if self._wait else waiting() as wait:
                while True:
                    wait()
                    self._tell(NetworkChanged())
                    time.sleep(self._settles_s)
        except Exception as error:
            log.info("changes of the network are not told: %s", error)


@contextlib.contextmanager
def waiting() -> Iterator[Callable[[], None]]:
    """Give what waits for the next change. Raises OSError where the system can't be
    asked."""
    if sys.platform == "win32":
        yield _wait_on_windows
        return
    if sys.platform == "linux":
        routes = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        address: tuple[int, int] | None = (0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)
    else:
        routes = socket.socket(socket.AF_ROUTE, socket.SOCK_RAW, 0)
        address = None
    with routes:
        if address is not None:
            routes.bind(address)
        yield lambda: _hear(routes)


def _wait_on_windows() -> None:
    if sys.platform == "win32":
        import ctypes

        # With neither handle nor overlapped structure it returns at the next change.
        error = ctypes.windll.iphlpapi.NotifyAddrChange(None, None)
        if error:
            raise OSError(error, "NotifyAddrChange")


def _hear(routes: socket.socket) -> None:
    if not routes.recv(65536):
        raise OSError("the system tells no more")
