"""The posts on their way, one line each, above the editor."""

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Protocol

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.room.outbox_item import Draft, OutboxItem, PostState
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.theme import SMALL, TIGHT, px
from app.views.kit.widgets import ElidedLabel, follow, show
from app.views.wording.states import reason_words

MAX_ROWS = 4
"""More would push the timeline away; the rest is shown when these are gone."""


ROW_HEIGHT = 50
"""Of one post, in logical pixels, until one was laid out."""


class Outbox(Protocol):
    """What is needed of the model."""

    @property
    def items(self) -> Sequence[OutboxItem]: ...

    @property
    def draft(self) -> Draft: ...

    @property
    def sent_bytes(self) -> int: ...

    def is_kept(self, post_id: bytes) -> bool: ...

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]: ...


class OutboxStrip(ttk.Frame):
    """Follows the outbox by itself, once it was placed and refreshed. Takes no
    room where that is empty."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        outbox: Outbox,
        edit: Callable[[bytes], None],
        discard: Callable[[bytes], None],
    ) -> None:
        super().__init__(parent, name="outbox", padding=(0, 0, 0, px(parent, TIGHT)))
        self._outbox = outbox
        self._context = context
        self._edit = edit
        self._discard = discard
        self._rows: dict[bytes, _Row] = {}
        self._most_rows = MAX_ROWS
        self._row_height = px(self, ROW_HEIGHT)
        self.columnconfigure(0, weight=1)
        follow(self, self.refresh, outbox, context.i18n)

    def refresh(self) -> None:
        """Show the outbox's present state; what has not changed stays."""
        # A refused one waits for a person, so it is never left out for others.
        items = sorted(self._outbox.items, key=lambda item: item.state is not PostState.REFUSED)
        items = items[: self._most_rows]
        kept = {item.post_id for item in items}
        for post_id in [post_id for post_id in self._rows if post_id not in kept]:
            self._rows.pop(post_id).destroy()
        for index, item in enumerate(items):
            row = self._rows.get(item.post_id)
            if row is None:
                row = self._rows[item.post_id] = _Row(self, item.post_id, self._edit, self._discard)
            row.grid(row=index, column=0, sticky="ew")
            row.say(item, self._words(item), self._context.i18n)
        show(self, bool(items))

    def limit(self, rows: int) -> None:
        """Show so many at most, MAX_ROWS in any case."""
        if rows != self._most_rows:
            self._most_rows = min(rows, MAX_ROWS)
            self.refresh()

    def height_with(self, rows: int) -> int:
        """Return how high it would be with this limit, in pixels."""
        shown = min(len(self._outbox.items), rows, MAX_ROWS)
        for row in self._rows.values():
            self._row_height = row.winfo_reqheight()
        return shown * self._row_height + (px(self, TIGHT) if shown else 0)

    def _words(self, item: OutboxItem) -> str:
        if item.state is PostState.REFUSED:
            limits = self._context.status.limits
            words = reason_words(self._context.i18n, item.reason, limits, {})
            return self._context.t("outbox.refused", reason=words)
        if item.state is PostState.WAITING and not self._outbox.is_kept(item.post_id):
            return self._context.t("outbox.unkept")
        if item.state is PostState.WAITING and item.may_be_posted:
            return self._context.t("outbox.unsure")
        if item.state is PostState.WAITING and item.draft.attachments and self._outbox.sent_bytes:
            size = sum(file.size for file in item.draft.attachments)
            percent = 100 * self._outbox.sent_bytes // size
            return self._context.t("outbox.sending_file", percent=percent)
        if item.state is PostState.WAITING and item.draft.at_ms:
            when = self._context.moment(item.draft.at_ms, is_within=True)
            return self._context.t("outbox.waiting_later", when=when)
        return self._context.t(f"outbox.{item.state.value}")


class _Row(ttk.Frame):
    def __init__(
        self,
        parent: tk.Misc,
        post_id: bytes,
        edit: Callable[[bytes], None],
        discard: Callable[[bytes], None],
    ) -> None:
        super().__init__(parent, padding=(0, 0, 0, px(parent, TIGHT)))
        self._preview = ElidedLabel(self, fonts.CONTROL, name="preview")
        self._preview.grid(row=0, column=0, sticky="ew")
        self._state = ElidedLabel(self, fonts.SMALL, style="Muted.TLabel", name="post_state")
        self._state.grid(row=1, column=0, sticky="ew")
        self._buttons = ttk.Frame(self)
        self._buttons.grid(row=0, column=1, rowspan=2, padx=(px(self, SMALL), 0))
        self._edit = ttk.Button(
            self._buttons, name="edit", style="Quiet.TButton", command=lambda: edit(post_id)
        )
        self._edit.grid(row=0, column=0)
        self._discard = ttk.Button(
            self._buttons, name="discard", style="Quiet.TButton", command=lambda: discard(post_id)
        )
        self._discard.grid(row=0, column=1)
        self.columnconfigure(0, weight=1)

    def say(self, item: OutboxItem, words: str, i18n: Translator) -> None:
        refused = item.state is PostState.REFUSED
        self._preview.say(item.text)
        self._state.configure(style="Error.TLabel" if refused else "Muted.TLabel")
        self._state.say(words)
        self._edit.configure(text=i18n.t("outbox.edit"))
        self._discard.configure(text=i18n.t("outbox.discard"))
        show(self._buttons, item.can_be_taken_back)
