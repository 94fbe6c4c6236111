"""One client for each data folder."""

import contextlib
import json
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.desktop import instance as module
from app.desktop.events import SecondStart
from app.desktop.instance import Instance
from tests.app.desktop.inbox import WaitingInbox


@pytest.fixture
def first(tmp_path: Path, inbox: WaitingInbox) -> Iterator[Instance]:
    instance = Instance(tmp_path, inbox.put)
    assert instance.claim()
    yield instance
    instance.close()


@pytest.fixture
def second(tmp_path: Path) -> Instance:
    return Instance(tmp_path, lambda event: pytest.fail(f"{event} was told to the second"))


def hand_over(second: Instance, argument: str) -> tuple[threading.Thread, list[bool]]:
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(second.hand_over(argument)))
    thread.start()
    return thread, answers


def test_a_second_start_hands_over_what_it_was_started_with(
    first: Instance, second: Instance, inbox: WaitingInbox
) -> None:
    assert not second.claim()
    thread, answers = hand_over(second, "rostrum://join/rostrum1.Zmlyc3Q 学校")
    event = inbox.wait_for(SecondStart)
    assert event.argument == "rostrum://join/rostrum1.Zmlyc3Q 学校"
    assert not answers, "it is answered by the main thread, when that has taken it"
    event.answer()
    thread.join()
    assert answers == [True]


def test_a_first_that_hangs_does_not_answer(
    first: Instance, second: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 0.05)
    monkeypatch.setattr(module, "START_S", 0.0)
    assert not second.hand_over("")


def test_whoever_begins_is_the_client_or_hands_over(
    first: Instance, second: Instance, inbox: WaitingInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[bool] = []
    thread = threading.Thread(target=lambda: began.append(second.begin("x")))
    thread.start()
    inbox.wait_for(SecondStart).answer()
    thread.join()
    assert began == [False]

    # One that does not answer, and is gone a moment later.
    def hand_over(_argument: str) -> bool:
        first.close()
        return False

    monkeypatch.setattr(second, "hand_over", hand_over)
    assert second.begin("x")
    third = Instance(second._folder, inbox.put)
    assert not third.claim(), "the second has become the client"
    second.close()


def test_the_next_may_be_the_first_after_the_end(first: Instance, second: Instance) -> None:
    assert not second.claim()
    first.close()
    assert second.claim()
    second.close()


def test_what_a_crash_leaves_behind_keeps_nobody_out(tmp_path: Path, inbox: WaitingInbox) -> None:
    (tmp_path / "instance.json").write_text('{"port": 1, "secret": "x", "process": 1}')
    instance = Instance(tmp_path, inbox.put)
    assert instance.claim()
    instance.close()


def test_without_the_secret_nobody_is_heard(
    first: Instance, tmp_path: Path, inbox: WaitingInbox
) -> None:
    address = json.loads((tmp_path / "instance.json").read_text())
    for said in (
        b'{"secret": "guessed", "argument": "x"}\n',
        b"no json\n",
        b"[1]\n",
        b'{"secret": 5}\n',
        b"x" * (module.MOST_BYTES + 1),
        b"",
    ):
        with socket.create_connection(("127.0.0.1", address["port"])) as peer:
            peer.sendall(said)
            peer.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):  # it was cut off while it spoke
                assert peer.recv(2) == b""
    assert not inbox.take(1)
    # And it goes on listening.
    thread, answers = hand_over(Instance(tmp_path, inbox.put), "x")
    inbox.wait_for(SecondStart).answer()
    thread.join()
    assert answers == [True]


def test_a_silent_peer_keeps_the_next_waiting_for_a_moment_only(
    first: Instance, tmp_path: Path, inbox: WaitingInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SPEAK_S", 0.05)
    address = json.loads((tmp_path / "instance.json").read_text())
    with socket.create_connection(("127.0.0.1", address["port"])):
        thread, answers = hand_over(Instance(tmp_path, inbox.put), "x")
        inbox.wait_for(SecondStart).answer()
        thread.join()
    assert answers == [True]


def test_the_address_is_for_this_person_alone(first: Instance, tmp_path: Path) -> None:
    if sys.platform != "win32":
        mode = (tmp_path / "instance.json").stat().st_mode
        assert stat.S_IMODE(mode) & 0o077 == 0


def test_a_folder_that_cant_be_written_is_no_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    instance = Instance(tmp_path / "file" / "below", lambda _event: None)
    assert not instance.claim()
    assert not instance.hand_over(""), "nobody is there, and so this one begins"
