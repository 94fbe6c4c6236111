"""A person at a client's window, as a test speaks of one.

The window is a real one in its own process (`tests/support/robot.py`). A wait
that fails tells what every window shows.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.models.settings import Settings
from tests.support.server_process import PASSWORD, ServerProcess
from tests.support.waiting import WAIT_S


class Person:
    """Someone at a window, who knows a server and its certificate, or none.
    `everyone` is all who take part in the test. A patient person's window
    tries again only when told to."""

    def __init__(
        self,
        name: str,
        folder: Path,
        server: ServerProcess | None,
        everyone: "list[Person]",
        geometry: str,
        is_patient: bool = False,
    ) -> None:
        self.name = name
        self._everyone = everyone
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(folder / "settings.json")
        if not settings.values.geometry:
            settings.change(language="en", geometry=geometry)
        if server is not None:
            settings.change(server=server.address, pins={server.address: server.fingerprint.hex()})
        self._log_path = folder / "window.log"
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.support.robot", str(folder)),
                    *(["patient"] if is_patient else []),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        everyone.append(self)

    # -- what one does -----------------------------------------------------------

    def type(self, widget: str, text: str) -> None:
        self._ask("type", widget=widget, text=text)

    def click(self, widget: str) -> None:
        self._ask("click", widget=widget)

    def press(self, widget: str, keys: str) -> None:
        self._ask("press", widget=widget, keys=keys)

    def choose(self, menu: str, label: str) -> None:
        self._ask("choose", menu=menu, label=label)

    def select(self, cell: str) -> None:
        """The row of the table in sight with this in one of its cells, once it
        is listed."""
        self.until("listed", cell)
        self._ask("select", widget="rows", cell=cell)

    def scroll(self, to: float) -> None:
        self._ask("scroll", to=to)

    def resize(self, geometry: str) -> None:
        self._ask("resize", geometry=geometry)

    def picture(self, path: Path) -> None:
        self._ask("picture", path=str(path))

    def fill_sign_in(self, username: str, password: str = PASSWORD) -> None:
        """Fill in the form and send it."""
        self.until("shown", "username")
        self.type("username", username)
        self.type("password", password)
        self.click("submit")

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self.fill_sign_in(username, password)
        self.until_live()

    def register(self, username: str, display_name: str, password: str = PASSWORD) -> None:
        self.until("shown", "tab_register")
        self.click("tab_register")
        self.until("shown", "display_name")
        self.type("display_name", display_name)
        self.fill_sign_in(username, password)
        self.until_live()

    def announce(self, text: str) -> None:
        """Write and send."""
        self.type("editor", text)
        self.until("says", ("editor", text[:20]))
        self.press("editor", "<Control-Return>")

    def close(self) -> None:
        """Close the window and see that nothing went wrong behind it."""
        if self._process.poll() is None:
            self._ask("quit")
            self._process.wait(WAIT_S)
        self._release()
        status, log = self._process.returncode, self._log()
        assert status == 0, f"{self.name}'s program ended with {status}\n{log}"
        assert "Traceback" not in log, log

    def kill(self) -> None:
        """The program is ended as by a crash."""
        self._process.kill()
        self._process.wait(WAIT_S)
        self._release()

    def wait_until_closed(self) -> None:
        """Until somebody closes the window."""
        self._process.wait()
        self._release()

    # -- what one sees -----------------------------------------------------------

    def read(self, widget: str) -> str:
        return str(self._ask("read", widget=widget)["text"])

    def shows(self, widget: str) -> bool:
        return bool(self._ask("shows", widget=widget)["shows"])

    def timeline(self) -> list[tuple[int, str]]:
        return [(number, text) for number, text in self._ask("timeline")["messages"]]

    def texts(self) -> list[str]:
        return [text for _, text in self.timeline()]

    def rows(self) -> list[list[str]]:
        """What the table in sight lists, cell by cell."""
        return [list(row) for row in self._ask("rows")["rows"]]

    def describe(self) -> str:
        return str(self._ask("describe")["window"])

    def until(self, until: str, value: Any) -> None:
        """Wait until the window's widgets show it."""
        answer = self._ask("wait", until=until, value=value, timeout_s=WAIT_S)
        if not answer["met"]:
            raise AssertionError(
                f"{self.name} waited {WAIT_S:.0f} s for {until} {value!r}\n\n" + self._all_windows()
            )

    def until_live(self) -> None:
        self.until("says", ("state", "Connected"))

    # ----------------------------------------------------------------------------

    def _ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"{self.name}'s window ended by itself\n{self._log()}")
        answer: dict[str, Any] = json.loads(line)
        problems = answer["errors"] + ([answer["error"]] if "error" in answer else [])
        if problems:
            raise AssertionError(
                f"{self.name} could not {do} {arguments}\n"
                + "\n".join(problems)
                + str(answer.get("window", ""))
            )
        return answer

    def _all_windows(self) -> str:
        return "\n\n".join(
            f"{person.name} sees:\n{_or_error(person.describe)}"
            for person in self._everyone
            if person._process.poll() is None
        )

    def _log(self) -> str:
        return self._log_path.read_text(encoding="utf-8", errors="replace")[-4000:]

    def _release(self) -> None:
        if self in self._everyone:
            self._everyone.remove(self)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def _or_error(describe: Callable[[], str]) -> str:
    try:
        return describe()
    except (AssertionError, OSError) as error:
        return f"(can't be seen: {error})"
