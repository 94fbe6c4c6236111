"""Small windows in front of the client's own, each for one question."""

import contextlib
import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.connection.status import Status
from app.models.pages.pages import IssuedCode, Question
from app.views.actions import QuestionActions
from app.views.kit.field import Field
from app.views.kit.flow import Flow
from app.views.kit.theme import LARGE, MEDIUM, SMALL, px
from app.views.kit.widgets import WrappingLabel, follow, show
from app.views.wording.pages import refusal

WIDTH = 400


class Dialog(ttk.Toplevel):
    """Modal, `width` logical pixels wide or less in a narrow window. Put widgets
    into `inside`, then call `open`. Escape cancels; the keyboard goes back to
    where it was."""

    def __init__(self, parent: tk.Misc, name: str, title: str, width: int = WIDTH) -> None:
        root = parent.winfo_toplevel()
        super().__init__(master=root, name=name, title=title, resizable=(False, False))
        self.withdraw()
        self.transient(root)
        self._root_window = root
        self._came_from = root.focus_get()
        self.is_over = False
        # An edge of its own, for where the system draws none.
        edge = ttk.Frame(self, style="Edge.TFrame", padding=1)
        edge.grid(row=0, column=0, sticky="nsew")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        edge.columnconfigure(0, weight=1)
        edge.rowconfigure(0, weight=1)
        around = ttk.Frame(edge)
        around.grid(row=0, column=0, sticky="nsew")
        around.columnconfigure(0, weight=1)
        self.inside = ttk.Frame(around, padding=px(self, LARGE))
        self.inside.grid(row=0, column=0, sticky="new")
        self.inside.columnconfigure(0, weight=1)
        # Its width is given, so that its words wrap at it and not it at them;
        # its height follows.
        self._width = min(px(self, width), max(root.winfo_width() - px(self, LARGE), 1))
        self._height = 0
        self._fitting: str | None = None
        self.protocol("WM_DELETE_WINDOW", self.cancel)
        self.bind("<Escape>", lambda _event: self.cancel())
        self.bind("<Button>", self._clicked, add="+")

    def cancel(self) -> None:
        """Close it: the person does not want it."""
        self.close()

    def close(self) -> None:
        """Let it go; also if that was done."""
        if self.is_over:
            return
        self.is_over = True
        if self._fitting is not None:
            self.after_cancel(self._fitting)
        with contextlib.suppress(tk.TclError):
            self.grab_release()
        self.destroy()
        with contextlib.suppress(tk.TclError, KeyError):
            if self._came_from is not None and self._came_from.winfo_viewable():
                self._came_from.focus_set()

    def open(self, first: tk.Misc) -> None:
        """Show it above the middle of the window, with the keyboard here."""
        self.update_idletasks()
        self._fit()
        # What is inside tells its height only once it knows its width.
        self.bind("<Configure>", lambda _event: self._fit_soon())
        self.deiconify()
        first.focus_set()
        if self.winfo_viewable():
            self._take_hold()
        else:
            self.bind("<Map>", lambda _event: self._take_hold())

    def add_text(self, row: int, text: str, style: str, name: str) -> WrappingLabel:
        """Lines of words."""
        label = WrappingLabel(self.inside, style=style, name=name)
        label.grid(row=row, column=0, sticky="ew", pady=(0, px(self, SMALL)))
        label.configure(wraplength=self._width - 2 * px(self, LARGE))
        label.say(text)
        return label

    def add_buttons(self, row: int) -> Flow:
        """Return where the buttons go."""
        flow = Flow(self.inside)
        flow.grid(row=row, column=0, sticky="ew", pady=(px(self, MEDIUM), 0))
        return flow

    def done_button(self, buttons: Flow, name: str, i18n: Translator) -> ttk.Button:
        """Return the button of a dialog that only tells something."""
        return ttk.Button(
            buttons,
            name=name,
            text=i18n.t("dialog.done"),
            style="Action.TButton",
            command=self.cancel,
        )

    def _clicked(self, event: "tk.Event[tk.Misc]") -> None:
        # With the grab, clicks into the window behind it come here.
        if not self._holds(event):
            self.come_forward()

    def _holds(self, event: "tk.Event[tk.Misc]") -> bool:
        left, top = self.winfo_rootx(), self.winfo_rooty()
        is_across = left <= event.x_root < left + self.winfo_width()
        return is_across and top <= event.y_root < top + self.winfo_height()

    def come_forward(self) -> None:
        """Be in front, with the keyboard: whoever goes to the window behind it
        means to go on, and can't."""
        if self.is_over or not self.winfo_viewable():
            return
        self.lift()
        (self.focus_lastfor() or self).focus_force()

    def _fit_soon(self) -> None:
        if self._fitting is None and not self.is_over:
            self._fitting = self.after_idle(self._fit)

    def _fit(self) -> None:
        self._fitting = None
        height = self.inside.winfo_reqheight() + 2
        if height != self._height:
            self._height = height
            root = self._root_window
            left = root.winfo_rootx() + (root.winfo_width() - self._width) // 2
            top = root.winfo_rooty() + (root.winfo_height() - height) // 3
            self.geometry(f"{self._width}x{height}+{max(left, 0)}+{max(top, 0)}")

    def _take_hold(self) -> None:
        with contextlib.suppress(tk.TclError):
            self.grab_set()


