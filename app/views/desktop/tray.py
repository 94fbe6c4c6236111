"""The icon in the tray: how things stand, at a glance, and the way back to the window."""

import tkinter as tk
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from app.desktop.events import TrayAction
from app.desktop.tray import TrayEntry, TrayLook
from app.desktop.tray_picture import TrayState
from app.models.connection.status import Phase
from app.models.room.notifications import Notifications
from app.models.room.urgent import Urgent
from app.views.context import ViewContext
from app.views.kit.widgets import follow
from app.views.wording.notifications import tray_title, until

CONNECTED = (Phase.LIVE, Phase.CATCHING_UP)


class SystemTray(Protocol):
    """Where the system shows an icon. Never waits."""

    def show(self, look: TrayLook) -> None:
        """Look like this from now on."""


class TrayView:
    """Follows its models by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        notifications: Notifications,
        urgent: Urgent,
        system: SystemTray,
        room: Callable[[], str],
    ) -> None:
        self._context = context
        self._notifications = notifications
        self._urgent = urgent
        self._system = system
        self._room = room
        self._shown: TrayLook | None = None
        follow(
            parent,
            self.refresh,
            *(context.status, context.account, context.i18n),
            *(notifications, urgent),
        )

    def refresh(self) -> None:
        """Show the models' present state."""
        look = self._look()
        if look != self._shown:
            self._shown = look
            self._system.show(look)

    def _look(self) -> TrayLook:
        context = self._context
        unread, urgent = self._notifications.unread, len(self._urgent.messages)
        quiet = self._notifications.quiet_until
        if urgent:
            state = TrayState.URGENT
        elif context.status.now.phase not in CONNECTED:
            state = TrayState.OFFLINE
        elif quiet is not None:
            state = TrayState.PAUSED
        else:
            state = TrayState.CONNECTED
        title = tray_title(context.i18n, context.status, self._room(), unread, urgent)
        return TrayLook(state, unread, title, self._menu(quiet))

    def _menu(self, quiet: datetime | None) -> tuple[TrayEntry, ...]:
        t, now = self._context.t, self._context.clock.now()
        is_paused = self._context.settings.values.is_paused_at(self._context.clock.now_ms())
        if is_paused and quiet is not None:
            when = until(self._context.i18n, quiet, now)
            pauses = [TrayEntry(TrayAction.RESUME, t("tray.resume", when=when))]
        else:
            pauses = [
                TrayEntry(TrayAction.PAUSE_HOUR, t("tray.pause_hour")),
                TrayEntry(TrayAction.PAUSE_DAY, t("tray.pause_day")),
            ]
        return (
            TrayEntry(TrayAction.OPEN, t("tray.open"), is_default=True),
            TrayEntry(),
            *pauses,
            TrayEntry(TrayAction.TEST, t("tray.test")),
            TrayEntry(),
            TrayEntry(TrayAction.QUIT, t("room.quit")),
        )
