"""One line that always tells where the connection stands: a coloured dot, the
same in words, and "now" while it waits to try again."""

import tkinter as tk
from collections.abc import Callable
from tkinter import font

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.connection.status import Snapshot
from app.views.context import ViewContext
from app.views.kit import fonts, palette
from app.views.kit.theme import TIGHT, px
from app.views.kit.widgets import LABEL_EDGE, Tip, elide, follow, show
from app.views.wording.states import StateWords, Tone
from protocol.messages import Limits

COUNTDOWN_STEP_MS = 250
DOT_SIZE = 9

Describe = Callable[[Translator, Snapshot, float, Limits], StateWords]


class StateLine(ttk.Frame):
    """Follows the status by itself; `describe` chooses the words, and a click on them does
    `look`."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        describe: Describe,
        reconnect_now: Callable[[], None],
        look: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._describe = describe
        self._ticking: str | None = None
        self._whole = self._detail = ""

        self._dot = ttk.Label(self)
        self._dot.grid(row=0, column=0, padx=(0, px(self, TIGHT + 3)))
        self._text = ttk.Label(self, style="Muted.TLabel", name="state")
        self._text.grid(row=0, column=1)
        self._tip = Tip(self._text)
        if look is not None:
            self._text.configure(cursor="hand2")
            self._text.bind("<Button-1>", lambda _event: look())
        self._now = ttk.Button(self, style="Inline.TButton", name="now", command=reconnect_now)
        self._now.grid(row=0, column=2, padx=(px(self, TIGHT), 0))

        self.bind("<Configure>", lambda _event: self._fit())
        follow(self, self.refresh, context.status, context.i18n)
        self.bind("<Destroy>", lambda _event: self._end(), add="+")
        self._style = ttk.Style.get_instance()
        self._style.on_theme_change(self._retheme, call_now=False)
        self.refresh()

    @property
    def words(self) -> str:
        """What it says, whole."""
        return self._whole

    def refresh(self) -> None:
        """Say the present state."""
        status = self._context.status
        words = self._describe(
            self._context.i18n, status.now, self._context.clock.monotonic_s(), status.limits
        )
        self._whole, self._detail = words.text, words.detail
        avatars = self._context.avatars
        self._dot.configure(image=avatars.dot(_color(words.tone), DOT_SIZE) if words.text else "")
        self._now.configure(text=words.hurry)
        show(self._now, bool(words.hurry))
        self._fit()
        self._tick(words.is_counting)

    def _tick(self, counting: bool) -> None:
        if self._ticking is not None:
            self.after_cancel(self._ticking)
            self._ticking = None
        if counting:
            self._ticking = self.after(COUNTDOWN_STEP_MS, self.refresh)

    def _fit(self) -> None:
        beside = self._dot.winfo_reqwidth() + px(self, TIGHT + 3)
        if self._now.winfo_manager():
            beside += self._now.winfo_reqwidth() + px(self, TIGHT)
        room = self.winfo_width() - beside - px(self, LABEL_EDGE)
        face = font.nametofont(fonts.SMALL, root=self)
        # Not laid out yet: it will be told its width.
        text = self._whole if self.winfo_width() <= 1 else elide(self._whole, face, room)
        self._text.configure(text=text)
        # What is cut off is told whole by the pointer.
        self._tip.say(self._detail if text == self._whole else self._whole)

    def _retheme(self, _style: ttk.Style) -> None:
        self.refresh()

    def _end(self) -> None:
        if self._ticking is not None:
            self.after_cancel(self._ticking)
        self._style.remove_theme_change_callback(self._retheme)


def _color(tone: Tone) -> str:
    colors = palette.current()
    return {"good": colors.success, "busy": colors.warning, "bad": colors.danger}[tone]
