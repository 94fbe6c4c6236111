"""NATS, Redis and Mosquitto, as Debian has them: one subject, everyone subscribes.

None of them stores anything here: a message is passed on and forgotten.
"""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.load.scripts import Scripts, Step
from bench.servers.server import Broker, Line, free_port, require_program, version_of


class Nats(Broker):
    """nats-server with its defaults (docs.nats.io/reference/reference-protocols)."""

    def __init__(self, folder: Path) -> None:
        path = require_program("nats-server", "nats-server")
        port = free_port()
        command = [path, "--addr", "127.0.0.1", "--port", str(port)]
        super().__init__(f"NATS {version_of(path, '--version')}", command, port)

    def scripts(self, count: int) -> Scripts:
        steps = [Step(_NATS_HELLO + b"SUB room 1\r\nPING\r\n", b"PONG\r\n")]
        return Scripts([steps] * count)

    def publisher(self) -> "NatsPublisher":
        return NatsPublisher(self.port)


_NATS_HELLO = b'CONNECT {"verbose":false,"pedantic":false}\r\n'


class NatsPublisher:
    """Is answered for all that it said by one PONG."""

    def __init__(self, port: int) -> None:
        self._line = Line(port)
        self._line.say(_NATS_HELLO)
        self.settle()

    def publish(self, texts: Sequence[str]) -> None:
        self._line.say(
            b"".join(b"PUB room %d\r\n%s\r\n" % (len(text), text.encode()) for text in texts)
        )

    def settle(self) -> None:
        self._line.say(b"PING\r\n")
        self._line.read_until(b"PONG\r\n")

    def close(self) -> None:
        self._line.close()


class Redis(Broker):
    """redis-server as a broker alone (redis.io/docs/latest/develop/pubsub)."""

    def __init__(self, folder: Path) -> None:
        path = require_program("redis-server", "redis-server")
        port = free_port()
        command = [
            *(path, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)),
            *("--save", "", "--appendonly", "no", "--maxclients", "15000"),
        ]
        super().__init__(f"Redis {version_of(path, '--version')}", command, port)

    def scripts(self, count: int) -> Scripts:
        return Scripts([[Step(b"SUBSCRIBE room\r\n", b"room\r\n:1\r\n")]] * count)

    def publisher(self) -> "RedisPublisher":
        return RedisPublisher(self.port)


class RedisPublisher:
    """Is answered for each message, by how many have heard it."""

    def __init__(self, port: int) -> None:
        self._line = Line(port)
        self._unanswered = 0

    def publish(self, texts: Sequence[str]) -> None:
        parts = [
            b"*3\r\n$7\r\nPUBLISH\r\n$4\r\nroom\r\n$%d\r\n%s\r\n" % (len(text), text.encode())
            for text in texts
        ]
        self._unanswered += len(parts)
        self._line.say(b"".join(parts))

    def settle(self) -> None:
        self._line.read_until(b"\n", self._unanswered)
        self._unanswered = 0

    def close(self) -> None:
        self._line.close()


class Mosquitto(Broker):
    """mosquitto with QoS 0 (MQTT 3.1.1, OASIS)."""

    def __init__(self, folder: Path) -> None:
        path = require_program("mosquitto", "mosquitto")
        port = free_port()
        settings = folder / "mosquitto.conf"
        lines = (
            f"listener {port} 127.0.0.1",
            "allow_anonymous true",
            "max_queued_messages 0",
            "persistence false",
        )
        settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [path, "-c", str(settings)]
        super().__init__(f"Mosquitto {version_of(path, '-h')}", command, port)

    def scripts(self, count: int) -> Scripts:
        subscribe = _packet(0x82, b"\x00\x01" + _utf8("room") + b"\x00")
        granted = b"\x90\x03\x00\x01\x00"
        return Scripts(
            [[Step(_connect(f"m{number}") + subscribe, granted)] for number in range(count)]
        )

    def publisher(self) -> "MosquittoPublisher":
        return MosquittoPublisher(self.port)


PEERS: tuple[Callable[[Path], Nats | Redis | Mosquitto], ...] = (Nats, Redis, Mosquitto)
"""What Rostrum is measured beside. Each may raise Absent."""


class MosquittoPublisher:
    """Is answered for all that it said by one PINGRESP."""

    def __init__(self, port: int) -> None:
        self._line = Line(port)
        self._line.say(_connect("publisher"))
        self._line.read_until(b"\x20\x02\x00\x00")

    def publish(self, texts: Sequence[str]) -> None:
        self._line.say(b"".join(_packet(0x30, _utf8("room") + text.encode()) for text in texts))

    def settle(self) -> None:
        self._line.say(b"\xc0\x00")
        self._line.read_until(b"\xd0\x00")

    def close(self) -> None:
        self._line.close()


def _connect(client_id: str) -> bytes:
    # Protocol level 4, a clean session, and no keep-alive.
    return _packet(0x10, _utf8("MQTT") + b"\x04\x02\x00\x00" + _utf8(client_id))


def _utf8(text: str) -> bytes:
    return struct.pack(">H", len(text.encode())) + text.encode()


def _packet(kind: int, body: bytes) -> bytes:
    length, left = b"", len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        length += bytes([digit | 0x80 if left else digit])
        if not left:
            return bytes([kind]) + length + body
