"""What whoever watches over the server can ask it."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from protocol.messages import SignIn
from server import settings
from server.operations.health import STUCK_AFTER_S, HealthServer, Monitor
from server.operations.metrics import LAG_BOUNDS_S, Histogram, Metrics, Snapshot
from server.service import Service
from server.storage.sqlite import open_store
from server.transport.reactor import Reactor
from tests.support.clock import TestClock
from tests.support.running import running
from tests.support.server_process import claimed_port
from tests.support.wire import WireClient

PASSWORD = "a long enough password"


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def metrics(port: int) -> dict[str, float]:
    """Every sample by its name, and its labels' values where it has some."""
    status, text = get(port, "/metrics")
    assert status == 200
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def monitor(clock: TestClock) -> Iterator[Monitor]:
    reactor = Reactor()
    snapshot = Snapshot(time.monotonic(), connections=7)
    yield Monitor(reactor, lambda: snapshot, lambda: None, Metrics(), clock)
    reactor.close()


@pytest.fixture
def health(monitor: Monitor) -> Iterator[HealthServer]:
    server = HealthServer(0, monitor)
    server.start()
    yield server
    server.close()


def test_it_is_well(health: HealthServer, monitor: Monitor) -> None:
    assert get(health.port, "/health") == (200, '{"status": "ok", "reason": ""}\n')
    assert metrics(health.port)["rostrum_connections"] == 7
    assert metrics(health.port)["rostrum_healthy"] == 1


def test_a_loop_that_has_stopped_is_told(health: HealthServer, clock: TestClock) -> None:
    clock.ahead_s = STUCK_AFTER_S + 1
    status, text = get(health.port, "/health")
    assert status == 503 and "has not turned for 6 s" in json.loads(text)["reason"]
    assert metrics(health.port)["rostrum_healthy"] == 0


def test_a_store_that_fails_is_told_and_tried_again(health: HealthServer, monitor: Monitor) -> None:
    tries: list[int] = []
    monitor.probe = lambda: tries.append(1)
    monitor.metrics.wrote(0.01, "the disk is full")
    monitor._look()
    status, text = get(health.port, "/health")
    assert status == 503 and "the disk is full" in json.loads(text)["reason"]
    assert tries == [1]
    monitor.metrics.wrote(0.01, "")
    assert get(health.port, "/health")[0] == 200


def test_there_is_nothing_else(health: HealthServer) -> None:
    status, text = get(health.port, "/")
    assert status == 404 and "/health" in text
    assert get(health.port, "/metrics/../../etc/passwd")[0] == 404


@pytest.mark.parametrize("words", [b"", b"GET /hea", b"\x16\x03\x01 nonsense \r\n\r\n"])
def test_whoever_asks_badly_keeps_nobody_else_out(
    health: HealthServer, monkeypatch: pytest.MonkeyPatch, words: bytes
) -> None:
    monkeypatch.setattr("server.operations.health.REQUEST_LIMIT_S", 0.2)
    with socket.create_connection(("127.0.0.1", health.port), timeout=20) as rude:
        rude.sendall(words)
        assert get(health.port, "/health")[0] == 200


def test_who_drips_keeps_nobody_waiting_for_long(
    health: HealthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.operations.health.REQUEST_LIMIT_S", 0.3)
    with socket.create_connection(("127.0.0.1", health.port), timeout=20) as dripper:
        stop = threading.Event()

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not stop.wait(0.02):
                    dripper.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            assert get(health.port, "/health")[0] == 200
            health._server.shutdown()
        finally:
            stop.set()
            thread.join()


def test_it_listens_on_the_loopback_address_alone(health: HealthServer) -> None:
    assert health._server.server_address[0] == "127.0.0.1"


def test_a_value_falls_into_the_bucket_whose_end_it_does_not_pass() -> None:
    histogram = Histogram(LAG_BOUNDS_S)
    for value in (0.001, 0.0011, 9.0):
        histogram.add(value)
    assert histogram.counts[0] == 1 and histogram.counts[1] == 1 and histogram.counts[-1] == 1
    assert sum(histogram.counts) == 3


@pytest.fixture
def port() -> Iterator[int]:
    """A port that is free, and that nothing else will take."""
    with claimed_port() as port:
        yield port


@pytest.fixture
def watched(data_dir: Path, port: int) -> Iterator[Service]:
    """A room that tells its figures."""
    flags = {"port": 0, "metrics_port": port}
    with running(data_dir, settings.load(data_dir, {}, flags)) as service:
        yield service


def until(port: int, name: str, value: float, witness: WireClient) -> dict[str, float]:
    """The figures, as soon as one of them is this."""
    deadline = time.monotonic() + 20
    while (told := metrics(port)).get(name) != value:
        assert time.monotonic() < deadline, (name, told.get(name))
        witness.barrier()
    return told


def test_the_figures_of_a_room_at_work(watched: Service, port: int, data_dir: Path) -> None:
    with WireClient(watched.port) as alice, WireClient(watched.port) as bob:
        alice.hello()
        assert alice.refusal(SignIn(alice.number(), "alice", "not the right one")).code
        alice.sign_in("alice", PASSWORD)
        bob.hello()
        bob.register("bob", PASSWORD)
        for number in range(3):
            alice.post("text", number.to_bytes(16, "big"))
        told = until(port, "rostrum_posts_total", 3, alice)
        assert told["rostrum_deliveries_total"] == 6
        assert told["rostrum_messages"] == 3
        assert told["rostrum_connections"] == told["rostrum_signed_in"] == 2
        assert told["rostrum_people_online"] == told["rostrum_members"] == 2
        assert told["rostrum_connections_taken_total"] == 2
        assert told["rostrum_sign_ins_refused_total"] == 1
        assert told["rostrum_commit_seconds_count"] >= 4
        assert told["rostrum_commit_seconds_bucket +Inf"] == told["rostrum_commit_seconds_count"]
        assert told["rostrum_hashes_waiting"] == told["rostrum_writes_waiting"] == 0
    assert get(port, "/health")[0] == 200


def test_a_room_that_cant_be_written_is_told_until_it_can_again(
    watched: Service, port: int, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.operations.health.PROBE_EVERY_S", 0.0)
    monkeypatch.setattr("server.operations.health.LOOK_EVERY_S", 0.05)
    with WireClient(watched.port) as alice, open_store(data_dir) as other:
        alice.hello()
        alice.sign_in("alice", PASSWORD)
        until(port, "rostrum_healthy", 1, alice)
        watched.metrics.wrote(0.0, "the disk is full")
        until(port, "rostrum_healthy", 1, alice)
        assert other.room_id == watched.context.room_id, "trying changes nothing"


def test_without_a_port_nothing_of_it_is_there(service: Service) -> None:
    assert service.health is None


def test_a_port_that_is_taken_is_said_and_the_server_ends(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "server", "serve", "--data", str(data_dir), "--port", "0"],
            env={**os.environ, "ROSTRUM_METRICS_PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
    assert done.returncode == 1 and done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert f"metrics_port = {port}" in line and "in use" in line.lower()
