"""The workshop: what it needs of the system is there, installed, or told."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev
from tests.conftest import pytest_configure


def run_dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(dev.ROOT / "dev.py"), *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_what_it_can_do_is_told() -> None:
    help_text = run_dev("--help").stdout
    for command in ("demo", "test", "check", "bench"):
        assert command in help_text


@pytest.mark.parametrize("arguments", [(), ("dance",), ("demo", "--headles"), ("check", "tests")])
def test_a_mistyped_command_is_told_and_runs_nothing(arguments: tuple[str, ...]) -> None:
    done = run_dev(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ")


def test_a_python_without_what_is_needed_is_passed_over(tmp_path: Path) -> None:
    assert dev.is_complete(sys.executable)
    assert not dev.is_complete(str(tmp_path / "python"))


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A Debian on which everything can be installed; what was run there."""
    ran: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    return ran


def test_root_on_debian_gets_what_is_missing(system: list[list[str]]) -> None:
    dev.install_debian("xvfb", "fonts-inter")
    assert system[0] == ["apt-get", "update"]
    assert system[1][:3] == ["apt-get", "install", "-y"]
    assert system[1][-2:] == ["xvfb", "fonts-inter"]


def test_nothing_is_installed_where_nothing_is_missing(system: list[list[str]]) -> None:
    dev.install_debian()
    assert system == []


def test_anybody_else_gets_the_one_line_to_type(
    system: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    with pytest.raises(dev.Missing, match=r"sudo apt-get install -y .*xvfb"):
        dev.install_debian("xvfb")
    assert system == []


def test_on_other_systems_it_is_told_what_is_needed(
    system: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(dev.Missing, match="xvfb"):
        dev.install_debian("xvfb")
    assert system == []


def test_a_package_manager_that_fails_is_told(
    system: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 100)
    )
    with pytest.raises(dev.Missing, match="apt-get update"):
        dev.install_debian("xvfb")


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workshop elsewhere, in which nothing has been made yet."""
    (tmp_path / "constraints.txt").write_text("one==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(dev, "STAMP", tmp_path / ".venv" / "made-from")
    monkeypatch.setattr(dev, "VENV_PYTHON", tmp_path / ".venv" / "python")
    monkeypatch.setattr(dev, "find_python", lambda: "python")
    return tmp_path


@pytest.fixture
def made(workshop: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The steps that making the environment took; each works."""
    steps: list[list[str]] = []

    def run(command: list[object], **_: object) -> subprocess.CompletedProcess[bytes]:
        steps.append([str(part) for part in command])
        dev.VENV.mkdir(exist_ok=True)
        dev.VENV_PYTHON.touch()
        return subprocess.CompletedProcess([], 0)

    monkeypatch.setattr(subprocess, "run", run)
    return steps


def test_the_environment_is_made_once_and_anew_when_its_recipe_changes(
    workshop: Path, made: list[list[str]]
) -> None:
    dev.make_environment()
    assert "--require-hashes" in made[1], "only what is pinned is installed"
    steps = len(made)
    dev.make_environment()
    assert len(made) == steps
    (workshop / "constraints.txt").write_text("one==2\n", encoding="utf-8")
    dev.make_environment()
    assert len(made) == 2 * steps


def test_an_environment_whose_making_failed_is_made_anew(
    workshop: Path, made: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    works = subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1)
    )
    with pytest.raises(dev.Missing, match="this did not work"):
        dev.make_environment()
    monkeypatch.setattr(subprocess, "run", works)
    dev.make_environment()
    assert dev.STAMP.exists()


# --- the tests' workers -------------------------------------------------------------

Started = list[tuple[tuple[str, ...], dict[str, str]]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What was started, and with which environment; nothing runs."""
    started: Started = []

    def run(*arguments: str, environment: dict[str, str]) -> int:
        started.append((arguments, environment))
        return 0

    monkeypatch.setattr(dev, "run", run)
    return started


@pytest.mark.skipif("not dev.HAS_VIRTUAL_SCREENS", reason="there is one screen here")
def test_each_worker_has_a_screen_of_its_own(started: Started) -> None:
    assert dev.run_tests(["-q"], here=False, workers=2) == 0
    ((arguments, environment),) = started
    assert arguments == ("-m", "pytest", "--numprocesses", "2", "--dist", "worksteal", "-q")
    screens = environment["TEST_SCREENS"].split()
    assert len(screens) == len(set(screens)) == 2
    assert os.environ.get("DISPLAY") not in screens


@pytest.mark.skipif("not dev.HAS_VIRTUAL_SCREENS", reason="there is one screen here")
def test_only_the_whole_suite_is_run_by_several_unless_it_is_asked_for(started: Started) -> None:
    dev.run_tests(["tests/app"], here=False, workers=None)
    dev.run_tests([], here=True, workers=2)
    dev.run_tests([], here=False, workers=None)
    assert ["--numprocesses" in arguments for arguments, _ in started] == [False, False, True]


@pytest.mark.parametrize(("worker", "screen"), [("gw0", ":7"), ("gw1", ":8"), ("gw2", ":7")])
def test_also_who_takes_the_place_of_a_dead_worker_has_a_screen(
    monkeypatch: pytest.MonkeyPatch, worker: str, screen: str
) -> None:
    monkeypatch.setenv("TEST_SCREENS", ":7 :8")
    monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
    monkeypatch.setenv("DISPLAY", ":9")
    pytest_configure()
    assert os.environ["DISPLAY"] == screen
