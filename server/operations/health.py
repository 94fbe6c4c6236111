"""GET /health and GET /metrics, for whoever watches over the server.

Threads: the reactor's looks at the room once a second and leaves a `Snapshot`;
one thread of its own answers HTTP, a request at a time, from the last moment
and the figures. It only reads, so whoever asks slows down nobody but those who
ask. It listens on the loopback address alone; what should be seen from
elsewhere goes through a proxy that asks for a password.

The page of figures is in Prometheus' text format, by its own client library.
"""

import contextlib
import http.server
import json
import logging
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from protocol.version import VERSION
from server.clock import SYSTEM, Clock
from server.operations.metrics import LAG_BOUNDS_S, Histogram, Metrics, Snapshot
from server.transport.reactor import Reactor

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0

PROBE_EVERY_S = 5.0
"""While the store can't be written, it is tried so often."""

STUCK_AFTER_S = 5.0
"""A loop that has not turned for so long serves nobody."""

REQUEST_LIMIT_S = 2.0
"""Who asks must have asked by then; the next one waits so long at most, on Windows up
to twice as long."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass
class Monitor:
    """Looks at the room once a second, on the reactor's thread."""

    reactor: Reactor
    look: Callable[[], Snapshot]
    probe: Callable[[], None]
    """Try to write to the store, so that it is known when that works again."""
    metrics: Metrics
    clock: Clock = SYSTEM
    snapshot: Snapshot = field(init=False)
    lag: Histogram = field(default_factory=lambda: Histogram(LAG_BOUNDS_S))
    """Seconds by which the loop came late to its own timers."""
    _due: float = 0.0
    _probed_at: float = 0.0

    def __post_init__(self) -> None:
        self.snapshot = Snapshot(self.clock.monotonic_s())

    def start(self) -> None:
        """Look now, and again every second."""
        self._look()

    def _look(self) -> None:
        now = self.clock.monotonic_s()
        if self._due:
            self.lag.add(max(0.0, now - self._due))
        self._due = now + LOOK_EVERY_S
        self.snapshot = self.look()
        if self.metrics.store_error and now - self._probed_at >= PROBE_EVERY_S:
            self._probed_at = now
            self.probe()
        self.reactor.call_later(LOOK_EVERY_S, self._look)

    def trouble(self) -> str:
        """Return what keeps the server from serving; empty: nothing. Any thread."""
        silent_s = self.clock.monotonic_s() - self.snapshot.at
        if silent_s > STUCK_AFTER_S:
            return f"the loop has not turned for {silent_s:.0f} s"
        if self.metrics.store_error:
            return f"nothing can be stored: {self.metrics.store_error}"
        return ""


