"""Asking the server for what may take the password again.

The one way for all requests of the pages. What is refused with
`password_needed` waits here while the person is asked; once the password was
taken, it is sent again by itself. Where something is only looked up, refusals
that soon pass are sat out; what one has done to others happens once or is told
to have been refused, and never of itself when one has long gone on.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from app.controllers.common import requests
from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.requests import OnRefused, Requests
from app.models.listing import Reason
from app.models.pages.pages import Question
from app.models.text import can_be_sent
from protocol.limits import MAX_PASSWORD_CHARS
from protocol.messages import ConfirmPassword, Done, FromClient, Refused, WireMessage
from protocol.refusals import Refusal

Kind = TypeVar("Kind", bound=WireMessage)

MAX_TRIES = 3
"""So often is the same thing asked for before the person is told."""


class Reauthentication(SignInPart):
    """Asks, and drives the question for the password.

    As with `Requests`, whatever was asked is forgotten with the link.
    """

    def __init__(self, asking: Requests, question: Question) -> None:
        self._requests = asking
        self._question = question
        self._waiting: list[tuple[Callable[[], None], Callable[[], None]]] = []
        """For the password: how to send each again, and how to give it up."""

    def ask(
        self,
        make: Callable[[int], FromClient],
        kind: type[Kind],
        answer: Callable[[Kind], None],
        refused: OnRefused,
    ) -> None:
        """Look something up, as `Requests.ask`. `refused` is told `password_needed`
        only if the person does not give it, and NO_ANSWER after a while."""
        self._ask(make, kind, answer, refused, MAX_TRIES, 1)

    def do(
        self,
        make: Callable[[int], FromClient],
        kind: type[Kind],
        answer: Callable[[Kind], None],
        refused: OnRefused,
    ) -> None:
        """Have something done, likewise. After a refusal it is not repeated."""
        self._ask(make, kind, answer, refused, 1, 1)

    def confirm(self, password: str) -> None:
        """Send the password that the person gives."""
        if not self._question.is_open or self._question.is_busy:
            return
        if not password:
            self._question.ask(Reason("password_empty"))
            return
        if len(password) > 2 * MAX_PASSWORD_CHARS or not can_be_sent(password):
            # No server could take it as a message, let alone as the password.
            self._question.ask(Reason("password_wrong"))
            return
        self._question.try_it()
        self._requests.ask(
            lambda number: ConfirmPassword(number, password),
            Done,
            self._confirmed,
            self._not_taken,
            requests.ANSWER_LIMIT_S,
        )

    def cancel(self) -> None:
        """Leave everything as it was: the person does not give it."""
        waiting, self._waiting = self._waiting, []
        self._question.close()
        for _, give_up in waiting:
            give_up()

    def reason_of(self, refused: Refused) -> Reason:
        """Return a refusal that has just come, in the client's terms."""
        return self._requests.reason_of(refused)

    def own_password_reason(self, refused: Refused) -> Reason:
        """Return the same, of a request that gave one's own password."""
        if refused.code == Refusal.WRONG_CREDENTIALS:
            return Reason("password_wrong")
        return self.reason_of(refused)

    def end(self) -> None:
        """Forget what waits: the link is gone, or the session."""
        self._waiting.clear()
        self._question.close()

    def _ask(
        self,
        make: Callable[[int], FromClient],
        kind: type[Any],
        answer: Callable[[Any], None],
        refused: OnRefused,
        max_tries: int,
        tries: int,
    ) -> None:
        def again() -> None:
            self._ask(make, kind, answer, refused, max_tries, tries + 1)

        def on_refusal(refusal: Refused) -> None:
            is_passing = 0 < refusal.retry_after_ms <= requests.SHORT_WAIT_S * 1000
            if refusal.code == Refusal.PASSWORD_NEEDED and tries <= MAX_TRIES:
                self._waiting.append((again, lambda: refused(refusal)))
                self._question.ask()
            elif is_passing and tries < max_tries:
                self._requests.again(refusal, again)
            else:
                refused(refusal)

        self._requests.ask(make, kind, answer, on_refusal, requests.ANSWER_LIMIT_S)

    def _confirmed(self, _answer: Done) -> None:
        waiting, self._waiting = self._waiting, []
        self._question.close()
        for again, _ in waiting:
            again()

    def _not_taken(self, refusal: Refused) -> None:
        self._question.ask(self.own_password_reason(refusal))
