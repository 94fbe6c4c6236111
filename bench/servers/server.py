"""What is measured of every server: a process, how members get in, who publishes."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from bench.load.scripts import Scripts
from tests.support.server_process import claimed_port

START_TIMEOUT_S = 20.0
ANSWER_TIMEOUT_S = 60.0


class Absent(Exception):
    """A server that is not installed here; the text says what to install."""


class Publisher(Protocol):
    """A connection that says what all others hear."""

    def publish(self, texts: Sequence[str]) -> None:
        """Say them, all in one go."""

    def settle(self) -> None:
        """Return when the server has answered for all that was said."""

    def close(self) -> None:
        """End the connection."""


class Server(Protocol):
    """A server that runs, to be left as a context is."""

    name: str
    """As people know it, with its version."""
    stores: bool
    """Whether a message is on the disk before anybody hears it."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""

    @property
    def pid(self) -> int:
        """Of its process."""

    def scripts(self, count: int) -> Scripts:
        """Return what so many members say to get in."""

    def publisher(self) -> Publisher:
        """Return a connection that may publish."""


def cpu_s(pid: int) -> float | None:
    """Return how many seconds of a processor a process has used, all its threads
    together; None where the system does not tell (proc(5))."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    ticks = fields.rpartition(")")[2].split()
    return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> int | None:
    """Return how much memory a process has (its resident set); None where the system
    does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else None


def private_bytes(pid: int) -> int | None:
    """Return how much memory nobody but this process has, what Windows' Task Manager
    shows; None where the system does not tell."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return sum(int(found) for found in re.findall(r"Private_\w+:\s+(\d+) kB", rollup)) * 1024


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses now."""
    with claimed_port() as port:
        return port


def require_program(name: str, package: str) -> str:
    """Return where a program is. Raises Absent."""
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        raise Absent(f"{name} is not installed (Debian: {package})")
    return path


def version_of(path: str, *arguments: str) -> str:
    """Return the version number that a program tells."""
    told = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    found = re.search(r"\d+\.\d+(\.\d+)?", told.stdout + told.stderr)
    return found[0] if found else "?"


class Broker:
    """A broker that runs as a program of its own. `command` starts it on a port."""

    stores = False

    def __init__(self, name: str, command: Sequence[str], port: int) -> None:
        self.name = name
        self.port = port
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        try:
            self._wait_until_there()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _wait_until_there(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise Absent(f"{self.name} did not start") from None
                time.sleep(0.02)

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()


class Line:
    """A publisher's blocking connection, which reads until it was told enough."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), ANSWER_TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read_until(self, wanted: bytes, times: int = 1) -> None:
        """Read until this has come so often."""
        heard = b""
        while times:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("the server closed the connection")
            heard += data
            times -= min(times, heard.count(wanted))
            heard = heard[len(heard) - len(wanted) + 1 :] if wanted[1:] else b""

    def close(self) -> None:
        self._socket.close()
