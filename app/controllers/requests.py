"""Requests and their answers, on one link at a time."""

from collections.abc import Callable
from typing import Any, NamedTuple

from app.net.commands import Command, Send
from app.net.link import HELLO_REQUEST
from protocol.messages import FromClient, FromServer, Refused

Later = Callable[[float, Callable[[], None]], None]
"""Call something after so many seconds, on the main thread."""

DEFAULT_RETRY_S = 2.0

Answer = Callable[[Any], None]
Refusal = Callable[[Refused], None]


def retry_after_s(refused: Refused) -> float:
    """How long to wait before asking again, where the server did not say."""
    return refused.retry_after_ms / 1000 or DEFAULT_RETRY_S


class _Pending(NamedTuple):
    answer: Answer
    refused: Refusal


class Requests:
    """Numbers the requests, and gives each answer to whoever asked.

    When the link is lost, whatever was asked on it is forgotten: the callbacks
    are not called, and each controller begins anew on the next link.
    """

    def __init__(self, command: Callable[[Command], None]) -> None:
        self._command = command
        self._link: int | None = None
        self._number = HELLO_REQUEST
        self._pending: dict[int, _Pending] = {}

    @property
    def is_linked(self) -> bool:
        """Whether something can be asked now."""
        return self._link is not None

    def begin(self, link: int) -> None:
        """This link is the one to talk on."""
        self._link = link
        self._number = HELLO_REQUEST
        self._pending.clear()

    def end(self) -> None:
        """The link is gone."""
        self._link = None
        self._pending.clear()

    def ask(self, make: Callable[[int], FromClient], answer: Answer, refused: Refusal) -> None:
        """Send the request that `make` makes with its number. Without a link
        it does nothing: callers look at `is_linked` where it matters."""
        if self._link is None:
            return
        self._number += 1
        self._pending[self._number] = _Pending(answer, refused)
        self._command(Send(self._link, make(self._number)))

    def is_current(self, link: int) -> bool:
        """Whether what was said on that link still counts."""
        return link == self._link

    def take(self, message: FromServer) -> bool:
        """Give an answer to whoever asked. False: it answers nothing, it is a
        push or comes too late."""
        pending = self._pending.pop(getattr(message, "request", 0), None)
        if pending is None:
            return False
        if isinstance(message, Refused):
            pending.refused(message)
        else:
            pending.answer(message)
        return True
