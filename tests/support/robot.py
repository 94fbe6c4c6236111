"""A real client window in a process of its own, moved by a test.

`python -m tests.support.robot DATA_DIR [patient]` runs the client as it is (a
patient one waits for days to try again by itself), and beside it a thread that
reads commands, one JSON line each, from standard input. Each is
carried out on Tk's own thread, by the widgets that a person would use, and
answered by one JSON line on standard output. Nothing is read from the models:
what a robot tells is what the widgets show.
"""

import json
import logging
import os
import queue
import re
import sys
import threading
import time
import tkinter as tk
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from tkinter import ttk
from types import TracebackType
from typing import Any, cast

from PIL import ImageGrab

from app.main import Application
from app.models.credentials import MemoryCredentials
from app.net.backoff import BackoffPolicy

LOOK_EVERY_MS = 20

FIND_WITHIN_S = 20.0
"""How long one looks for a widget that the window has yet to lay out."""

ON_ONE_WIDGET = ("type", "click", "press", "select", "read")
"""What waits for its widget to be in sight: Tk lays out what it shows bit by bit."""

QUICK = BackoffPolicy(first_s=0.2, cap_s=1.0)
PATIENT = BackoffPolicy(first_s=1e6, cap_s=1e6)

Answer = dict[str, Any]


