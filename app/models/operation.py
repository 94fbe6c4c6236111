"""What a person had the server do on a page, and how it went."""

from enum import StrEnum, auto

from app.models.listing import Reason
from app.models.observable import Observable


class OperationStatus(StrEnum):
    """How far an operation has come."""

    NONE = auto()
    UNDER_WAY = auto()
    DONE = auto()
    REFUSED = auto()
    LOST = auto()
    """The connection broke before the answer: it may or may not be done."""
    UNANSWERED = auto()
    """No answer has come in good time; it may or may not be done, or be yet."""


class Operation(Observable):
    """The last one; there is one at a time. Controllers write."""

    def __init__(self) -> None:
        super().__init__()
        self._status = OperationStatus.NONE
        self._deed = ""
        self._params: dict[str, int | str] = {}
        self._reason: Reason | None = None

    @property
    def status(self) -> OperationStatus:
        return self._status

    @property
    def is_under_way(self) -> bool:
        return self._status is OperationStatus.UNDER_WAY

    @property
    def deed(self) -> str:
        """What it is: a key of the translations' `doing` and `done`."""
        return self._deed

    @property
    def params(self) -> dict[str, int | str]:
        """What fills the placeholders of these: `name`, to whom it is done; `at_ms`, for
        when, in milliseconds since 1970."""
        return self._params

    @property
    def reason(self) -> Reason | None:
        """Why it was refused."""
        return self._reason

    def start(self, deed: str, **params: int | str) -> None:
        self._deed, self._params = deed, params
        self._be(OperationStatus.UNDER_WAY)

    def tell(self, **params: int | str) -> None:
        """Note how far it has come."""
        self._params = self._params | params
        self._changed()

    def finish(self) -> None:
        self._be(OperationStatus.DONE)

    def refuse(self, reason: Reason) -> None:
        self._be(OperationStatus.REFUSED, reason)

    def lose(self) -> None:
        """Note that no answer will come; of no meaning where none is awaited."""
        if self.is_under_way:
            self._be(OperationStatus.LOST)

    def leave(self) -> None:
        """Stop waiting for an answer; it may still come."""
        self._be(OperationStatus.UNANSWERED)

    def clear(self) -> None:
        """Forget it: there is nothing to tell."""
        self._deed, self._params = "", {}
        self._be(OperationStatus.NONE)

    def _be(self, operation_words: OperationStatus, reason: Reason | None = None) -> None:
        self._status, self._reason = operation_words, reason
        self._changed()
