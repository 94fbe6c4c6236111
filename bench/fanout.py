"""Measure how fast everyone hears: bursts, and a steady pace."""

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load.generator import Generator, Heard
from bench.load.scripts import marked_text
from bench.servers.server import Publisher, Server, cpu_s

TEXT_CHARS = 100


@dataclass(frozen=True)
class Burst:
    """So many messages said in one go, until the last has been heard by the last."""

    seconds: float
    deliveries_per_s: float
    generator_busy: float
    """The share of that time for which the generator's one thread was busy."""


@dataclass(frozen=True)
class Pace:
    """Messages said one by one at a steady pace."""

    p50_ms: float
    p99_ms: float
    max_ms: float
    server_cpu_s: float | None
    generator_busy: float


@contextmanager
def crowd(
    server: Server, program: Path | None, folder: Path, count: int, tls: bool = False
) -> Iterator[tuple[Generator, Publisher]]:
    """Let so many members come in, and somebody who publishes."""
    with ExitStack() as stack:
        scripts = server.scripts(count)
        generator = stack.enter_context(Generator(program, server.port, scripts, folder, tls))
        generator.connect(count)
        publisher = server.publisher()
        stack.callback(publisher.close)
        yield generator, publisher


def burst(generator: Generator, publisher: Publisher, listeners: int, messages: int) -> Burst:
    """Say so many messages in one go. Raises LoadFailed unless everyone hears all."""
    generator.expect(messages)
    began_ns = time.monotonic_ns()
    publisher.publish([marked_text(number, TEXT_CHARS) for number in range(messages)])
    publisher.settle()
    heard = generator.heard()
    heard.require_all(listeners, messages)
    seconds = (heard.last_ns - began_ns) / 1e9
    return Burst(seconds, listeners * messages / seconds, _busy(heard, began_ns))


def paced(
    server: Server,
    generator: Generator,
    publisher: Publisher,
    listeners: int,
    per_s: float,
    seconds: float,
) -> Pace:
    """Say a message every so often. Raises LoadFailed unless everyone hears all."""
    messages = round(per_s * seconds)
    generator.expect(messages, limit_s=seconds + 60)
    before_s, began_ns = cpu_s(server.pid), time.monotonic_ns()
    for number in range(messages):
        time.sleep(max(0.0, (began_ns + number / per_s * 1e9 - time.monotonic_ns()) / 1e9))
        publisher.publish([marked_text(number, TEXT_CHARS)])
        publisher.settle()
    heard = generator.heard()
    heard.require_all(listeners, messages)
    after_s = cpu_s(server.pid)
    used_s = None if before_s is None or after_s is None else after_s - before_s
    return Pace(heard.p50_ms, heard.p99_ms, heard.max_ms, used_s, _busy(heard, began_ns))


def median_burst(bursts: list[Burst]) -> Burst:
    """Return the one in the middle by its speed."""
    middle = statistics.median_low(one.deliveries_per_s for one in bursts)
    return next(one for one in bursts if one.deliveries_per_s == middle)


def _busy(heard: Heard, began_ns: int) -> float:
    return heard.cpu_s / max(1e-9, (heard.last_ns - began_ns) / 1e9)
