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
from app.views.actions import MessageActions, RoomActions, SignInActions, WindowActions
from app.views.timeline.view import Timeline
from app.window import MainWindow, WindowModels
from protocol.messages import Limits, Person, Registration, Role
from tests.support.pages import page_actions

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

        def record(name: str) -> Callable[..., None]:
            return lambda *arguments: self.calls.append((name, *arguments))

        self.root = MainWindow(
            WindowModels(self.status, self.account, self.settings, self.outbox, self.pages),
            self.translator,
            SignInActions(
                connect=self._connect,
                sign_in=record("sign_in"),
                register=record("register"),
                redeem=record("redeem"),
                reconnect_now=record("reconnect_now"),
                trust=record("trust"),
            ),
            RoomActions(
                need_older=record("need_older"),
                need_newer=record("need_newer"),
                show_latest=record("show_latest"),
                show_from=self._show_from,
                send=self._send,
                write=self.outbox.write,
                take_back=self._take_back,
                discard=self._discard,
                reconnect_now=record("reconnect_now"),
                sign_out=record("sign_out"),
                message=MessageActions(
                    edit=record("edit_message"),
                    withdraw=record("withdraw"),
                    pin=record("pin"),
                    set_expiry=record("set_expiry"),
                    ask_versions=record("ask_versions"),
                    forget_versions=record("forget_versions"),
                    forget_operation=record("forget_operation"),
                ),
                mark_seen=record("mark_seen"),
                answer=record("answer"),
                need_tallies=record("need_tallies"),
                open_link=record("open_link"),
            ),
            WindowActions(
                use_theme=lambda theme: self.settings.change(theme=theme),
                use_language=lambda language: self.settings.change(language=language),
                close=record("close"),
            ),
            page_actions(record),
        )
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

    def _connect(self, address: str) -> None:
        self.calls.append(("connect", address))
        self.settings.change(server=address)
        self.status.update(phase=Phase.CONNECTING, address=address, reason="", retry_at=None)

    def _show_from(self, message_id: int) -> bool:
        self.calls.append(("show_from", message_id))
        return self.has_messages

    def _send(self, draft: Draft) -> bool:
        self.calls.append(("send", draft))
        if self.takes_posts:
            self.outbox.add(draft)
        return self.takes_posts

    def _take_back(self, post_id: bytes) -> Draft | None:
        self.calls.append(("take_back", post_id))
        item = self.outbox.remove(post_id)
        return item.draft if item else None

    def _discard(self, post_id: bytes) -> None:
        self.calls.append(("discard", post_id))
        self.outbox.remove(post_id)

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


def descendants(widget: tk.Misc) -> Iterator[tk.Misc]:
    """Everything inside a widget."""
    for child in widget.winfo_children():
        yield child
        yield from descendants(child)
