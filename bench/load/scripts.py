"""What the load generator's connections say to get in, and the marks in what they hear."""

import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MARK_BYTES = 30
"""A mark's length: `~`, 8 digits, `~`, 19 digits, `~`."""

MAX_AWAITED_BYTES = 63
"""The longest answer that a step may wait for."""


@dataclass(frozen=True)
class Step:
    """Say some bytes, then wait until others come."""

    say: bytes
    wait_for: bytes


@dataclass(frozen=True)
class Scripts:
    """The steps of each connection, and what each says every so many seconds from then
    on (0: nothing)."""

    steps: Sequence[Sequence[Step]]
    ping: bytes = b""
    ping_every_s: float = 0.0

    def write(self, path: Path) -> None:
        """Write them as both generators read them: native byte order, as the file does
        not leave the machine."""
        parts = [struct.pack("=Id", len(self.steps), self.ping_every_s), _bytes(self.ping)]
        for steps in self.steps:
            parts.append(struct.pack("=I", len(steps)))
            for step in steps:
                if not 0 < len(step.wait_for) <= MAX_AWAITED_BYTES:
                    raise ValueError(f"can't wait for {len(step.wait_for)} bytes")
                parts += (_bytes(step.say), _bytes(step.wait_for))
        path.write_bytes(b"".join(parts))

    @classmethod
    def read(cls, path: Path) -> "Scripts":
        """Return what was written there."""
        data = memoryview(path.read_bytes())
        place = 0

        def take(form: str) -> tuple[float, ...]:
            nonlocal place
            values: tuple[float, ...] = struct.unpack_from(form, data, place)
            place += struct.calcsize(form)
            return values

        def take_bytes() -> bytes:
            nonlocal place
            (length,) = take("=I")
            place += int(length)
            return bytes(data[place - int(length) : place])

        count, ping_every_s = take("=Id")
        ping = take_bytes()
        steps = [
            [Step(take_bytes(), take_bytes()) for _ in range(int(take("=I")[0]))]
            for _ in range(int(count))
        ]
        return cls(steps, ping, ping_every_s)


def marked_text(number: int, length: int) -> str:
    """Return a text of so many characters that says its number and the time at which it
    was made."""
    return f"~{number:08d}~{time.monotonic_ns():019d}~".ljust(length, "x")


def _bytes(data: bytes) -> bytes:
    return struct.pack("=I", len(data)) + data
