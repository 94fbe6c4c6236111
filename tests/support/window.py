"""The client's real window on real models, with nobody behind it: what a
person does in it is written down, and a test plays the controllers."""

import contextlib
import sys
import time
import tkinter as tk
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.i18n import Translator
from app.models.connection.account import Account
from app.models.connection.status import Phase, RoomInfo, Status
from app.models.pages.pages import PageModels
from app.models.room.outbox import Outbox
from app.models.room.outbox_item import Draft
from app.models.settings import Settings
from app.views.timeline.view import HistoryActions, Timeline
from app.window import MainWindow, WindowModels
from protocol.messages import Limits, Person, Registration, Role
from tests.support.clock import ClientClock
from tests.support.recording import RecordedActions, recorded

TIMEOUT_S = 20.0

ADDRESS = "room.example:7450"
GEOMETRY = "800x600+10+10"

ENTER_KEYS = ("Return",) if sys.platform == "win32" else ("Return", "KP_Enter")
"""Tk's names of the two. On Windows it calls the number pad's Return, too, and
can't press the other."""

ALICE = Person(1, "alice", "Alice Hart", Role.ADMIN)
BOB = Person(2, "bob", "Ben Osei", Role.MEMBER)


def room_info(
    registration: Registration = Registration.OPEN, limits: Limits | None = None
) -> RoomInfo:
    return RoomInfo(
        bytes(16), "Northgate", "All of Northgate School", registration, limits or Limits()
    )


class Window:
    """A window, its models, and `calls`: each action that was taken in it, as
    its name and arguments. `takes_posts` is whether the outbox keeps a post,
    `has_messages` whether a message that is asked for can be had."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self._folder = folder
        self._successors: list[Window] = []
        self.status = Status()
        self.account = Account()
        self.settings = Settings(folder / "settings.json")
        if not self.settings.values.geometry:
            self.settings.change(geometry=GEOMETRY)
        self.settings.change(**settings)
        self.outbox = Outbox()
        self.pages = PageModels()
        self.translator = Translator(self.settings.values.language or "en")
        self.calls: list[tuple[Any, ...]] = []
        self.takes_posts = True
        self.has_messages = True

        self.clock = ClientClock()
        self.root = MainWindow(
            WindowModels(self.status, self.account, self.settings, self.outbox, self.pages),
            self.translator,
            self.clock,
            _Controllers(self),
            lambda: self.calls.append(("close",)),
        )
        self.root.begin()
        self.root.update()
        # Without a window manager nothing else gives it the keyboard.
        (self.root.focus_lastfor() or self.root).focus_force()
        self.root.update()

    def close(self) -> None:
        """Let it go, and those that came after it; also if that was done."""
        for window in (*self._successors, self):
            with contextlib.suppress(tk.TclError):
                window.root.destroy()

    def again(self, **settings: str) -> "Window":
        """Close it, and start the client anew."""
        self.close()
        self._successors.append(Window(self._folder, **settings))
        return self._successors[-1]

    # -- what the controllers would do -------------------------------------------

    def greet(self, room: RoomInfo | None = None) -> None:
        """The server has answered: nobody is signed in."""
        self.status.introduce(room or room_info())
        self.status.update(phase=Phase.GREETED, address=ADDRESS)
        self.root.update()

    def enter(self, person: Person = ALICE) -> None:
        """This person is signed in and the room is complete."""
        if self.status.room is None:
            self.greet()
        self.account.sign_in(person)
        self.status.update(phase=Phase.LIVE)
        self.root.update()

    # -- what a person sees --------------------------------------------------------

    @property
    def feed(self) -> Timeline:
        return self.root.room.timeline

    def all(self, name: str) -> list[tk.Misc]:
        """Every widget of this name, seen or not."""
        return [widget for widget in descendants(self.root) if widget.winfo_name() == name]

    def find(self, name: str) -> Any:
        """The widget of this name that is seen."""
        seen = [widget for widget in self.all(name) if widget.winfo_viewable()]
        assert seen, f"no {name} is seen"
        return seen[0]

    def shows(self, name: str) -> bool:
        return any(widget.winfo_viewable() for widget in self.all(name))

    def says(self, name: str) -> str:
        """The words on the widget of this name; none where it is not seen."""
        return str(self.find(name).cget("text")) if self.shows(name) else ""

    # -- what a person does --------------------------------------------------------

    def click(self, name: str) -> None:
        self.find(name).invoke()
        self.root.update()

    def type(self, name: str, text: str) -> None:
        """Write this in place of what stands there."""
        widget = self.find(name)
        start = "1.0" if isinstance(widget, tk.Text) else 0
        widget.delete(start, "end")
        widget.insert(start, text)
        self.root.update()

    def press(self, name: str, key: str) -> None:
        widget = self.find(name)
        widget.focus_force()
        widget.event_generate(key)
        self.root.update()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Serve the window until the condition holds."""
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            assert time.monotonic() < deadline, f"waited {TIMEOUT_S} s for {what}"
            self.root.update()

    def calls_of(self, name: str) -> list[Any]:
        """The one argument of each such call."""
        return [call[1] for call in self.calls if call[0] == name]


class _Controllers(RecordedActions):
    """Writes down what is done, and does as much of it as views wait for."""

    def __init__(self, window: Window) -> None:
        super().__init__(window.calls)
        self._window = window
        self.room = recorded(window.calls, HistoryActions, show_from=self._show_from)
        self.posting = self

    def connect(self, typed: str) -> None:
        super().connect(typed)
        self._window.settings.change(server=typed)
        self._window.status.update(phase=Phase.CONNECTING, address=typed, reason="", retry_at=None)

    def _show_from(self, message_id: int) -> bool:
        self._window.calls.append(("show_from", message_id))
        return self._window.has_messages

    # -- posting -------------------------------------------------------------------

    def send(self, draft: Draft) -> bool:
        self._window.calls.append(("send", draft))
        if self._window.takes_posts:
            self._window.outbox.add(draft)
        return self._window.takes_posts

    def write(self, draft: Draft) -> None:
        self._window.outbox.write(draft)

    def take_back(self, post_id: bytes) -> Draft | None:
        self._window.calls.append(("take_back", post_id))
        item = self._window.outbox.remove(post_id)
        return item.draft if item else None

    def discard(self, post_id: bytes) -> None:
        self._window.calls.append(("discard", post_id))
        self._window.outbox.remove(post_id)


def descendants(widget: tk.Misc) -> Iterator[tk.Misc]:
    """Everything inside a widget."""
    for child in widget.winfo_children():
        yield child
        yield from descendants(child)
