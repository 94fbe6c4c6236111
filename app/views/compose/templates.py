"""Templates, in a menu beside the button to send."""

import functools
import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.models.room.outbox_item import Draft
from app.models.room.templates import Templates
from app.views.context import ViewContext
from app.views.kit.dialogs import Ask, Dialog
from app.views.kit.field import Field
from app.views.kit.widgets import IconButton, Tip, empty_menu, follow, pop_up_above
from protocol.limits import MAX_TEMPLATE_NAME_CHARS
from protocol.messages import Template


class TemplateActions(Protocol):
    """What can be done with templates."""

    def save(self, name: str, draft: Draft) -> None:
        """Keep this as a template, in place of one of the same name."""

    def remove(self, template: Template) -> None:
        """Let go of it."""


class TemplateMenu(IconButton):
    """A button with a menu, which is filled anew each time it is opened. `use` is called
    with the template that was chosen; `written` gives what is written now."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        model: Templates,
        actions: TemplateActions,
        use: Callable[[Template], None],
        written: Callable[[], Draft],
    ) -> None:
        super().__init__(parent, "templates", "bookmark", self._open)
        self._tip = Tip(self)
        self._context = context
        self._model = model
        self._actions = actions
        self._use = use
        self._written = written
        self._dialog: Dialog | None = None
        self.menu = ttk.Menu(self, name="templates_menu")
        self.removal = ttk.Menu(self.menu, name="templates_removal")
        follow(self, self._say, context.i18n)
        self._say()

    def fill(self) -> None:
        """Write its entries."""
        t = self._context.t
        for menu in (self.menu, self.removal):
            empty_menu(menu)
        for template in self._model.all:
            self.menu.add_command(
                label=template.name, command=functools.partial(self._use, template)
            )
            self.removal.add_command(
                label=template.name, command=functools.partial(self._ask_to_remove, template)
            )
        if not self._model.all:
            self.menu.add_command(label=t("templates.none"), state="disabled")
        self.menu.add_separator()
        can = self._context.is_reachable
        has_text = bool(self._written().text.strip())
        self.menu.add_command(
            label=t("templates.save"),
            command=self._ask_for_name,
            state="normal" if can and has_text else "disabled",
        )
        self.menu.add_cascade(
            label=t("templates.remove"),
            menu=self.removal,
            state="normal" if can and self._model.all else "disabled",
        )

    def _open(self) -> None:
        self.fill()
        pop_up_above(self, self.menu)

    def _say(self) -> None:
        self._tip.say(self._context.t("templates.menu"))

    def _show(self, make: Callable[[], Dialog]) -> None:
        if self._dialog is None or self._dialog.is_over:
            self._dialog = make()

    def _ask_for_name(self) -> None:
        draft = self._written()
        names = [template.name for template in self._model.all]
        self._show(
            lambda: NameDialog(
                self, self._context, names, lambda name: self._actions.save(name, draft)
            )
        )

    def _ask_to_remove(self, template: Template) -> None:
        t = self._context.t
        self._show(
            lambda: Ask(
                self,
                self._context.i18n,
                t("templates.remove_title"),
                t("templates.remove_text"),
                t("templates.remove_yes"),
                lambda: self._actions.remove(template),
                quoted=template.name,
            )
        )


class NameDialog(Dialog):
    """Asks what a template is to be called, and says where that replaces another."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        names: list[str],
        save: Callable[[str], None],
    ) -> None:
        t = context.t
        super().__init__(parent, context.i18n, "template", t("templates.save_title"))
        self._context = context
        self._names = {name.casefold() for name in names}
        self._save = save
        self.add_text(t("templates.save_title"), "Strong.TLabel", "template_title")
        self.add_text(t("templates.save_text"), "Description.TLabel", "template_text")
        self._field = Field(self.inside, "template_name")
        self._field.on_enter(self._take)
        self.add(self._field)
        self._field.variable.trace_add("write", lambda *_: self._refresh())
        self._ok = self.add_button("template_save", t("templates.save_yes"), self._take, "main")
        self.add_cancel("template_cancel")
        self._refresh()
        self.open(self._field.entry)

    @property
    def _typed_name(self) -> str:
        return " ".join(self._field.text.split())

    def _refresh(self) -> None:
        t, name = self._context.t, self._typed_name
        replaces = name.casefold() in self._names
        hint = t("templates.replaces") if replaces else t("templates.name_hint")
        self._field.say(t("templates.name"), hint)
        is_long = len(name) > MAX_TEMPLATE_NAME_CHARS
        words = t("templates.name_long", max=MAX_TEMPLATE_NAME_CHARS) if is_long else ""
        self._field.say_error(words)
        self._ok.state(["!disabled" if name and not is_long else "disabled"])

    def _take(self) -> None:
        if not self._ok.instate(["disabled"]):
            name = self._typed_name
            self.close()
            self._save(name)
