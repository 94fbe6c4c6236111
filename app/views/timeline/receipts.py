"""What stands below a message: how far it has come, for administrators, and
what one answers, for everybody it asks."""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import ttkbootstrap as ttk

from app.models.room.receipts import Receipts
from app.views.context import ViewContext
from app.views.kit.theme import SMALL, TIGHT, px
from app.views.kit.widgets import show
from protocol.messages import OwnReceipt, RoomMessage

BESIDE = 150
LEAST_WIDTH = 180
"""What a Text keeps free beside what one answers, and what that takes at least,
in logical pixels."""


class ReceiptActions(Protocol):
    """What is told of what one has read, and asked of what others have."""

    def mark_seen(self, first_id: int, last_id: int) -> None:
        """Note that the messages from the one to the other were before the person's eyes."""

    def answer(self, message_id: int, choice: int) -> None:
        """Give this message one of its answers, from 1 on."""

    def need_tallies(self, from_id: int, to_id: int) -> None:
        """Ask how far the messages from the one to the other have come."""


@dataclass(frozen=True)
class Asked:
    """How one stands with a message that asks."""

    own_receipt: OwnReceipt
    waiting: int
    """The answer that is on its way; 0: none."""
    refused: str
    """Why the last one was not taken, in words."""
    is_connected: bool


class MessageReceipts:
    """Makes what belongs below a message, from the models as they are then."""

    def __init__(self, context: ViewContext, receipts: Receipts, actions: ReceiptActions) -> None:
        self._context = context
        self._receipts = receipts
        self._actions = actions

    def footer(self, message: RoomMessage) -> str:
        """Return how far it has come; empty where that is nobody's to know, or where
        there is nobody to hear it."""
        tally = self._receipts.tally(message.id)
        if tally is None or not tally.people or message.withdrawn_at_ms:
            return ""
        if not self._context.may_administer:
            return ""
        t = self._context.t
        said = [t("receipts.seen", seen=tally.seen, people=tally.people)]
        if len(tally.chosen) == 1:
            said.append(t("receipts.confirmed", n=tally.chosen[0]))
        elif tally.chosen:
            pairs = zip(message.answers, tally.chosen, strict=False)
            said += [f"{answer} {count}" for answer, count in pairs]
        return " · ".join(said)

    def ask_bar(self, parent: tk.Misc, message: RoomMessage) -> tk.Widget | None:
        """Return what one can answer, or has; None: it asks nothing of this person."""
        if self._asked(message) is None:
            return None
        return AskBar(parent, self._context, message, self._asked, self._actions.answer)

    def _asked(self, message: RoomMessage) -> Asked | None:
        """Return how one stands with it now; None: it asks nothing of this person."""
        if not message.answers or message.withdrawn_at_ms:
            return None
        own_receipt = self._receipts.own_receipt(message.id)
        waiting = self._receipts.waiting.get(message.id)
        if own_receipt is None and waiting is None:
            return None
        reason = self._receipts.reason(message.id)
        return Asked(
            own_receipt or OwnReceipt(message.id),
            waiting or 0,
            "" if reason is None else self._context.refusal(reason),
            self._context.is_reachable,
        )


class AskBar(ttk.Frame):
    """The answers to choose from or, once one was chosen, that one; it can be
    changed as long as the server, by its own clock, takes another."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        message: RoomMessage,
        asked: Callable[[RoomMessage], Asked | None],
        answer: Callable[[int, int], None],
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._message = message
        self._asked = asked
        self._shown: Asked | None = None
        self._ending: str | None = None
        self._said = ttk.Label(self, style="Muted.TLabel", name="answered")
        self._said.grid(row=0, column=0, sticky="w", pady=(0, px(self, TIGHT)))
        self._change = ttk.Button(
            self, name="change_answer", style="Inline.TButton", command=self._offer
        )
        self._change.grid(row=0, column=1, padx=(px(self, TIGHT), 0))
        self._choices = ttk.Frame(self)
        self._choices.grid(row=1, column=0, columnspan=2, sticky="w")
        is_alone = len(message.answers) == 1
        style = "Main.primary.TButton" if is_alone else "Action.TButton"
        self._buttons = [
            ttk.Button(
                self._choices,
                name=f"answer_{choice}",
                text=words or context.t("confirm.read"),
                style=style,
                command=lambda choice=choice: answer(message.id, choice),
            )
            for choice, words in enumerate(message.answers, 1)
        ]
        self._change.configure(text=context.t("confirm.change"))
        self.bind("<Destroy>", lambda _event: self._stop(), add="+")
        self.fit(parent.winfo_width())
        self.renew(message)

    def fit(self, width: int) -> None:
        """Take what a text of this width has room for: a Text gives an embedded
        widget the size it asks for."""
        room = max(width - px(self, BESIDE), px(self, LEAST_WIDTH))
        self._said.configure(wraplength=room)
        left = line = 0
        for place, button in enumerate(self._buttons):
            if left and left + button.winfo_reqwidth() > room:
                left, line = 0, line + 1
            button.grid(
                row=line,
                column=0 if line else place,
                columnspan=len(self._buttons) if line else 1,
                sticky="w",
                padx=(0, px(self, SMALL)),
                pady=(0, px(self, TIGHT)),
            )
            left += room if line else button.winfo_reqwidth() + px(self, SMALL)

    def set_state(self, state: str) -> None:
        """Let the answers be taken, or not: a widget's state, as "disabled"."""
        for button in self._buttons:
            button.state([state])

    def renew(self, message: RoomMessage) -> bool:
        """Show how one stands now; nothing is touched where that is the same.
        False: it asks nothing of this person any more."""
        self._message = message
        asked = self._asked(message)
        if asked is None or asked == self._shown:
            return asked is not None
        self._shown = asked
        self._stop()
        own_receipt = asked.own_receipt
        words, may_change = self._words(asked)
        self._said.configure(text=words)
        show(self._said, bool(words))
        show(self._change, may_change)
        show(self._choices, not own_receipt.choice and not asked.waiting)
        if may_change and own_receipt.choice:
            left_ms = own_receipt.final_at_ms - self._context.status.server_now_ms()
            self._ending = self.after(max(left_ms, 1), lambda: show(self._change, False))
        return True

    def _words(self, asked: Asked) -> tuple[str, bool]:
        """Return what is said, and whether another answer can be given."""
        t = self._context.t
        own_receipt, refused = asked.own_receipt, asked.refused
        if asked.waiting:
            key = "confirm.sending" if asked.is_connected else "confirm.waiting"
            return t(key, answer=self._answer_words(asked.waiting)), True
        if own_receipt.choice:
            when = self._context.moment(own_receipt.at_ms, is_within=True)
            answer = self._answer_words(own_receipt.choice)
            said = t("confirm.answered", answer=answer, when=when)
            is_open = self._context.status.server_now_ms() < own_receipt.final_at_ms
            return f"{said} {refused}".strip(), is_open
        if refused:
            return refused, False
        if own_receipt.reminded_at_ms:
            when = self._context.moment(own_receipt.reminded_at_ms, is_within=True)
            return t("confirm.reminded", when=when), False
        return "", False

    def _answer_words(self, choice: int) -> str:
        answers = self._message.answers
        words = answers[choice - 1] if choice <= len(answers) else ""
        return words or self._context.t("confirm.read")

    def _offer(self) -> None:
        self._stop()
        show(self._change, False)
        show(self._choices, True)

    def _stop(self) -> None:
        if self._ending is not None:
            self.after_cancel(self._ending)
            self._ending = None