class RoomCollector(Collector):
    """Makes the figures into Prometheus' metrics whenever they are asked for."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor

    def collect(self) -> Iterator[Metric]:
        """Return everything, as it is now."""
        metrics, now = self._monitor.metrics, self._monitor.snapshot
        for name, words, value in (
            ("connections", "Connections that are open.", now.connections),
            ("signed_in", "Connections on which somebody is signed in.", now.signed_in),
            ("people_online", "People who are signed in.", now.people_online),
            ("members", "Accounts in use.", now.members),
            ("messages", "The newest message's number.", now.messages),
            ("send_queue_bytes", "Bytes that wait for slow peers.", now.send_queue_bytes),
            ("writes_waiting", "Jobs that wait for the writer.", now.writes_waiting),
            ("reads_waiting", "Jobs that wait for the reader.", now.reads_waiting),
            ("hashes_waiting", "Passwords being hashed, or waiting for it.", now.hashes_waiting),
            ("healthy", "1 while /health says ok.", 0 if self._monitor.trouble() else 1),
        ):
            yield GaugeMetricFamily(f"rostrum_{name}", words, value=value)
        for name, words, value in (
            ("connections_taken", "Connections taken in.", metrics.connections),
            ("posts", "Messages stored.", now.posts),
            ("deliveries", "Messages handed to a connection.", now.deliveries),
            ("lagged", "Times that a peer read too slowly.", metrics.lagged),
            ("sign_ins_refused", "Wrong passwords and codes.", now.sign_ins_refused),
        ):
            yield CounterMetricFamily(f"rostrum_{name}", words, value=value)
        away = CounterMetricFamily(
            "rostrum_turned_away", "Connections not taken in.", labels=["reason"]
        )
        for reason, count in dict(metrics.turned_away).items():
            away.add_metric([reason], count)
        yield away
        yield _histogram("commit_seconds", "How long a group of writes took.", metrics.commits)
        yield _histogram("loop_lag_seconds", "How late the loop was.", self._monitor.lag)
        yield InfoMetricFamily("rostrum_build", "Which server.", value={"version": VERSION})


class HealthServer:
    """Answers on 127.0.0.1 from `start` to `close`. Raises OSError if the port
    can't be had."""

    def __init__(self, port: int, monitor: Monitor) -> None:
        registry = CollectorRegistry()
        registry.register(RoomCollector(monitor))
        ProcessCollector(registry=registry)
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.monitor = monitor
        self._server.registry = registry
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="health", daemon=True
        )

    def start(self) -> None:
        """Look at the room from now on, and answer."""
        self._server.monitor.start()
        self._thread.start()
        log.info("health and figures are told on http://127.0.0.1:%d", self.port)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Answer nobody any more. Takes as long as a request may."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(http.server.HTTPServer):
    monitor: Monitor
    registry: CollectorRegistry
    # On Windows it would let another program take the port over.
    allow_reuse_address = sys.platform != "win32"

    def server_bind(self) -> None:
        """Bind without the search for a name that HTTPServer makes, which can take
        seconds and is used for nothing."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def handle_error(self, request: object, client_address: object) -> None:
        # Whoever asks may vanish; standard error is not the place to tell.
        log.debug("a request for health was not answered", exc_info=True)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    server_version = "Rostrum"
    sys_version = ""

    def setup(self) -> None:
        """Give whoever asks so long for all of it, however it drips."""
        super().setup()
        # Windows wakes nobody who waits to receive when `_hang_up` shuts the connection
        # down: whoever says nothing is found by this, and whoever drips by the other.
        self.connection.settimeout(REQUEST_LIMIT_S)
        self._deadline = threading.Timer(REQUEST_LIMIT_S, self._hang_up)
        self._deadline.daemon = True
        self._deadline.start()

    def finish(self) -> None:
        """Cancel the deadline: the request was answered in time."""
        self._deadline.cancel()
        super().finish()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self) -> None:
        """Answer /health or /metrics."""
        if self.path == "/health":
            why = self.server.monitor.trouble()
            body = json.dumps({"status": "failing" if why else "ok", "reason": why}) + "\n"
            status = HTTPStatus.SERVICE_UNAVAILABLE if why else HTTPStatus.OK
            self._answer(status, "application/json", body.encode())
        elif self.path == "/metrics":
            page = generate_latest(self.server.registry)
            self._answer(HTTPStatus.OK, CONTENT_TYPE, page)
        else:
            words = b"There are /health and /metrics.\n"
            self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", words)

    def log_message(self, format: str, *args: object) -> None:
        """Log what is said for every request: of interest while looking for a fault
        only."""
        log.debug(format, *args)

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _histogram(name: str, words: str, histogram: Histogram) -> HistogramMetricFamily:
    counts, so_far = list(histogram.counts), 0
    buckets: list[tuple[str, float]] = []
    for bound, count in zip((*map(str, histogram.bounds), "+Inf"), counts, strict=True):
        so_far += count
        buckets.append((bound, float(so_far)))
    return HistogramMetricFamily(
        f"rostrum_{name}", words, buckets=buckets, sum_value=histogram.total
    )
