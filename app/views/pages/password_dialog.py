"""The question for one's own password, before what could do harm."""

import tkinter as tk
from typing import Protocol

from app.models.pages.pages import Question
from app.views.context import ViewContext
from app.views.kit.dialogs import Dialog
from app.views.kit.field import Field
from app.views.kit.widgets import follow


class QuestionActions(Protocol):
    """What can be answered."""

    def confirm(self, password: str) -> None:
        """Give one's own password."""

    def cancel(self) -> None:
        """Give none, and leave everything as it is."""


class PasswordDialog(Dialog):
    """Follows the question by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        question: Question,
        actions: QuestionActions,
    ) -> None:
        t = context.t
        super().__init__(parent, context.i18n, "question", t("question.title"))
        self._question = question
        self._context = context
        self._actions = actions
        self.add_text(t("question.title"), "Strong.TLabel", "question_title")
        self.add_text(t("question.text"), "Description.TLabel", "question_text")
        self.field = Field(self.inside, "own_password", secret=True)
        self.field.say(t("sign_in.password"), "")
        self.field.say_eye(t("sign_in.show_password"), t("sign_in.hide_password"))
        self.field.on_enter(self._submit)
        self.add(self.field)
        self._ok = self.add_button("question_ok", t("question.ok"), self._submit, "main")
        self.add_cancel("question_cancel")
        follow(self.inside, self.refresh, question)
        self.refresh()
        self.open(self.field.entry)

    def cancel(self) -> None:
        """Close it, and do nothing now."""
        self.field.forget()
        self._actions.cancel()

    def refresh(self) -> None:
        """Show the question's present state."""
        question = self._question
        if not question.is_open:
            self.field.forget()
            return
        reason = question.reason
        self.field.say_error("" if reason is None else self._context.refusal(reason))
        self._ok.configure(
            text=self._context.t("question.busy" if question.is_busy else "question.ok")
        )
        self._ok.state(["disabled" if question.is_busy else "!disabled"])
        if reason is not None:
            self.field.focus_text()

    def _submit(self) -> None:
        if not self._question.is_busy:
            self._actions.confirm(self.field.text)
