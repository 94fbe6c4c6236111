"""Measure for how long others wait while a message goes to a whole room."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.fanout import PER_S, crowd, paced
from bench.report import Section, percentile
from bench.run import Run
from bench.servers.rostrum import Rostrum
from protocol.messages import Ping, Pong
from tests.support.wire import WireClient

ASK_EVERY_S = 0.02


def measure(run: Run) -> list[Section]:
    """Measure how soon a ping is answered and somebody is signed in by a token, while
    messages go to everybody."""
    count = run.members
    what = f"while {PER_S:.0f} messages a second go to {count:,}"
    pings = Section(f"A ping is answered {what}", "ms, 99th percentile")
    sign_ins = Section(f"Somebody is signed in by a token {what}", pings.unit)
    for tls in (False, True):
        folder = run.new_folder()
        with (
            Rostrum(folder, count + 1, tls) as server,
            crowd(server, run.program, folder, count, tls) as (generator, publisher),
        ):
            paced(generator, publisher, count, 1.0)
            with _asking(server, tls) as (ping_ms, sign_in_ms):
                paced(generator, publisher, count, min(run.pace_s, 10.0))
        for section, took_ms in ((pings, ping_ms), (sign_ins, sign_in_ms)):
            section.add(
                server.name,
                percentile(took_ms, 0.99),
                note=f"median {statistics.median(took_ms):.1f}, the slowest of "
                f"{len(took_ms)} {max(took_ms):.0f}",
            )
    return [pings, sign_ins]


@contextmanager
def _asking(server: Rostrum, tls: bool) -> Iterator[tuple[list[float], list[float]]]:
    """Sign in from time to time on a thread, as a member that nobody else is, and ping;
    give how many ms each took."""
    ping_ms: list[float] = []
    sign_in_ms: list[float] = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.wait(ASK_EVERY_S):
            began_ns = time.perf_counter_ns()
            with WireClient(server.port, tls=tls) as client:
                client.hello()
                client.resume(server.tokens[-1])
                sign_in_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
                began_ns = time.perf_counter_ns()
                client.ask(Ping(1), Pong)
                ping_ms.append((time.perf_counter_ns() - began_ns) / 1e6)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield ping_ms, sign_in_ms
    finally:
        is_over.set()
        thread.join()