class Robot:
    """Carries out commands on a window."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._window = application.window
        self._commands: queue.SimpleQueue[Answer | None] = queue.SimpleQueue()
        self._waiting: tuple[Callable[[], bool], float] | None = None
        self._looking: tuple[Answer, float] | None = None
        self.errors: list[str] = []
        self._window.report_callback_exception = self._on_tk_error  # type: ignore[method-assign]
        threading.Thread(target=self._listen, daemon=True).start()
        self._turn()

    def _listen(self) -> None:
        # Unbuffered: Python can't end while a thread waits within a buffer.
        with open(0, "rb", buffering=0, closefd=False) as commands:
            for line in commands:
                self._commands.put(json.loads(line))
        self._commands.put(None)

    def _turn(self) -> None:
        if self._waiting is not None:
            condition, deadline = self._waiting
            is_met = condition()
            if is_met or time.monotonic() > deadline:
                self._waiting = None
                self._answer({"met": is_met})
        elif self._looking is not None:
            command, deadline = self._looking
            if self.is_shown(command["widget"]) or time.monotonic() > deadline:
                self._looking = None
                self._carry_out(command)
        elif not self._commands.empty():
            given = self._commands.get()
            if given is None or given["do"] == "quit":
                self._answer({})
                self._application.close()
                return
            if given["do"] in ON_ONE_WIDGET and not self.is_shown(given["widget"]):
                self._looking = given, time.monotonic() + FIND_WITHIN_S
            else:
                self._carry_out(given)
        self._window.after(LOOK_EVERY_MS, self._turn)

    def _carry_out(self, command: Answer) -> None:
        try:
            answer = self._obey(**command)
        except Exception:
            answer = {"error": traceback.format_exc(), "window": self.describe()}
        if answer is not None:
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        answer["errors"], self.errors = self.errors, []
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()

    def _on_tk_error(
        self, exc: type[BaseException], val: BaseException, tb: TracebackType | None
    ) -> None:
        self.errors.append("".join(traceback.format_exception(exc, val, tb)))

    # -- commands ------------------------------------------------------------------

    def _obey(self, do: str, **arguments: Any) -> Answer | None:
        match do:
            case "type":
                self.type(arguments["widget"], arguments["text"])
            case "click":
                self.click(arguments["widget"])
            case "press":
                self.press(arguments["widget"], arguments["keys"])
            case "choose":
                self.choose(arguments["menu"], arguments["label"])
            case "select":
                self.select(arguments["widget"], arguments["cell"])
            case "scroll":
                self.scroll(arguments["to"])
            case "resize":
                self._window.geometry(arguments["geometry"])
            case "read":
                return {"text": self.text_of(self.find(arguments["widget"]))}
            case "shows":
                return {"shows": self.is_shown(arguments["widget"])}
            case "timeline":
                return {"messages": self.timeline()}
            case "rows":
                return {"rows": self.rows()}
            case "describe":
                return {"window": self.describe()}
            case "picture":
                self.picture(arguments["path"])
            case "wait":
                condition = self.condition(arguments["until"], arguments.get("value"))
                self._waiting = (condition, time.monotonic() + arguments["timeout_s"])
                return None
            case _:
                raise ValueError(f"a robot can't {do}")
        self._window.update_idletasks()
        return {}

    def type(self, name: str, text: str) -> None:
        """Replace what stands in a field."""
        widget = self.find(name)
        widget.focus_force()
        if isinstance(widget, tk.Text):
            widget.delete("1.0", "end")
            widget.insert("1.0", text)
            widget.event_generate("<KeyRelease>", keysym="space")
        elif isinstance(widget, tk.Entry):
            widget.delete(0, "end")
            widget.insert(0, text)
        else:
            raise TypeError(f"{name} is no field to type in")

    def click(self, name: str) -> None:
        """Press and let go of the mouse's button in the middle of a widget."""
        widget = self.find(name)
        assert not widget.instate(["disabled"]), f"{name} is disabled"  # type: ignore[attr-defined]
        x, y = widget.winfo_width() // 2, widget.winfo_height() // 2
        for event in ("<Enter>", "<Motion>", "<ButtonPress-1>", "<ButtonRelease-1>"):
            widget.event_generate(event, x=x, y=y)

    def press(self, name: str, keys: str) -> None:
        """Press a key in a widget."""
        widget = self.find(name)
        widget.focus_force()
        widget.event_generate(keys)

    def choose(self, name: str, label: str) -> None:
        """Choose an entry of a menu by its words, as if the menu was posted."""
        menu = next(widget for widget in self._all() if widget.winfo_name() == name)
        assert isinstance(menu, tk.Menu)
        top = menu
        while isinstance(top.master, tk.Menu):
            top = top.master
        self._window.tk.eval(str(top.cget("postcommand")))
        labels = [
            menu.entrycget(index, "label") if menu.type(index) != "separator" else ""
            for index in range((menu.index("end") or 0) + 1)
        ]
        menu.invoke(labels.index(label))

    def select(self, name: str, cell: str) -> None:
        """Click on the row of a table that has this in one of its cells."""
        tree = self.find(name)
        assert isinstance(tree, ttk.Treeview)
        row = next(row for row in tree.get_children() if cell in tree.item(row, "values"))
        tree.see(row)
        tree.update_idletasks()
        left, top, width, height = cast(tuple[int, int, int, int], tree.bbox(row))
        for event in ("<ButtonPress-1>", "<ButtonRelease-1>"):
            tree.event_generate(event, x=left + width // 2, y=top + height // 2)

    def scroll(self, to: float) -> None:
        """Take the timeline's scroll bar to this part of its length."""
        text = self.find("text")
        assert isinstance(text, tk.Text)
        bar = next(one for one in text.master.winfo_children() if isinstance(one, ttk.Scrollbar))
        bar.tk.call(str(bar.cget("command")), "moveto", to)

    def picture(self, path: str) -> None:
        """A picture of the window as the screen shows it."""
        window = self._window
        window.lift()
        window.update()
        left, top = window.winfo_rootx(), window.winfo_rooty()
        box = (left, top, left + window.winfo_width(), top + window.winfo_height())
        display = os.environ.get("DISPLAY") if sys.platform == "linux" else None
        ImageGrab.grab(bbox=box, xdisplay=display).save(path)

    # -- conditions ----------------------------------------------------------------

    def condition(self, until: str, value: Any) -> Callable[[], bool]:
        """What to wait for: the widgets show it."""
        match until:
            case "shown":
                return lambda: self.is_shown(value)
            case "gone":
                return lambda: not self.is_shown(value)
            case "says":
                name, words = value
                return lambda: self.is_shown(name) and words in self.text_of(self.find(name))
            case "counts down from":
                return lambda: self._countdown() > value
            case "timeline":
                return lambda: [text for _, text in self.timeline()] == value
            case "timeline has":
                return lambda: value in [text for _, text in self.timeline()]
            case "timeline from":
                return lambda: bool(self.timeline()) and self.timeline()[0][0] == value
            case "listed":
                return lambda: any(value in row for row in self.rows())
            case "title has":
                return lambda: value in self._window.title()
        raise ValueError(f"a robot can't wait for {until}")

    # -- looking -------------------------------------------------------------------

    def find(self, name: str) -> tk.Misc:
        """The one visible widget of this name."""
        found = [w for w in self._all() if w.winfo_name() == name and w.winfo_viewable()]
        assert len(found) == 1, f"{len(found)} widgets are called {name}"
        return found[0]

    def is_shown(self, name: str) -> bool:
        return any(w.winfo_name() == name and w.winfo_viewable() for w in self._all())

    def timeline(self) -> list[tuple[int, str]]:
        """The messages in the window, as its text widget holds them."""
        return self._window.room.timeline.shown() if self.is_shown("room") else []

    def rows(self) -> list[list[str]]:
        """What the table in sight lists, cell by cell."""
        if not self.is_shown("rows"):
            return []
        tree = self.find("rows")
        assert isinstance(tree, ttk.Treeview)
        return [[str(cell) for cell in tree.item(row, "values")] for row in tree.get_children()]

    def _countdown(self) -> int:
        """The seconds that are left, as they are said; -1: none are."""
        if not self.is_shown("now"):
            return -1
        *_, seconds = re.findall(r"\d+", self.text_of(self.find("state")))
        return int(seconds)

    def describe(self) -> str:
        """Everything that the window shows, line by line."""
        lines = [f"window {self._window.title()!r} {self._window.geometry()}"]
        for widget in self._all():
            if widget.winfo_viewable() and (text := self.text_of(widget)):
                lines.append(f"  {widget.winfo_name()}: {text[-600:]!r}")
        return "\n".join(lines)

    def text_of(self, widget: tk.Misc) -> str:
        """What a widget says."""
        if isinstance(widget, tk.Text):
            return widget.get("1.0", "end-1c")
        if isinstance(widget, tk.Entry):
            return "•" * len(widget.get()) if widget.cget("show") else widget.get()
        try:
            return str(widget.cget("text"))
        except tk.TclError:
            return ""

    def _all(self, of: tk.Misc | None = None) -> Iterator[tk.Misc]:
        for child in (of or self._window).winfo_children():
            yield child
            yield from self._all(child)


class ErrorCollector(logging.Handler):
    """Whatever the client logs as an error fails the test."""

    def __init__(self, robot: Robot) -> None:
        super().__init__(logging.ERROR)
        self._robot = robot

    def emit(self, record: logging.LogRecord) -> None:
        self._robot.errors.append(self.format(record))


def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    backoff = PATIENT if sys.argv[2:] == ["patient"] else QUICK
    application = Application(Path(sys.argv[1]), MemoryCredentials(), backoff)
    robot = Robot(application)
    logging.getLogger().addHandler(ErrorCollector(robot))
    application.run()


if __name__ == "__main__":
    main()
