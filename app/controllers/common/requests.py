"""Requests and their answers, on one link at a time."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from app.clock import SYSTEM, Clock
from app.models.listing import Reason
from app.net.commands import Abandon, Command, Send
from app.net.link import HELLO_REQUEST
from protocol.messages import FromClient, FromServer, Refused, WireMessage

Later = Callable[[float, Callable[[], None]], None]
"""Call something after so many seconds, on the main thread."""

DEFAULT_RETRY_S = 2.0

LONGEST_RETRY_S = 300.0
"""The longest wait that a server is granted; beyond it a person would take the
client for dead."""

SHORT_WAIT_S = 5.0
"""A wait that is sat out without a word. Of a longer one a person is told, with
the time at which it is over."""

ANSWER_LIMIT_S = 20.0
"""How long a person is kept waiting for an answer: several times what a busy
server takes."""

NO_ANSWER = "no_answer"
"""The code of the refusal that stands for an answer that did not come in time."""

Kind = TypeVar("Kind", bound=WireMessage)
OnRefused = Callable[[Refused], None]


class WrongAnswer(Exception):
    """The server answered with what is no answer to the request."""


def retry_after_s(refused: Refused) -> float:
    """Return how long to wait before asking again, where the server did not say."""
    return min(refused.retry_after_ms / 1000 or DEFAULT_RETRY_S, LONGEST_RETRY_S)


class _Pending(NamedTuple):
    kinds: tuple[type[WireMessage], ...]
    answer: Callable[[Any], None]
    refused: OnRefused


class Requests:
    """Numbers the requests, and gives each answer to whoever asked.

    When the link is lost, whatever was asked on it is forgotten: the callbacks
    are not called, and each controller begins anew on the next link.
    """

    def __init__(
        self, command: Callable[[Command], None], later: Later, clock: Clock = SYSTEM
    ) -> None:
        self._clock = clock
        self._command = command
        self._later = later
        self._link: int | None = None
        self._number = HELLO_REQUEST
        self._pending: dict[int, _Pending] = {}
        self._era = object()
        """Renewed whenever what was asked is forgotten."""

    @property
    def is_linked(self) -> bool:
        """Whether something can be asked now."""
        return self._link is not None

    def begin(self, link: int) -> None:
        """Talk on this link from now on."""
        self.forget()
        self._link = link
        self._number = HELLO_REQUEST

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self.forget()
        self._link = None

    def forget(self) -> None:
        """Forget what was asked: the session has ended."""
        self._pending.clear()
        self._era = object()

    def abandon(self) -> None:
        """Leave the link, which is of no use any more, and come back on another."""
        if self._link is not None:
            self._command(Abandon(self._link))
        self.end()

    def ask(
        self,
        make: Callable[[int], FromClient],
        kind: type[Kind] | tuple[type[Kind], ...],
        answer: Callable[[Kind], None],
        refused: OnRefused,
        limit_s: float = 0.0,
    ) -> None:
        """Send the request that `make` makes with its number; its answer is of
        this kind, or one of these. Without a link it does nothing: callers look
        at `is_linked` where it matters. With a limit, `refused` is told NO_ANSWER
        where nothing has come by then; an answer that comes later still counts."""
        if self._link is None:
            return
        self._number += 1
        number = self._number
        kinds = kind if isinstance(kind, tuple) else (kind,)
        pending = self._pending[number] = _Pending(kinds, answer, refused)
        self._command(Send(self._link, make(number)))

        def late() -> None:
            if self._pending.get(number) is pending:
                refused(Refused(number, NO_ANSWER))

        if limit_s:
            self._later(limit_s, late)

    def say(self, notice: FromClient) -> None:
        """Send what nothing answers. Without a link it does nothing."""
        if self._link is not None:
            self._command(Send(self._link, notice))

    def again(self, refused: Refused, callback: Callable[[], None]) -> None:
        """Call this when the server may be asked again, unless what was asked
        is forgotten by then."""
        era = self._era

        def due() -> None:
            if self._era is era:
                callback()

        self._later(retry_after_s(refused), due)

    def again_at_ms(self, refused: Refused) -> int:
        """Return when this may be asked again, in milliseconds since 1970 by this machine's
        clock; 0: so soon that it is not worth telling, or the server does not say."""
        if refused.retry_after_ms <= SHORT_WAIT_S * 1000:
            return 0
        return self._clock.now_ms() + refused.retry_after_ms

    def reason_of(self, refused: Refused) -> Reason:
        """Return a refusal that has just come, in the client's terms."""
        return Reason(refused.code, again_at_ms=self.again_at_ms(refused))

    def is_current(self, link: int) -> bool:
        """Tell whether what was said on that link still counts."""
        return link == self._link

    def take(self, message: FromServer) -> bool:
        """Give an answer to whoever asked. False: it answers nothing, it is a
        push or comes too late. Raises WrongAnswer."""
        pending = self._pending.pop(getattr(message, "request", 0), None)
        if pending is None:
            return False
        if isinstance(message, Refused):
            pending.refused(message)
        elif isinstance(message, pending.kinds):
            pending.answer(message)
        else:
            expected = " or ".join(kind.__name__ for kind in pending.kinds)
            raise WrongAnswer(f"{type(message).__name__} in place of {expected}")
        return True
