"""Run the load generator: in C where there is a compiler, else in Python."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.load.scripts import Scripts

HERE = Path(__file__).parent

AT_ONCE = 400
"""Connections that may be on their way in at the same time: fewer than a listener's
backlog and than may wait to be signed in."""


class LoadFailed(Exception):
    """The generator ended, or a connection did not come in."""


@dataclass(frozen=True)
class Heard:
    """What all connections have heard. Times are in ms, or of the monotonic clock in ns."""

    heard: int
    full: int
    """Connections that have heard all that they were to hear."""
    wrong: int
    """Messages that were not the next by their number: missed, doubled or out of order."""
    first_wrong: int
    lost: int
    """Connections that have ended."""
    first_ns: int
    last_ns: int
    cpu_s: float
    """The generator's own."""
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float
    """From when a message was made to when a connection had it, over all of both."""

    def require_all(self, connections: int, messages: int) -> None:
        """Raise LoadFailed unless each connection heard each message once, in order."""
        if (self.heard, self.full, self.wrong, self.lost) != (
            connections * messages,
            connections,
            0,
            0,
        ):
            raise LoadFailed(f"{connections} connections, {messages} messages each: {self}")

    def require_count(self, connections: int, messages: int) -> None:
        """Raise LoadFailed unless each connection heard so many messages."""
        if (self.heard, self.full, self.lost) != (connections * messages, connections, 0):
            raise LoadFailed(f"{connections} connections, {messages} messages each: {self}")


def compiler() -> str | None:
    """Return the path of a C compiler, where the generator in C can run at all."""
    if not sys.platform.startswith("linux"):
        return None
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build(name: str, folder: Path) -> Path | None:
    """Compile `name`.c of this folder into another one; None: there is no compiler."""
    path = compiler()
    if path is None:
        return None
    program = folder / name
    source = str(HERE / f"{name}.c")
    subprocess.run([path, "-O2", "-o", str(program), source, "-ldl"], check=True)
    return program


class Generator:
    """The process. `program` is the one in C; None: the one in Python."""

    def __init__(
        self, program: Path | None, port: int, scripts: Scripts, folder: Path, tls: bool = False
    ) -> None:
        path = folder / "scripts"
        scripts.write(path)
        command = [sys.executable, "-m", "bench.load.load"] if program is None else [str(program)]
        self._process = subprocess.Popen(
            [*command, "127.0.0.1", str(port), str(path), *(["tls"] if tls else [])],
            cwd=HERE.parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def connect(self, count: int, limit_s: float = 120.0, at_once: int = AT_ONCE) -> float:
        """Let so many more come in; return how many seconds that took. Raises LoadFailed
        unless all did."""
        self._say(f"connect {count} {at_once} {limit_s}")
        told = self._hear()
        if told["lost"] or told["connected"] < count:
            raise LoadFailed(f"{count} connections were to come in: {told}")
        return float(told["seconds"])

    def expect(self, count: int, first: int = 0, limit_s: float = 120.0) -> None:
        """Count what is heard from here on, until each connection has heard so many
        messages, of which the first has this number."""
        self._say(f"expect {first} {count} {limit_s}")
        self._hear()

    def heard(self) -> Heard:
        """Wait for the end of what `expect` began."""
        return Heard(**self._hear())

    def end(self) -> None:
        """End it, and with it all its connections."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _say(self, command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise LoadFailed(f"the generator ended with {self._process.wait()}")
        told: dict[str, Any] = json.loads(line)
        return told
