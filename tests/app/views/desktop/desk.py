"""The presence on the desktop, with a desktop that a test plays."""

from types import SimpleNamespace
from typing import Any

from app.desktop.events import DesktopEvent, NoteTold, Outcome, TrayStands
from app.desktop.notifier import NoteText
from app.desktop.tray import TrayLook
from app.views.desktop.presence import NotificationActions, Presence
from protocol.messages import Attention
from tests.support.recording import recorded
from tests.support.window import Window


class Desk:
    """What the system shows and plays, and `calls`: what the controllers are asked for.
    `messages` are those that notes are about, by their keys."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.calls: list[tuple[Any, ...]] = []
        self.looks: list[TrayLook] = []
        self.notes: dict[str, NoteText] = {}
        self.played: list[str] = []
        self.messages: dict[str, int] = {}
        notifications = recorded(self.calls, NotificationActions, take=self._take)
        self.minimised = 0
        """How often the window was minimised: without a window manager it stays."""
        iconify = window.root.iconify

        def minimise() -> None:
            self.minimised += 1
            iconify()

        window.root.iconify = minimise  # type: ignore[method-assign]
        window.root._put_away = self.put_away  # as app.main makes them
        self.presence = Presence(
            window.root,
            window.root.context,
            window.pages,
            SimpleNamespace(
                tray=SimpleNamespace(show=self.looks.append),
                notifier=SimpleNamespace(
                    show=self.notes.__setitem__,
                    withdraw=lambda key: self.notes.pop(key, None),
                ),
                sounds=SimpleNamespace(play=self.played.append),
            ),
            SimpleNamespace(
                notifications=notifications,
                tray_stands=self.window.pages.desktop.set_tray,
                network_changed=lambda: self.calls.append(("network_changed",)),
                pay_attention=self._pay_attention,
            ),
            window.root,
        )
        self.presence.start()

    @property
    def look(self) -> TrayLook:
        """How the icon looks."""
        return self.looks[-1]

    def put_away(self) -> None:
        self.presence.put_away()

    def tell(self, *events: DesktopEvent) -> None:
        """The desktop tells this."""
        self.presence.take(list(events))
        self.window.root.update()

    def have_tray(self, is_there: bool = True) -> None:
        self.tell(TrayStands(is_there))

    def fail(self, key: str, outcome: Outcome = Outcome.FAILED) -> None:
        """The system does not show the notification."""
        self.tell(NoteTold(key, outcome))

    def _take(self, key: str) -> int:
        self.calls.append(("take", key))
        self.window.pages.notifications.withdraw(key)
        return self.messages.get(key, 0)

    def _pay_attention(self, attention: Attention) -> None:
        self.calls.append(("pay_attention", attention))
