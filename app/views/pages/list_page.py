"""A page that shows a list of the server's: searched, scrolled, refused, or
empty."""

import tkinter as tk
from collections.abc import Callable, Sequence
from typing import Generic, Protocol

from app.models.listing import Item
from app.models.pages.page_model import IssuedCode, PageModel
from app.views.context import ViewContext
from app.views.kit.table import Column, Row, Table
from app.views.kit.widgets import follow
from app.views.pages.code_dialog import CodeDialog
from app.views.pages.page import LoadActions, Page, SearchField


class ListActions(LoadActions, Protocol):
    """What a page asks of who fetches its list."""

    def open(self) -> None:
        """Keep it current: it is shown from now on."""

    def more(self) -> None:
        """Fetch more: the end of what is listed is in sight."""

    def search(self, typed: str) -> None:
        """List what has this in it, as typed so far."""


class ListPage(Page, Generic[Item]):
    """A page gives `row`, `headings` and `say_selected`."""

    def __init__(
        self,
        parent: tk.Misc,
        name: str,
        context: ViewContext,
        back: Callable[[], None],
        model: PageModel[Item],
        actions: ListActions,
        columns: Sequence[Column],
    ) -> None:
        super().__init__(parent, name, context, back, actions, model.operation)
        self._actions = actions
        self._listing = model.listing
        self._search: SearchField | None = None
        self._items: dict[str, Item] = {}
        self._language = ""
        self.table = Table(self.body, columns, self._selected, actions.more, actions.reload)
        self.table.grid(row=0, column=0, sticky="nsew")
        self.body.rowconfigure(0, weight=1)
        self._one_time_code = model.one_time_code
        self._code: CodeDialog | None = None
        follow(self, self.refresh, model.listing)
        follow(self, self._tell_code, model.one_time_code)

    def row(self, item: Item) -> Row:
        """Return how an item is listed."""
        raise NotImplementedError

    def headings(self) -> tuple[str, ...]:
        """Return what the columns are called."""
        raise NotImplementedError

    def say_selected(self, item: Item | None) -> None:
        """Show the item that is selected."""

    def code_words(self, issued: IssuedCode) -> tuple[str, str]:
        """Return what a code is called that an operation issued, and what to do with it."""
        raise NotImplementedError

    @property
    def selected(self) -> Item | None:
        return self._items.get(self.table.selected or "")

    def add_search(self) -> None:
        """Let the list be searched."""
        self._search = SearchField(self.tools, self._actions.search)
        self._search.grid(row=0, column=0, sticky="ew")
        self._search.entry.bind("<Return>", lambda _event: self.table.focus_rows())
        self._search.entry.bind("<Down>", lambda _event: self.table.focus_rows())

    def enter(self) -> None:
        """Show the page, and have its list kept current."""
        self._actions.open()

    def leave(self) -> None:
        """Let everything be listed next time."""
        super().leave()
        if self._search is not None:
            self._search.forget()

    def focus_first(self) -> None:
        """Put the keyboard where one begins."""
        if self._search is not None:
            self._search.focus_text()
        else:
            self.table.focus_rows()

    def focus_search(self) -> None:
        """Put the keyboard into the search field, where there is one."""
        if self._search is not None:
            self._search.focus_text()

    def say(self) -> None:
        """Show the list's present state."""
        i18n = self.context.i18n
        if self._search is not None:
            self._search.say(i18n.t("page.search"))
        self.table.head(self.headings())
        items = self._listing.items
        self._items = {str(item.id): item for item in items}
        if self._language != i18n.language:
            self._language = i18n.language
            self.table.refit()
        self.table.fill([self.row(item) for item in items])
        self.table.say_instead(*self._instead())
        self.say_selected(self.selected)

    def _instead(self) -> tuple[str, str]:
        t = self.context.t
        listing = self._listing
        if listing.items:
            return "", ""
        if not self.context.is_reachable:
            return t("page.offline_empty"), ""
        if listing.reason is not None:
            return self.context.refusal(listing.reason), t("state.again")
        if not listing.is_known:
            return t("page.loading"), ""
        if listing.search:
            return t("page.nothing_found", search=listing.search), ""
        return t(f"{self.winfo_name()}.empty"), ""

    def _standing(self, reachable: bool) -> tuple[str, str]:
        tone, words = super()._standing(reachable)
        reason = self._listing.reason
        if not words and reason is not None and self._listing.items:
            return "bad", self.context.refusal(reason)
        return tone, words

    def _tell_code(self) -> None:
        # Not the page's own: it is told once, whatever is looked at.
        issued = self._one_time_code.issued
        if self._code is not None:
            self._code.close()
            self._code = None
        if issued is not None:
            self._code = CodeDialog(
                self, self.context, *self.code_words(issued), issued, self._one_time_code.forget
            )

    def _selected(self) -> None:
        self.say_selected(self.selected)
