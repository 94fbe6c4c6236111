"""The client as a program on a desktop: started twice, put away, told, and with a desktop
that does nothing of what it is asked for."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.desktop.desktop import Desktop
from app.desktop.events import Inbox
from app.desktop.instance import Instance
from app.desktop.notifier import Notifier
from app.desktop.sounds import Sounds
from app.desktop.tray import Tray
from app.main import Application
from app.models.connection.status import Phase
from app.models.credentials import MemoryCredentials
from app.models.disk.file_lock import FileLock
from app.models.room.outbox_item import Draft
from app.models.settings import Settings
from protocol.messages import Priority
from tests.app.desktop.played import Shell, System
from tests.e2e.conftest import Headless
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess
from tests.support.waiting import WAIT_S, until

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).resolve().parents[2]

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the program for one data folder, as an icon does."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> "subprocess.Popen[bytes]":
        folder = ["--data", str(tmp_path / "data")]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.ending_client", *folder, *arguments],
            cwd=ROOT,
            # No store of whoever runs the tests.
            env=os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(WAIT_S)


def until_running(folder: Path) -> None:
    """Until a client listens for second starts there, and its window has been made."""
    until(lambda: (folder / "instance.json").exists(), "for it to begin")


def secret(folder: Path) -> str:
    """By which the client is talked to that listens there; none while it begins."""
    try:
        return str(json.loads((folder / "data" / "instance.json").read_bytes())["secret"])
    except (OSError, ValueError):
        return ""


def is_free(folder: Path) -> bool:
    """Whether no client holds this folder."""
    lock = FileLock(folder / "instance")
    try:
        return lock.take()
    finally:
        lock.release()


def test_a_second_start_hands_over_its_link_and_ends(start: Start, tmp_path: Path) -> None:
    first = start()
    until_running(tmp_path / "data")
    second = start("nowhere.example:7450")
    assert second.wait(WAIT_S) == 0
    assert first.poll() is None
    # It has gone where the link leads: nobody was signed in anywhere.
    settings = tmp_path / "data" / "settings.json"

    def server() -> str:
        try:
            return str(json.loads(settings.read_bytes()).get("server", ""))
        except (OSError, ValueError):
            return ""

    until(lambda: server() == "nowhere.example:7450", "for it to go there")


def test_after_a_crash_the_next_start_is_the_first(start: Start, tmp_path: Path) -> None:
    first = start()
    until_running(tmp_path / "data")
    before = secret(tmp_path)
    first.kill()
    first.wait()
    until(lambda: is_free(tmp_path / "data"), "for the system to let go of its lock")
    second = start("--hidden")
    until(lambda: secret(tmp_path) not in ("", before), "for it to take over")
    instance = Instance(tmp_path / "data", Inbox().put)
    assert not instance.claim()
    assert instance.hand_over(""), "it listens"
    assert second.poll() is None


# -- in the tray, with notifications -------------------------------------------------------


class Seat:
    """A person's client with a desktop that a test plays. Runs in this process: what the
    desktop's threads do is real but for the system below them."""

    def __init__(self, folder: Path, server: ServerProcess) -> None:
        address = f"127.0.0.1:{server.port}"
        Settings(folder / "settings.json").change(
            server=address, pins={address: server.fingerprint.hex()}
        )
        self.system, self.shell = System(), Shell()
        inbox = Inbox()
        desktop = Desktop(inbox)
        desktop.notifier = Notifier(inbox.put, self.system.begin, limit_s=0.2)
        desktop.tray = Tray(inbox.put, self.shell.make)
        desktop.sounds = Sounds(lambda _path: None)
        self.application = Application(folder, MemoryCredentials(), desktop=desktop)
        self.client = self.application.client
        self.window = self.application.window
        self._steps: list[tuple[Callable[[], bool], Callable[[], None]]] = []

    def then(self, condition: Callable[[], bool], do: Callable[[], None]) -> None:
        """Do this once the condition holds, after what was said before."""
        self._steps.append((condition, do))

    def run(self) -> None:
        """Serve the window until all is done."""
        deadline = time.monotonic() + 2 * WAIT_S

        def look() -> None:
            while self._steps and self._steps[0][0]():
                self._steps.pop(0)[1]()
            if self._steps and time.monotonic() < deadline:
                self.window.after(10, look)
            else:
                self.system.release.set()
                self.shell.release.set()
                self.application._end()

        self.window.after(10, look)
        self.application.run()
        assert not self._steps, f"{len(self._steps)} steps were not reached"

    @property
    def is_live(self) -> bool:
        return self.client.status.now.phase is Phase.LIVE

    @property
    def toasts(self) -> tuple[str, ...]:
        """What is shown by the client itself."""
        assert self.application.presence is not None
        return self.application.presence.notes.toasts.keys


@pytest.fixture
def seat(server: ServerProcess, tmp_path: Path) -> Seat:
    seat = Seat(tmp_path / "bob", server)
    seat.client.session.register("bob", "Ben Osei", PASSWORD, "", True)
    return seat


@pytest.fixture
def announce(headless: Headless) -> Callable[..., None]:
    """An administrator who says something."""
    alice = headless("alice")
    alice.sign_in(ADMIN, PASSWORD)

    def announce(text: str, priority: Priority = Priority.NORMAL) -> None:
        alice.client.posting.send(Draft(text, priority))
        alice.until_sent()

    return announce


def put_away(seat: Seat) -> None:
    assert seat.application.presence is not None
    seat.application.presence.put_away()


def test_in_the_tray_one_is_told_and_led_back(seat: Seat, announce: Callable[..., None]) -> None:
    window, system = seat.window, seat.system

    def gone() -> None:
        assert window.state() == "withdrawn"
        announce("The canteen is closed.")

    def told() -> None:
        (key,) = [key for key in system.shown if key.startswith("message")]
        assert system.shown[key].body == "The canteen is closed."
        assert seat.shell.shown[-1].unread == 1
        system.clicked(key)

    seat.then(lambda: seat.is_live and bool(seat.shell.shown), lambda: put_away(seat))
    seat.then(lambda: window.state() == "withdrawn", gone)
    seat.then(
        lambda: (
            any(key.startswith("message") for key in system.shown)
            and seat.shell.shown[-1].unread == 1
        ),
        told,
    )
    seat.then(lambda: window.state() == "normal", lambda: None)
    seat.run()
    assert seat.shell.is_closed and not system.shown, "and nothing is left of it"


@pytest.mark.parametrize("fault", ["hangs", "fails"])
def test_p5_a_desktop_that_does_nothing_holds_nobody_up(
    seat: Seat, announce: Callable[..., None], fault: str
) -> None:
    setattr(seat.system, fault, True)
    seat.shell.hangs = True
    slowest = [0.0, time.monotonic()]

    def beat() -> None:
        now = time.monotonic()
        slowest[:] = max(slowest[0], now - slowest[1]), now
        seat.window.after(10, beat)

    def say() -> None:
        seat.client.notifications.attend(False)
        slowest[:] = 0.0, time.monotonic()
        beat()
        announce("The canteen is closed.")
        slowest[1] = time.monotonic()  # the wait for the author is this test's own

    seat.then(lambda: seat.is_live, say)
    seat.then(lambda: seat.client.timeline.top == 1, lambda: None)
    seat.then(lambda: seat.toasts == ("message-1",), lambda: None)
    seat.run()
    assert slowest[0] < 2.0, "the window went on"
