"""Starting with the system."""

import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from app.desktop import autostart as module
from app.desktop.autostart import Autostart, DesktopEntry, LaunchAgent, RunKey, command, of_system

START = ['/opt/Rostrum $HOME/100% "new"/rostrum', "--hidden", "--data", "/srv/学校"]


def test_the_command_starts_this_program_without_a_window(tmp_path: Path) -> None:
    start = command(None)
    assert start[-1] == "--hidden" and "--data" not in start
    assert command(tmp_path)[-2:] == ["--data", str(tmp_path.absolute())]


def test_a_frozen_program_is_started_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert command(None) == [sys.executable, "--hidden"]


@pytest.mark.parametrize("kind", [DesktopEntry, LaunchAgent])
def test_it_is_switched_on_and_off(tmp_path: Path, kind: type) -> None:
    autostart: Autostart = kind(START, tmp_path / "new" / "folder")
    assert not autostart.is_on()
    autostart.set(False)
    autostart.set(True)
    assert autostart.is_on()
    autostart.set(True)
    autostart.set(False)
    assert not autostart.is_on()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell reads it")
def test_a_desktop_entry_says_each_word_as_it_is(tmp_path: Path) -> None:
    DesktopEntry(START, tmp_path).set(True)
    entry = (tmp_path / "rostrum.desktop").read_text(encoding="utf-8")
    line = next(line for line in entry.splitlines() if line.startswith("Exec="))
    # As a desktop reads it: the string's escapes, then what is quoted as a shell does.
    value = line.removeprefix("Exec=").replace("\\\\", "\\")
    said = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {value}"], capture_output=True, check=True
    ).stdout.decode()
    assert said.splitlines() == [word.replace("%", "%%") for word in START]


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_a_desktop_that_switches_it_off_is_believed(tmp_path: Path, line: str) -> None:
    autostart = DesktopEntry(START, tmp_path)
    autostart.set(True)
    path = tmp_path / "rostrum.desktop"
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    assert not autostart.is_on()
    autostart.set(True)
    assert autostart.is_on()


def test_a_launch_agent_says_each_word_as_it_is(tmp_path: Path) -> None:
    LaunchAgent(START, tmp_path).set(True)
    agent = plistlib.loads((tmp_path / "org.rostrum.client.plist").read_bytes())
    assert agent["ProgramArguments"] == START and agent["RunAtLoad"] is True


@pytest.mark.skipif(sys.platform != "win32", reason="needs a registry")
def test_the_run_key_is_written_and_task_manager_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    import winreg

    monkeypatch.setattr(module, "NAME", "Rostrum under test")
    autostart = RunKey(["C:\\Program Files\\Rostrum\\rostrum.exe", "--hidden"])
    assert not autostart.is_on()
    autostart.set(False)
    autostart.set(True)
    assert autostart.is_on()
    assert module._value(module.RUN) == '"C:\\Program Files\\Rostrum\\rostrum.exe" --hidden'
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, module.APPROVED) as key:  # type: ignore[attr-defined]
        winreg.SetValueEx(key, module.NAME, 0, winreg.REG_BINARY, b"\3" + bytes(11))  # type: ignore[attr-defined]
    assert not autostart.is_on(), "switched off in Task Manager"
    autostart.set(True)
    assert autostart.is_on()
    autostart.set(False)
    assert not autostart.is_on()


def test_each_system_has_a_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    autostart = of_system(START)
    kinds = {"win32": RunKey, "darwin": LaunchAgent}
    assert type(autostart) is kinds.get(sys.platform, DesktopEntry)
