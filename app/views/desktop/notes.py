"""Shows the notifications that stand: by the system, or by our own where it can't."""

import tkinter as tk
from collections.abc import Callable
from typing import Protocol

from app.desktop.events import NoteTold, Outcome
from app.desktop.notifier import NoteText
from app.models.room.notifications import Note, NoteKind, Notifications
from app.views.context import ViewContext
from app.views.desktop.toasts import Toasts
from app.views.kit.widgets import follow
from app.views.wording.notifications import note_words


class SystemNotes(Protocol):
    """Where the system shows notifications. Never waits."""

    def show(self, key: str, text: NoteText) -> None:
        """Show this, in place of the one with the same key."""

    def withdraw(self, key: str) -> None:
        """Take it away."""


class NotesView:
    """Follows the model by itself. `clicked` is told the key of what was clicked."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        model: Notifications,
        system: SystemNotes,
        room: Callable[[], str],
        clicked: Callable[[str], None],
    ) -> None:
        self._context = context
        self._model = model
        self._system = system
        self._room = room
        self.toasts = Toasts(parent, clicked)
        self._shown: dict[str, tuple[Note, NoteText]] = {}
        follow(parent, self._refresh, model, context.settings, context.i18n)

    def told(self, event: NoteTold) -> None:
        """Show it ourselves where the system did not."""
        shown = self._shown.get(event.key)
        if shown is not None and event.outcome is not Outcome.SHOWN:
            _, text = shown
            self.toasts.show(event.key, text.title, text.body, text.is_urgent)

    def _refresh(self) -> None:
        notes = self._model.notes
        for key in [key for key in self._shown if key not in notes]:
            del self._shown[key]
            self._system.withdraw(key)
            self.toasts.hide(key)
        for key, note in notes.items():
            text = self._text(note)
            if (before := self._shown.get(key)) is not None and before[1] == text:
                continue
            self._shown[key] = (note, text)
            self._system.show(key, text)

    def _text(self, note: Note) -> NoteText:
        context = self._context
        shows_content = context.settings.values.shows_content
        title, body = note_words(context.i18n, note, self._room(), shows_content)
        label = context.t("note.open") if note.kind is not NoteKind.TEST else ""
        return NoteText(title, body, note.is_urgent, label)
