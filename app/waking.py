"""Lets other threads wake the main one while it waits in Tk.

No other thread may call Tk, and to look for news many times a second is what an idle
client would spend most on. So Tcl watches one end of a connection over the loopback, as
its event loop can on every system, and another thread writes a byte to the other end.
"""

import contextlib
import logging
import socket
import threading
import tkinter as tk
from collections.abc import Callable

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"

CONNECT_S = 2.0


class Waker:
    """Made and closed on the main thread; `wake` may be called on any. `is_ready`: whether
    it wakes anybody; there may be no loopback."""

    def __init__(self, window: tk.Misc) -> None:
        self._window = window
        self._call: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._is_waking = False
        self._end: socket.socket | None = None
        self._channel = ""
        try:
            self._connect()
        except (OSError, tk.TclError) as error:
            log.warning("the main thread can't be woken and has to look by itself: %s", error)
            self.close()

    @property
    def is_ready(self) -> bool:
        return self._end is not None

    def then(self, call: Callable[[], None]) -> None:
        """Have this called on the main thread after each wake-up."""
        self._call = call

    def wake(self) -> None:
        """Wake the main thread, unless it is about to be."""
        with self._lock:
            if self._is_waking or self._end is None:
                return
            self._is_waking = True
            with contextlib.suppress(OSError):
                self._end.send(b"\0")

    def close(self) -> None:
        """Wake nobody any more."""
        with self._lock:
            end, self._end = self._end, None
        if end is not None:
            end.close()
        if self._channel:
            with contextlib.suppress(tk.TclError):
                self._window.tk.call("close", self._channel)
            self._channel = ""

    def _connect(self) -> None:
        tcl = self._window.tk
        with socket.create_server((LOOPBACK, 0)) as listener:
            listener.settimeout(CONNECT_S)
            self._channel = str(tcl.call("socket", LOOPBACK, listener.getsockname()[1]))
            own_port = int(tcl.splitlist(tcl.call("fconfigure", self._channel, "-sockname"))[2])
            while True:
                end, (_, port) = listener.accept()
                if port == own_port:
                    break
                end.close()  # some other program's
        end.setblocking(False)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tcl.call("fconfigure", self._channel, "-blocking", 0, "-translation", "binary")
        tcl.call("fileevent", self._channel, "readable", self._window.register(self._woken))
        self._end = end

    def _woken(self) -> None:
        # First: what comes from now on wakes anew.
        with self._lock:
            self._is_waking = False
        said = self._window.tk.call("read", self._channel)
        if not said and self._window.tk.call("eof", self._channel):
            log.warning("the main thread can't be woken any more")
            self.close()
        self._call()
