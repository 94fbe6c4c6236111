"""One client for each data folder.

The first holds a lock beside its files and listens on the loopback; where, and by which
secret, stands in a file that only this person can read. Whoever starts the program once
more hands over what it was started with, and ends. The answer comes from the first one's
main thread: if that hangs, the second goes on by itself, for a window that is seen is
better than one that is not.
"""

import contextlib
import hmac
import json
import logging
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable
from os import getpid
from pathlib import Path

from app.clock import SYSTEM
from app.desktop.events import DesktopEvent, SecondStart
from app.models.disk.file_lock import FileLock
from app.models.disk.files import private_file, private_folder

log = logging.getLogger(__name__)

NAME = "instance"

MOST_BYTES = 64 * 1024
"""Of what is handed over: more than the longest join code."""

SPEAK_S = 2.0
"""How long either may take to say its line."""

ANSWER_S = 5.0
"""How long the first one's main thread may take."""

START_S = 2.0
"""How long the first may take from its lock to its address."""

LOOK_S = 0.05


class Instance:
    """This process's claim to a data folder. Made and ended on the main thread."""

    def __init__(self, folder: Path, tell: Callable[[DesktopEvent], None]) -> None:
        self._folder = folder
        self._path = folder / f"{NAME}.json"
        self._lock = FileLock(folder / NAME)
        self._tell = tell
        self._listener: socket.socket | None = None
        self._secret = secrets.token_hex(32)

    def claim(self) -> bool:
        """Become the folder's one client, if there is no other. False: there is."""
        with contextlib.suppress(OSError):
            private_folder(self._folder)
        if not self._lock.take():
            return False
        try:
            listener = socket.create_server(("127.0.0.1", 0))
            self._listener = listener
            address = {
                "port": listener.getsockname()[1],
                "secret": self._secret,
                "process": getpid(),
            }
            private_file(self._path)
            # In place: on Windows what somebody reads can't be replaced, and who reads a
            # half of it looks again.
            self._path.write_bytes(json.dumps(address).encode())
        except OSError as error:
            # A second start will then open a second window.
            log.warning("a second start can't be told from the first: %s", error)
            return True
        threading.Thread(
            target=self._listen, args=(listener,), name="second starts", daemon=True
        ).start()
        return True

    def begin(self, argument: str) -> bool:
        """Become the folder's one client, or hand this over to whoever is. False: it has
        taken it, and there is nothing left to do here."""
        if self.claim():
            return True
        if self.hand_over(argument):
            return False
        # The one that did not answer may have been on its way out.
        self.claim()
        return True

    def hand_over(self, argument: str) -> bool:
        """Give this to the folder's client, and have it come to the front. False: it does
        not answer. Takes a few seconds at most."""
        until = SYSTEM.monotonic_s() + START_S
        while True:
            try:
                address = json.loads(self._path.read_bytes())
                return self._say(address, argument)
            except (OSError, ValueError, KeyError, TypeError) as error:
                if SYSTEM.monotonic_s() >= until:
                    log.warning("the client that runs already does not answer: %s", error)
                    return False
                time.sleep(LOOK_S)

    def close(self) -> None:
        """Let another be the folder's client."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
            # On some systems closing alone does not wake the thread that accepts.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        self._lock.release()

    def _say(self, address: dict[str, object], argument: str) -> bool:
        port, process = int(str(address["port"])), int(str(address["process"]))
        line = json.dumps({"secret": address["secret"], "argument": argument})
        _let_come_forward(process)
        with socket.create_connection(("127.0.0.1", port), SPEAK_S) as peer:
            peer.sendall(line.encode() + b"\n")
            peer.settimeout(ANSWER_S + SPEAK_S)
            return peer.recv(2) == b"ok"

    # -- on a thread of its own ----------------------------------------------------

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return  # closed
            with peer, contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                self._serve(peer)

    def _serve(self, peer: socket.socket) -> None:
        line = json.loads(_read_line(peer))
        if not hmac.compare_digest(str(line["secret"]).encode(), self._secret.encode()):
            return
        is_taken = threading.Event()
        self._tell(SecondStart(str(line["argument"]), is_taken.set))
        if is_taken.wait(ANSWER_S):
            peer.sendall(b"ok")


def _read_line(peer: socket.socket) -> bytes:
    """Return the line that the peer says. Raises OSError where it takes too long over
    it, or says too much."""
    until = SYSTEM.monotonic_s() + SPEAK_S
    line = b""
    while not line.endswith(b"\n"):
        peer.settimeout(max(until - SYSTEM.monotonic_s(), 0.001))
        part = peer.recv(4096)
        line += part
        if not part or len(line) > MOST_BYTES:
            raise ConnectionError("no whole line")
    return line


def _let_come_forward(process: int) -> None:
    """Let that process take the foreground: on Windows, only whoever has it may."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(process)
