"""Having the server do something, and telling how it went."""

from collections.abc import Callable
from typing import TypeVar

from app.controllers.common.reauthentication import Reauthentication
from app.controllers.common.requests import NO_ANSWER
from app.models.operation import Operation
from protocol.messages import FromClient, Refused, WireMessage
from protocol.refusals import Refusal

Kind = TypeVar("Kind", bound=WireMessage)


class Operations:
    """One at a time: what a person does while one is under way is passed over,
    as is what is done without a connection."""

    def __init__(
        self,
        reauthentication: Reauthentication,
        operation: Operation,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._reauthentication = reauthentication
        self._operation = operation
        self._changed = changed
        self._is_signed_in = False
        self._run = object()
        """Which one is the last."""

    def begin(self) -> None:
        """Take up work: somebody is signed in on this link."""
        self._is_signed_in = True

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self._is_signed_in = False
        self._operation.lose()

    def run(
        self,
        deed: str,
        make: Callable[[int], FromClient],
        kind: type[Kind],
        answered: Callable[[Kind], None] = lambda _answer: None,
        **params: int | str,
    ) -> None:
        """Ask for it; `params` are for the words."""
        if not self._is_signed_in or self._operation.is_under_way:
            return
        run = self._run = object()

        def answer(told: Kind) -> None:
            # It may come when the person was told that it had not, and has had
            # something else done since.
            if self._run is run:
                self._operation.finish()
            answered(told)
            self._changed()

        def refused(refusal: Refused) -> None:
            if self._run is not run:
                return
            if refusal.code == Refusal.PASSWORD_NEEDED:
                self._operation.clear()  # the person thought better of it
            elif refusal.code == NO_ANSWER:
                self._operation.leave()
            else:
                self._operation.refuse(self._reauthentication.reason_of(refusal))
                if refusal.code == Refusal.NOT_FOUND:
                    self._changed()

        self._operation.start(deed, **params)
        self._reauthentication.do(make, kind, answer, refused)
