"""A real server in a process of its own, as an operator starts it."""

import os
import random
import socket
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from server.certificates import CERTIFICATE_NAME, fingerprint_of

ADMIN = "alice"
ADMIN_NAME = "Amelia Hart"
PASSWORD = "a long enough password"
ROOM = "Northgate School"

STOP_TIMEOUT_S = 20.0

# Below those from which Linux (32768 and up) and Windows (49152 and up) take the port
# of a connection that goes out: one of them could have it while the server is dead.
PORTS = range(15_000, 32_000)

# Tests say in seconds what people say in days.
ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "ROSTRUM_MAX_REQUESTS_PER_SECOND": "100000"}


@contextmanager
def claimed_port() -> Iterator[int]:
    """A port of TCP on 127.0.0.1 on which nobody listens and that no other test is
    given, whether or not somebody listens there meanwhile: it is claimed by holding UDP's
    port of the same number."""
    for port in random.SystemRandom().sample(PORTS, 100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as claim:
            try:
                claim.bind(("127.0.0.1", port))
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            yield port
            return
    raise AssertionError("a hundred ports are taken")


class ServerProcess:
    """One data folder and the server that serves it, on one port over all its
    lives. Ended by its own handle; its log is kept for a failed test to show.
    `registration` is the room's mode."""

    def __init__(
        self,
        folder: Path,
        module: Sequence[str] = ("server",),
        tls: bool = True,
        registration: str = "open",
    ) -> None:
        self.data_dir = folder / "room"
        claim = ExitStack()
        weakref.finalize(self, claim.close)
        self.port = claim.enter_context(claimed_port())
        self.tls = tls
        self._registration = registration
        self._module = module
        self._log_path = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.make_room()
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    @property
    def address(self) -> str:
        """Where it is, as a person would type it."""
        return f"{'' if self.tls else 'tcp://'}127.0.0.1:{self.port}"

    @property
    def fingerprint(self) -> bytes:
        """By which clients know the server; empty where it speaks plainly."""
        return fingerprint_of(self.data_dir / CERTIFICATE_NAME) if self.tls else b""

    def make_room(self) -> None:
        """`init`, with alice as its administrator."""
        # It warns that its join code leads to this machine alone, as it is meant to.
        done = subprocess.run(
            [
                *(sys.executable, "-m", "server", "init", "--data", str(self.data_dir)),
                *("--room-name", ROOM, "--admin", ADMIN, "--admin-display-name", ADMIN_NAME),
                *("--admin-password-file", "-", "--tls" if self.tls else "--no-tls"),
                *("--registration", self._registration),
            ],
            input=PASSWORD.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def start(self, *module: str) -> None:
        """Serve, on the port of its earlier lives. Returns when clients can
        connect. `module` runs in place of `server`."""
        self._log = self._log_path.open("ab")
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW  # a console of its own, to press Ctrl+C in
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", *(module or self._module), "serve"),
                *("--data", str(self.data_dir), "--port", str(self.port)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            creationflags=flags,
            env={**os.environ, **ENVIRONMENT},
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        assert "listening on" in line, f"the server did not start: {line!r}\n{self.log()}"

    @property
    def pid(self) -> int:
        """Of the process that serves now."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9: no handler runs, nothing is flushed."""
        if self._process is not None:
            self._process.kill()
            self._reap()

    def stop(self) -> int:
        """SIGTERM, or Ctrl+C on Windows; the exit status."""
        assert self._process is not None
        if sys.platform == "win32":
            press = [sys.executable, "-m", "tests.support.ctrl_c", str(self._process.pid)]
            subprocess.run(press, check=True, timeout=STOP_TIMEOUT_S)
        else:
            self._process.terminate()
        return self._reap()

    def wait_until_dead(self) -> int:
        """For a server that ends by itself; the exit status."""
        return self._reap()

    def restart(self) -> None:
        """kill -9, then start again on the same port."""
        self.kill()
        self.start()

    def log(self) -> str:
        """What the server has logged, over all its lives."""
        if not self._log_path.exists():
            return ""
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    def _reap(self) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        status = process.wait(STOP_TIMEOUT_S)
        if process.stdout is not None:
            process.stdout.close()
        if self._log is not None:
            self._log.close()
        return status
