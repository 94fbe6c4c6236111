"""The system's credential store, asked on a thread of its own.

A store can take its time: one that is locked asks the person for a password of
its own, one that hangs never answers.
"""

from collections.abc import Callable
from typing import TypeVar

from app.clock import SYSTEM, Clock
from app.controllers.common.background_calls import BackgroundCalls
from app.controllers.common.requests import Later
from app.models.credentials import Credentials

LIMIT_S = 5.0

START_PATIENCE_S = 0.2
"""So long the start waits for the token: a window that shows the room at once is
worth it, and nobody notices."""

END_PATIENCE_S = 2.0
"""So long the program waits at its end for what is to be kept or forgotten."""

Result = TypeVar("Result")


class CredentialKeeper:
    """Main thread only. The callbacks are told on it, too."""

    def __init__(self, credentials: Credentials, later: Later, clock: Clock = SYSTEM) -> None:
        self._credentials = credentials
        self._background_calls = BackgroundCalls("credentials", later, clock)

    def find(self, then: Callable[[bool], None]) -> None:
        """Find out whether this system has a store at all."""
        self._ask(self._credentials.is_there, False, then)

    def load(self, account: str, then: Callable[[bytes | None], None]) -> None:
        """Read the token that was kept for this account, if there is one."""
        self._ask(lambda: self._credentials.load(account), None, then, START_PATIENCE_S)

    def save(self, account: str, token: bytes, then: Callable[[bool], None]) -> None:
        """Keep a token; `then` is told whether it was kept."""
        self._ask(lambda: self._credentials.save(account, token), False, then)

    def forget(self, account: str, only: bytes | None = None) -> None:
        """Let go of what is kept for this account, or only of this token: another
        window may have kept a newer one."""

        def run() -> bool:
            if only is None or self._credentials.load(account) == only:
                self._credentials.forget(account)
            return True

        self._ask(run, False, lambda _done: None)

    def close(self) -> None:
        """Let what was asked for come to its end, if it does so soon."""
        self._background_calls.close(END_PATIENCE_S)

    def _ask(
        self,
        run: Callable[[], Result],
        otherwise: Result,
        then: Callable[[Result], None],
        patience_s: float = 0.0,
    ) -> None:
        if self._credentials.is_quick:
            then(run())
        else:
            self._background_calls.ask(run, otherwise, then, LIMIT_S, patience_s)
