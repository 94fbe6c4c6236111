"""What is measured is counted right: every delivery, in order, without a gap. How fast it
was is no matter here."""

import json
import shutil
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.fanout import burst, crowd, paced
from bench.load.generator import Generator, Heard, LoadFailed, build, compiler
from bench.load.scripts import Scripts, Step, marked_text
from bench.report import Section, save
from bench.servers.brokers import Nats
from bench.servers.relay import Relay
from bench.servers.rostrum import Rostrum
from bench.servers.server import Absent

MEMBERS = 20
LIMIT_S = 20.0

GENERATORS = [
    pytest.param(
        "C", marks=pytest.mark.skipif(compiler() is None, reason="there is no C compiler here")
    ),
    "Python",
]


@pytest.fixture(params=GENERATORS)
def program(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """The load generator, in each of its languages."""
    return build("load", tmp_path) if request.param == "C" else None


@pytest.mark.e2e
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_p3_all_members_hear_all_that_is_said_and_it_is_counted(
    tmp_path: Path, program: Path | None, tls: bool
) -> None:
    with (
        Rostrum(tmp_path, MEMBERS, tls) as server,
        crowd(server, program, tmp_path, MEMBERS, tls) as (generator, publisher),
    ):
        # Both raise LoadFailed unless each has heard each message once and in order.
        assert burst(generator, publisher, MEMBERS, 300) > 0
        heard = paced(generator, publisher, MEMBERS, 1.0)
    assert heard.heard == MEMBERS * 5
    assert 0 < heard.p50_ms <= heard.p99_ms <= heard.max_ms


@pytest.mark.e2e
def test_p4_all_who_come_back_are_caught_up(tmp_path: Path, program: Path | None) -> None:
    with Rostrum(tmp_path, MEMBERS) as server:
        publisher = server.publisher()
        publisher.publish([f"message {number}" for number in range(30)])
        publisher.settle()
        with Generator(program, server.port, server.scripts(MEMBERS, held=[0]), tmp_path) as load:
            load.connect(MEMBERS, LIMIT_S)
            load.expect(1, limit_s=LIMIT_S)
            publisher.publish([marked_text(0, 100)])
            load.heard().require_all(MEMBERS, 1)
        publisher.close()


@pytest.mark.skipif(compiler() is None, reason="the relay is a program in C")
def test_the_ceiling_is_counted_as_everybody_else_is(tmp_path: Path) -> None:
    with (
        Relay(tmp_path) as server,
        crowd(server, build("load", tmp_path), tmp_path, MEMBERS) as (generator, publisher),
    ):
        assert burst(generator, publisher, MEMBERS, 100) > 0


# -- what goes wrong is seen ---------------------------------------------------------


@contextmanager
def saying(parts: Sequence[bytes]) -> Iterator[tuple[int, threading.Event]]:
    """A server that lets one in, and says these pieces once the event is set; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(1)
                peer.sendall(b"in")
                go_on.wait(LIMIT_S)
                for part in parts:
                    peer.sendall(part)
                if parts:
                    over.wait(LIMIT_S)

        go_on, over = threading.Event(), threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listener.getsockname()[1]), go_on
        finally:
            over.set()
            go_on.set()
            thread.join()


def heard_of(program: Path | None, folder: Path, parts: Sequence[bytes], count: int) -> Heard:
    with saying(parts) as (port, go_on):
        scripts = Scripts([[Step(b"?", b"in")]])
        with Generator(program, port, scripts, folder) as generator:
            generator.connect(1, LIMIT_S)
            generator.expect(count, limit_s=2.0)
            go_on.set()
            return generator.heard()


def marks(*numbers: int) -> bytes:
    return "".join(marked_text(number, 50) for number in numbers).encode()


def test_marks_are_found_however_they_are_cut(tmp_path: Path, program: Path | None) -> None:
    data = b"~12~" + marks(*range(20)) + b"~~~~00000001~x"
    pieces = [data[place : place + 7] for place in range(0, len(data), 7)]
    heard = heard_of(program, tmp_path, pieces, 20)
    heard.require_all(1, 20)


@pytest.mark.parametrize(
    "numbers", [(0, 2, 3), (0, 1, 1), (1, 0, 2)], ids=["missed", "doubled", "out of order"]
)
def test_what_does_not_come_once_and_in_order_is_told(
    tmp_path: Path, program: Path | None, numbers: tuple[int, ...]
) -> None:
    heard = heard_of(program, tmp_path, [marks(*numbers)], 3)
    assert (heard.heard, heard.full) == (3, 1)
    assert heard.wrong > 0
    with pytest.raises(LoadFailed):
        heard.require_all(1, 3)


def test_what_does_not_come_at_all_is_told(tmp_path: Path, program: Path | None) -> None:
    heard = heard_of(program, tmp_path, [marks(0, 1)], 3)
    assert (heard.heard, heard.full, heard.wrong) == (2, 0, 0)
    with pytest.raises(LoadFailed):
        heard.require_all(1, 3)


def test_a_connection_that_ends_is_told(tmp_path: Path, program: Path | None) -> None:
    heard = heard_of(program, tmp_path, [], 3)
    assert heard.lost == 1
    with pytest.raises(LoadFailed):
        heard.require_all(1, 3)


def test_who_is_not_let_in_is_told(tmp_path: Path, program: Path | None) -> None:
    with (
        saying([]) as (port, go_on),
        Generator(program, port, Scripts([[Step(b"?", b"welcome")]]), tmp_path) as generator,
    ):
        go_on.set()
        with pytest.raises(LoadFailed):
            generator.connect(1, LIMIT_S)


# -- what is told ------------------------------------------------------------------------


def test_scripts_are_read_as_they_were_written(tmp_path: Path) -> None:
    scripts = Scripts([[Step(b"a", b"b"), Step(b"", b"cd")], []], b"ping", 1.5)
    scripts.write(tmp_path / "scripts")
    assert Scripts.read(tmp_path / "scripts") == scripts


def test_a_server_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(Absent, match="nats-server is not installed"):
        Nats(tmp_path)


def test_figures_are_told_and_kept(tmp_path: Path) -> None:
    section = Section("Some title", "ms")
    section.add("Rostrum", 1234.5, [1200.0, 1300.0], "a note")
    section.add("NATS", None, note="is not installed")
    section.aim("less than 2,000", True)
    table = section.table()
    assert "Rostrum      1,234  1,200 to 1,300      a note" in table
    assert "NATS             –" in table
    assert "target: less than 2,000: reached" in table
    save([section], tmp_path)
    other = Section("Another title", "ms")
    told = json.loads(save([other], tmp_path)[0].read_text(encoding="utf-8"))
    assert [one["title"] for one in told] == ["Some title", "Another title"]
    assert told[0]["figures"][0]["value"] == 1234.5
    assert told[0]["measured_on"]["rostrum"]
