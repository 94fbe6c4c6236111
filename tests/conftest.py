"""What holds for every test: nothing of the machine that it runs on shows."""

import gc
import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.running import CHEAP_PASSWORDS

APP = Path(__file__).parent / "app"

GARBAGE_OBJECTS = 50_000
"""So many objects may be left over before they are collected."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """What was a widget calls Tk when it is collected, and on another thread Tk
    ends the process. So nothing is collected but here, on the main thread: at
    once where there may have been a window, else when it has become much."""
    gc.disable()
    try:
        return (yield)
    finally:
        may_have_window = item.path.parent == APP or APP / "views" in item.path.parents
        if may_have_window or gc.get_count()[0] > GARBAGE_OBJECTS:
            gc.collect()
            # What is left is caches and pytest's own, more with every test: to look
            # through it each time took a sixth of the whole suite's time.
            gc.freeze()


def pytest_configure() -> None:
    """Where several workers run the tests, each has a screen for itself: what has
    the focus on one takes it from nobody else."""
    # Or each of the hundreds of servers and clients that the tests start compiles
    # all that it imports, which takes a third of its time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    screens = os.environ.get("TEST_SCREENS", "").split()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if screens and worker:
        # Whoever takes the place of a worker that died has a higher number.
        os.environ["DISPLAY"] = screens[int(worker) % len(screens)]


def pytest_collection_finish() -> None:
    """What is there by now stays, and need not be looked through each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No ROSTRUM_ variable of whoever runs the tests reaches them, and no test
    reads or writes the system's credential store."""
    for name in list(os.environ):
        if name.startswith("ROSTRUM_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture(autouse=True)
def cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the test's own process a password is hashed with next to no memory: most
    tests are about something else, and there are thousands of hashes. Those that are
    about the hash, or about what happens while one is made, are marked
    `real_passwords`; a server process always makes real ones."""
    if request.node.get_closest_marker("real_passwords") is None:
        monkeypatch.setattr("server.passwords._argon2", CHEAP_PASSWORDS)
