"""Lines under the header, each with something that a person should know or do
now, and the button that leads there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ttkbootstrap as ttk

from app.i18n import Translator
from app.views.kit import fonts
from app.views.kit.theme import LARGE, SMALL, TIGHT, px
from app.views.kit.widgets import ElidedLabel, Followed, follow, show


@dataclass(frozen=True)
class Notice:
    """What one line says. Its widgets are `<name>_words` and `<name>_look`."""

    name: str
    count: Callable[[], int]
    """How many there are of what it is about; 0: it is not shown."""
    look: Callable[[], None]
    """The button was pressed."""


class NoticeStrip(ttk.Frame):
    """Follows the models by itself, once it was placed and refreshed. Takes no
    room where there is nothing to say."""

    def __init__(
        self,
        parent: Any,
        i18n: Translator,
        notices: Sequence[Notice],
        models: Sequence[Followed],
    ) -> None:
        edge = (px(parent, LARGE), px(parent, TIGHT))
        super().__init__(parent, name="notices", padding=edge, style="Raised.TFrame")
        self._i18n = i18n
        self._lines = [(notice, _Line(self, notice)) for notice in notices]
        self._most = len(self._lines)
        for row, (_, line) in enumerate(self._lines):
            line.grid(row=row, column=0, sticky="ew", pady=px(self, TIGHT))
        self.columnconfigure(0, weight=1)
        follow(self, self.refresh, i18n, *models)

    def refresh(self) -> None:
        """Show the models' present state."""
        shown = 0
        for notice, line in self._lines:
            count = notice.count() if shown < self._most else 0
            if count:
                shown += 1
                line.say(self._i18n, count)
            show(line, count > 0)
        show(self, shown > 0)

    def limit(self, lines: int) -> None:
        """Say so many things at most, the first of them."""
        if lines != self._most:
            self._most = lines
            self.refresh()

    def height_with(self, lines: int) -> int:
        """Return how high it would be with this limit, in pixels."""
        shown = min(sum(notice.count() > 0 for notice, _ in self._lines), lines)
        line = self._lines[0][1].winfo_reqheight() + 2 * px(self, TIGHT)
        return shown * line + (2 * px(self, TIGHT) if shown else 0)


class _Line(ttk.Frame):
    def __init__(self, parent: NoticeStrip, notice: Notice) -> None:
        super().__init__(parent, name=notice.name, style="Raised.TFrame")
        self._name = notice.name
        self._words = ElidedLabel(
            self, fonts.SMALL, style="Raised.TLabel", name=f"{notice.name}_words"
        )
        self._words.grid(row=0, column=0, sticky="ew")
        self._look = ttk.Button(
            self, name=f"{notice.name}_look", style="RaisedInline.TButton", command=notice.look
        )
        self._look.grid(row=0, column=1, padx=(px(self, SMALL), 0))
        self.columnconfigure(0, weight=1)

    def say(self, i18n: Translator, count: int) -> None:
        self._words.say(i18n.t(f"notice.{self._name}", n=count))
        self._look.configure(text=i18n.t(f"notice.{self._name}_look"))
