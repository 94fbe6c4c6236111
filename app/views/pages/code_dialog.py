"""A code that is told only now, to copy and pass on."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.models.pages.page_model import IssuedCode
from app.views.context import ViewContext
from app.views.kit.dialogs import Dialog
from app.views.kit.theme import SMALL


class CodeDialog(Dialog):
    """`forget` is called when it is closed."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        title: str,
        text: str,
        issued: IssuedCode,
        forget: Callable[[], None],
    ) -> None:
        super().__init__(parent, context.i18n, "told", title)
        self._context = context
        self._code = issued.code
        self._forget = forget
        self.add_text(title, "Strong.TLabel", "told_title")
        self.add_text(text, "Description.TLabel", "told_text")
        if issued.code:
            code = ttk.Entry(self.inside, name="told_code", style="Field.TEntry")
            code.configure(font="RostrumDigits")
            code.insert(0, issued.code)
            code.state(["readonly"])
            self.add(code, SMALL)
        once = context.t("page.told_once", when=context.moment(issued.expires_at_ms))
        self.add_text(once, "Muted.TLabel", "told_expiry")
        if issued.code:
            self._copy = self.add_button("copy", context.t("dialog.copy"), self._copy_code, "main")
        done = self.add_done("told_done")
        self.open(self._copy if issued.code else done)

    def close(self) -> None:
        """Leave nothing of the code in the window's memory."""
        if not self.is_over:
            super().close()
            self._forget()

    def _copy_code(self) -> None:
        self.clipboard_clear()
        self.clipboard_append(self._code)
        self._copy.configure(text=self._context.t("dialog.copied"))
