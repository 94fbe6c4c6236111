"""The bare relay: the most that the load generator can count on this machine."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.load.generator import build
from bench.load.scripts import Scripts, Step
from bench.servers.server import Absent, Line


class Relay:
    """bench/load/relay.c: one send for each peer of what one connection said."""

    name = "ceiling"
    stores = False

    def __init__(self, folder: Path) -> None:
        program = build("relay", folder)
        if program is None:
            raise Absent("the ceiling is measured by a program in C, and there is no compiler")
        self._process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def scripts(self, count: int) -> Scripts:
        return Scripts([[Step(b"?", b"!")]] * count)

    def publisher(self) -> "RelayPublisher":
        return RelayPublisher(self.port)


class RelayPublisher:
    """Is answered for nothing: the relay says only what others said."""

    def __init__(self, port: int) -> None:
        self._line = Line(port)
        self._line.say(b"?")
        self._line.read_until(b"!")

    def publish(self, texts: Sequence[str]) -> None:
        self._line.say("".join(texts).encode())

    def settle(self) -> None:
        pass

    def close(self) -> None:
        self._line.close()
