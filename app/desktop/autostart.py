"""Starting with the system, without a window: by its own list of such programs.

Windows: the person's Run key, and what Task Manager has written about it. Linux: XDG
autostart (freedesktop.org, Autostart Specification 0.5). macOS: a launch agent. The
system's list is the truth; nothing of it is kept in the client's settings.
"""

import os
import plistlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

NAME = "Rostrum"
HIDDEN = "--hidden"
"""Said at such a start: show no window before somebody asks for it."""

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"


class Autostart(Protocol):
    """Whether the program starts with the system."""

    def is_on(self) -> bool:
        """Tell whether it does. Raises OSError where that can't be known."""

    def set(self, is_on: bool) -> None:
        """Have it start, or not. Raises OSError where that can't be done."""


def command(data_dir: Path | None) -> list[str]:
    """Return what starts this program anew without a window, for the data folder that was
    asked for, if one was."""
    if getattr(sys, "frozen", False):
        start = [sys.executable]
    else:
        python = Path(sys.executable)
        windowed = python.with_name("pythonw.exe")  # has no console
        start = [str(windowed if windowed.exists() else python), "-m", "app"]
    data = ["--data", str(data_dir.absolute())] if data_dir is not None else []
    return [*start, HIDDEN, *data]


def of_system(start: Sequence[str]) -> Autostart:
    """Return this system's list, for a program that is started so."""
    if sys.platform == "win32":
        return RunKey(start)
    if sys.platform == "darwin":
        return LaunchAgent(start, Path.home() / "Library" / "LaunchAgents")
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return DesktopEntry(start, Path(config) / "autostart")


class DesktopEntry:
    """A file in the XDG autostart folder."""

    def __init__(self, start: Sequence[str], folder: Path) -> None:
        self._start = start
        self._path = folder / "rostrum.desktop"

    def is_on(self) -> bool:
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        # Desktops switch it off in either of these ways.
        return not {"Hidden=true", "X-GNOME-Autostart-enabled=false"} & set(lines)

    def set(self, is_on: bool) -> None:
        if not is_on:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        entry = ["[Desktop Entry]", "Type=Application", f"Name={NAME}", "Terminal=false"]
        words = " ".join(map(_quoted, self._start))
        self._path.write_text("\n".join([*entry, f"Exec={words}", ""]), encoding="utf-8")


def _quoted(word: str) -> str:
    """Return a word as the Exec key of a desktop entry takes it: quoted, with what a
    shell would read escaped, and escaped once more as every string of the file is."""
    for character in '\\"`$':
        word = word.replace(character, "\\" + character)
    return '"' + word.replace("\\", "\\\\").replace("%", "%%") + '"'


class LaunchAgent:
    """A property list for launchd."""

    def __init__(self, start: Sequence[str], folder: Path) -> None:
        self._start = start
        self._path = folder / "org.rostrum.client.plist"

    def is_on(self) -> bool:
        return self._path.exists()

    def set(self, is_on: bool) -> None:
        if not is_on:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        agent = {
            "Label": "org.rostrum.client",
            "ProgramArguments": list(self._start),
            "RunAtLoad": True,
        }
        self._path.write_bytes(plistlib.dumps(agent))


class RunKey:
    """A value of the person's Run key. Task Manager does not remove it to switch it off;
    it notes that elsewhere, by a first byte that is odd."""

    def __init__(self, start: Sequence[str]) -> None:
        self._line = subprocess.list2cmdline(start)

    def is_on(self) -> bool:
        return _value(RUN) is not None and not self._is_switched_off()

    def set(self, is_on: bool) -> None:
        if sys.platform == "win32":
            import winreg

            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN) as key:
                if is_on:
                    winreg.SetValueEx(key, NAME, 0, winreg.REG_SZ, self._line)
                elif _value(RUN) is not None:
                    winreg.DeleteValue(key, NAME)
            if is_on and self._is_switched_off():
                access = winreg.KEY_SET_VALUE
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, APPROVED, 0, access) as key:
                    winreg.DeleteValue(key, NAME)

    def _is_switched_off(self) -> bool:
        noted = _value(APPROVED)
        return isinstance(noted, bytes) and bool(noted) and noted[0] % 2 == 1


def _value(path: str) -> object:
    """Return the program's value under a key of the person's registry; None: none."""
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
                return winreg.QueryValueEx(key, NAME)[0]
        except FileNotFoundError:
            return None
    raise OSError("there is no registry on this system")
