"""The client's presence on the desktop: tray, notifications and sounds, and what a person
does with them."""

import logging
import tkinter as tk
from datetime import datetime
from typing import Protocol

from app.desktop.events import (
    AttentionChanged,
    DesktopEvent,
    NetworkChanged,
    NoteClicked,
    NoteTold,
    Outcome,
    SecondStart,
    TrayAction,
    TrayChosen,
    TrayStands,
)
from app.models.pages.pages import PageModels
from app.models.quiet_hours import in_an_hour, tomorrow
from app.views.context import ViewContext
from app.views.desktop.notes import NotesView, SystemNotes
from app.views.desktop.tray import SystemTray, TrayView
from app.views.kit.widgets import follow
from app.views.shell.header import room_name
from protocol.messages import Attention

log = logging.getLogger(__name__)

TRAY_LIMIT_MS = 15_000
"""How long a program that starts with the system waits for a tray: that may come up later
than it does."""


class NotificationActions(Protocol):
    """What can be done about what is told outside of the window."""

    def take(self, key: str) -> int:
        """Take away the note that was clicked. Returns the message that it is about; 0:
        it is about none, or there is no such note."""

    def told(self, key: str, outcome: Outcome) -> None:
        """Note what the system did with a notification."""

    def test(self) -> None:
        """Show a notification that says that it is a test."""

    def tell_of_tray(self) -> None:
        """Say once that the program goes on in the tray."""

    def pause(self, until: datetime | None) -> None:
        """Let nothing but what is urgent disturb until then; None: from now on it may."""


class PresenceActions(Protocol):
    """What happens on the desktop and concerns the client."""

    @property
    def notifications(self) -> NotificationActions: ...

    def network_changed(self) -> None:
        """See at once whether the connection still stands."""

    def tray_stands(self, has_tray: bool) -> None:
        """Note whether there is a tray."""

    def pay_attention(self, attention: Attention) -> None:
        """Note whether a person could see what is shown."""


class Sounds(Protocol):
    """Where sounds are played. Never waits."""

    def play(self, name: str) -> None:
        """Let this sound be heard."""


class DesktopParts(Protocol):
    """The system's means."""

    @property
    def tray(self) -> SystemTray: ...

    @property
    def notifier(self) -> SystemNotes: ...

    @property
    def sounds(self) -> Sounds: ...


class PresenceHost(Protocol):
    """Who has the window."""

    def come_forward(self) -> None:
        """Show the window, in front of the others."""

    def show_message(self, message_id: int) -> None:
        """Show the window, and the room at this message."""

    def put_away(self, in_tray: bool) -> None:
        """Let the window go out of sight: altogether, or to where minimised ones are."""

    def take_link(self, argument: str) -> None:
        """Go where this link, join code or address leads."""

    def close(self) -> None:
        """End the program, unless that would lose something: then ask first."""


class Presence:
    """Main thread only; `take` is called by the pump."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        models: PageModels,
        parts: DesktopParts,
        actions: PresenceActions,
        host: PresenceHost,
    ) -> None:
        self._parent = parent
        self._context = context
        self._models = models
        self._parts = parts
        self._actions = actions
        self._host = host
        self._is_away = False
        """Whether the window was put away into the tray."""
        self._rings = models.notifications.rings, models.urgent.rings
        self._sample = models.notifications.sample
        self.notes = NotesView(
            parent, context, models.notifications, parts.notifier, self._room, self._clicked
        )
        self._tray = TrayView(
            parent, context, models.notifications, models.urgent, parts.tray, self._room
        )
        follow(parent, self._ring, models.notifications, models.urgent)

    def start(self, is_hidden: bool = False) -> None:
        """Show the icon in the tray. A window that is hidden for it is minimised if there
        is none by then."""
        self._tray.refresh()
        if is_hidden:
            self._is_away = True
            self._parent.after(TRAY_LIMIT_MS, self._see_to_the_way_back)

    def _see_to_the_way_back(self) -> None:
        if self._is_away and not self._models.desktop.has_tray:
            # Nothing leads back to the window from where it is.
            self._is_away = False
            self._host.put_away(False)

    def put_away(self) -> None:
        """Let the program go on without its window: in the tray where there is one, else
        minimised."""
        self._is_away = self._models.desktop.has_tray
        self._host.put_away(self._is_away)
        if self._is_away:
            self._actions.notifications.tell_of_tray()

    def take(self, events: list[DesktopEvent]) -> None:
        """Do what the desktop asks for."""
        for event in events:
            self._take(event)

    def _take(self, event: DesktopEvent) -> None:
        match event:
            case TrayChosen(action):
                self._choose(action)
            case TrayStands(is_there):
                self._actions.tray_stands(is_there)
                self._see_to_the_way_back()
            case NoteTold(key, outcome):
                self.notes.told(event)
                self._actions.notifications.told(key, outcome)
            case NoteClicked(key):
                self._clicked(key)
            case SecondStart(argument, answer):
                answer()
                self._come_forward()
                if argument:
                    self._host.take_link(argument)
            case NetworkChanged():
                self._actions.network_changed()
            case AttentionChanged(attention):
                self._actions.pay_attention(attention)

    def _choose(self, action: TrayAction) -> None:
        notifications = self._actions.notifications
        now = self._context.clock.now()
        match action:
            case TrayAction.OPEN:
                self._come_forward()
            case TrayAction.PAUSE_HOUR:
                notifications.pause(in_an_hour(now))
            case TrayAction.PAUSE_DAY:
                notifications.pause(tomorrow(now))
            case TrayAction.RESUME:
                notifications.pause(None)
            case TrayAction.TEST:
                notifications.test()
            case TrayAction.QUIT:
                self._host.close()

    def _clicked(self, key: str) -> None:
        message_id = self._actions.notifications.take(key)
        self._is_away = False
        if message_id:
            self._host.show_message(message_id)
        else:
            self._host.come_forward()

    def _come_forward(self) -> None:
        self._is_away = False
        self._host.come_forward()

    def _ring(self) -> None:
        calm, urgent = self._models.notifications.rings, self._models.urgent.rings
        before, self._rings = self._rings, (calm, urgent)
        values = self._context.settings.values
        sample = self._models.notifications.sample
        if sample != self._sample:
            self._sample = sample
            self._play(sample[1])
        if urgent != before[1]:
            self._play(values.urgent_sound)
        elif calm != before[0]:
            self._play(values.sound)

    def _play(self, name: str) -> None:
        if name:
            self._parts.sounds.play(name)

    def _room(self) -> str:
        return room_name(self._context.status, self._context.i18n)