class Ask(Dialog):
    """Asks once, in words, before something is done; `quoted` is what it is done
    to."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        title: str,
        text: str,
        do: str,
        act: Callable[[], None],
        is_harmful: bool = True,
        quoted: str = "",
    ) -> None:
        super().__init__(parent, "ask", title)
        self._act = act
        self.add_text(0, title, "Strong.TLabel", "ask_title")
        if quoted:
            self.add_text(1, quoted, "Quote.TLabel", "ask_quoted")
        self.add_text(2, text, "Description.TLabel", "ask_text")
        style = "Danger.TButton" if is_harmful else "Main.primary.TButton"
        buttons = self.add_buttons(3)
        yes = ttk.Button(buttons, name="ask_yes", text=do, style=style, command=self._do)
        no = ttk.Button(
            buttons,
            name="ask_no",
            text=i18n.t("dialog.cancel"),
            style="Action.TButton",
            command=self.cancel,
        )
        buttons.line_up((yes, no))
        # Enter alone does no harm.
        self.open(no if is_harmful else yes)

    def _do(self) -> None:
        self.close()
        self._act()


class CodeDialog(Dialog):
    """A code that is told only now, to copy and pass on."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        title: str,
        text: str,
        issued: IssuedCode,
        expiry: str,
        forget: Callable[[], None],
    ) -> None:
        super().__init__(parent, "told", title)
        self._i18n = i18n
        self._code = issued.code
        self._forget = forget
        self.add_text(0, title, "Strong.TLabel", "told_title")
        self.add_text(1, text, "Description.TLabel", "told_text")
        code = ttk.Entry(self.inside, name="told_code", style="Field.TEntry")
        code.configure(font="RostrumDigits")
        code.insert(0, issued.code)
        code.state(["readonly"])
        code.grid(row=2, column=0, sticky="ew", pady=(0, px(self, SMALL)))
        show(code, bool(issued.code))
        self.add_text(3, expiry, "Muted.TLabel", "told_expiry")
        buttons = self.add_buttons(4)
        self._copy = ttk.Button(
            buttons, name="copy", style="Main.primary.TButton", command=self._copy_code
        )
        self._copy.configure(text=i18n.t("dialog.copy"))
        done = self.done_button(buttons, "told_done", i18n)
        buttons.line_up((self._copy, done) if issued.code else (done,))
        self.open(self._copy if issued.code else done)

    def close(self) -> None:
        """Leave nothing of the code in the window's memory."""
        if not self.is_over:
            super().close()
            self._forget()

    def _copy_code(self) -> None:
        self.clipboard_clear()
        self.clipboard_append(self._code)
        self._copy.configure(text=self._i18n.t("dialog.copied"))


class PasswordDialog(Dialog):
    """Asks for one's own password again. Follows the question by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        question: Question,
        status: Status,
        i18n: Translator,
        actions: QuestionActions,
    ) -> None:
        super().__init__(parent, "question", i18n.t("question.title"))
        self._question = question
        self._status = status
        self._i18n = i18n
        self._actions = actions
        self.add_text(0, i18n.t("question.title"), "Strong.TLabel", "question_title")
        self.add_text(1, i18n.t("question.text"), "Description.TLabel", "question_text")
        self.field = Field(self.inside, "own_password", secret=True)
        self.field.say(i18n.t("sign_in.password"), "")
        self.field.say_eye(i18n.t("sign_in.show_password"), i18n.t("sign_in.hide_password"))
        self.field.grid(row=2, column=0, sticky="ew")
        self.field.on_enter(self._submit)
        buttons = self.add_buttons(3)
        self._ok = ttk.Button(
            buttons, name="question_ok", style="Main.primary.TButton", command=self._submit
        )
        cancel = ttk.Button(
            buttons,
            name="question_cancel",
            text=i18n.t("dialog.cancel"),
            style="Action.TButton",
            command=self.cancel,
        )
        self._ok.configure(text=i18n.t("question.ok"))
        buttons.line_up((self._ok, cancel))
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
        self.field.say_error("" if reason is None else refusal(self._i18n, reason, self._status))
        self._ok.configure(
            text=self._i18n.t("question.busy" if question.is_busy else "question.ok")
        )
        self._ok.state(["disabled" if question.is_busy else "!disabled"])
        if reason is not None:
            self.field.focus_text()

    def _submit(self) -> None:
        if not self._question.is_busy:
            self._actions.confirm(self.field.text)
