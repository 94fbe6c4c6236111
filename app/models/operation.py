"""What a person had the server do on a page, and how it went."""

from enum import StrEnum, auto

from app.models.listing import Why
from app.models.observable import Observable


class Course(StrEnum):
    """How far an errand has come."""

    NONE = auto()
    UNDER_WAY = auto()
    DONE = auto()
    REFUSED = auto()
    LOST = auto()
    """The connection broke before the answer: it may or may not be done."""
    UNANSWERED = auto()
    """No answer has come in good time; it may or may not be done, or be yet."""


class Errand(Observable):
    """The last one; there is one at a time. Controllers write."""

    def __init__(self) -> None:
        super().__init__()
        self._course = Course.NONE
        self._deed = ""
        self._params: dict[str, int | str] = {}
        self._why: Why | None = None

    @property
    def course(self) -> Course:
        return self._course

    @property
    def is_under_way(self) -> bool:
        return self._course is Course.UNDER_WAY

    @property
    def deed(self) -> str:
        """What it is: a key of the translations' `doing` and `done`."""
        return self._deed

    @property
    def params(self) -> dict[str, int | str]:
        """What fills the placeholders of these: `name`, to whom it is done."""
        return self._params

    @property
    def why(self) -> Why | None:
        """Why it was refused."""
        return self._why

    def start(self, deed: str, **params: int | str) -> None:
        self._deed, self._params = deed, params
        self._be(Course.UNDER_WAY)

    def tell(self, **params: int | str) -> None:
        """It has come as far as this."""
        self._params = self._params | params
        self._changed()

    def finish(self) -> None:
        self._be(Course.DONE)

    def refuse(self, why: Why) -> None:
        self._be(Course.REFUSED, why)

    def lose(self) -> None:
        """No answer will come; of no meaning where none is awaited."""
        if self.is_under_way:
            self._be(Course.LOST)

    def leave(self) -> None:
        """An answer is not waited for any longer; it may still come."""
        self._be(Course.UNANSWERED)

    def clear(self) -> None:
        """There is nothing to tell."""
        self._deed, self._params = "", {}
        self._be(Course.NONE)

    def _be(self, course: Course, why: Why | None = None) -> None:
        self._course, self._why = course, why
        self._changed()
