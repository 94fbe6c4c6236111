"""Measure how fast everyone hears: bursts, and a steady pace."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.load.generator import Generator, Heard
from bench.load.scripts import marked_text
from bench.report import Section
from bench.run import Run
from bench.servers.brokers import PEERS
from bench.servers.relay import Relay
from bench.servers.rostrum import Rostrum
from bench.servers.server import Absent, Publisher, Server, cpu_s

TEXT_CHARS = 100
BURST = 100
PER_S = 5.0
LONG_S = 20.0
"""How long the bursts of one server may take before no further one begins."""

_PACE_TARGETS = (
    ("Rostrum", 1, "no later than NATS"),
    ("Rostrum, TLS", 2, "at most twice as late as NATS"),
)

MakeServer = Callable[[Path], Server]


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


def burst(generator: Generator, publisher: Publisher, listeners: int, messages: int) -> float:
    """Say so many messages in one go. Returns the deliveries a second, from the first word
    to the last that the last has heard. Raises LoadFailed unless everyone hears all."""
    generator.expect(messages)
    began_ns = time.monotonic_ns()
    publisher.publish([marked_text(number, TEXT_CHARS) for number in range(messages)])
    publisher.settle()
    heard = generator.heard()
    heard.require_all(listeners, messages)
    return listeners * messages / ((heard.last_ns - began_ns) / 1e9)


def paced(generator: Generator, publisher: Publisher, listeners: int, seconds: float) -> Heard:
    """Say a message every so often. Raises LoadFailed unless everyone hears all."""
    messages = round(PER_S * seconds)
    generator.expect(messages, limit_s=seconds + 60)
    began_s = time.monotonic()
    for number in range(messages):
        time.sleep(max(0.0, began_s + number / PER_S - time.monotonic()))
        publisher.publish([marked_text(number, TEXT_CHARS)])
        publisher.settle()
    heard = generator.heard()
    heard.require_all(listeners, messages)
    return heard


def measure_bursts(run: Run) -> list[Section]:
    """Measure bursts in the small room and in the large one."""
    return [_measure_burst(run, count) for count in (run.fewer, run.members)]


def _measure_burst(run: Run, count: int) -> Section:
    section = Section(
        f"Burst of {BURST} messages to {count:,}",
        f"million deliveries/s; generator: {run.generator}",
    )
    for make in (*PEERS, lambda folder: Rostrum(folder, count), Relay):
        folder = run.new_folder()
        try:
            with make(folder) as server, crowd(server, run.program, folder, count) as (load, says):
                burst(load, says, count, BURST)  # whoever has just started
                speeds = sorted(_bursts(load, says, count, run.rounds))
                note = "each on the disk before anybody hears it" if server.stores else ""
                section.add(server.name, speeds[len(speeds) // 2], speeds, note)
        except Absent as absent:
            section.add(make.__name__, None, note=str(absent))
    _aim_at_best_peer(section)
    return section


def _bursts(load: Generator, says: Publisher, count: int, rounds: int) -> Iterator[float]:
    """Yield the million deliveries a second of several bursts; fewer where one takes long."""
    began_s = time.monotonic()
    for _ in range(rounds):
        yield burst(load, says, count, BURST) / 1e6
        if time.monotonic() - began_s > LONG_S:
            return


def measure_pace(run: Run) -> list[Section]:
    """Measure a steady pace in the large room, over plain TCP and over TLS."""
    count, seconds = run.members, run.pace_s
    late = Section(
        f"{PER_S:.0f} messages a second to {count:,}, 99th percentile", "ms from saying to hearing"
    )
    middle = Section(f"{PER_S:.0f} messages a second to {count:,}, median", late.unit)
    used = Section(
        f"{PER_S:.0f} messages a second to {count:,}, the server's processor",
        "microseconds a delivery",
    )
    makes: list[tuple[MakeServer, bool]] = [(make, False) for make in PEERS]
    makes += [(lambda folder: Rostrum(folder, count), False)]
    makes += [(lambda folder: Rostrum(folder, count, tls=True), True), (Relay, False)]
    for make, tls in makes:
        folder = run.new_folder()
        try:
            with (
                make(folder) as server,
                crowd(server, run.program, folder, count, tls) as (generator, publisher),
            ):
                paced(generator, publisher, count, 1.0)
                before_s = cpu_s(server.pid)
                heard = paced(generator, publisher, count, seconds)
                after_s = cpu_s(server.pid)
                late.add(server.name, heard.p99_ms)
                middle.add(server.name, heard.p50_ms)
                if before_s is not None and after_s is not None:
                    used.add(server.name, (after_s - before_s) / heard.heard * 1e6)
        except Absent as absent:
            late.add(make.__name__, None, note=str(absent))
    nats = late.value_of("NATS")
    for name, times, words in _PACE_TARGETS:
        own = late.value_of(name)
        is_reached = None if nats is None or own is None else own <= times * nats
        late.aim(f"{name}: {words}", is_reached)
    return [late, middle, used]


def _aim_at_best_peer(section: Section) -> None:
    peers = [section.value_of(name) or 0.0 for name in ("NATS", "Redis", "Mosquitto")]
    own = section.value_of("Rostrum") or 0.0
    if not max(peers):
        section.aim("twice the best peer", None)
        return
    times = own / max(peers)
    section.aim(f"twice the best peer ({times:.2f} times)", times >= 2)
