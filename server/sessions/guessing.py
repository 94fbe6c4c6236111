"""A try of a password or a reset code, from its beginning to its answer."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from server.sessions.session import Session

Found = TypeVar("Found")
Result = TypeVar("Result")

REFUSED_AFTER_S = 1.0
"""When a try is refused that strangers may not make now. It leaves time to look
at it for those who may, so that the moment tells nothing of who is who (P7)."""


class Try(Generic[Result]):
    """Counts a guess (server/sessions/guesses.py), and answers the request that makes it.

    `use` gets what `right` is given. Where strangers have to wait, whatever is not
    right is refused as they are, at the same moment, unless `tells_all`: for who
    is signed in to the account. Exactly one of `right`, `wrong` and `undecided`
    ends what was begun; where it is not to be looked at, nothing is to be begun.
    """

    def __init__(
        self,
        session: Session,
        request: int,
        username: str,
        use: Callable[[Result], None],
        tells_all: bool = False,
    ) -> None:
        reactor = session.context.reactor
        self._reactor = reactor
        self._guess = session.context.sign_ins.begin(username, session.address, reactor.now)
        self.is_looked_at = self._guess.is_looked_at
        self._answer: Callable[[Future[Any]], None] | None = session.answers(request, use)
        self._is_hushed = self._guess.refusal is not None and not (tells_all and self.is_looked_at)
        if self._guess.refusal is not None and self._is_hushed:
            refused: Future[Any] = Future()
            refused.set_exception(self._guess.refusal)
            wait_s = 0.0 if tells_all else REFUSED_AFTER_S
            session.refuse_later(wait_s, lambda: self._tell(refused))

    @property
    def is_answered(self) -> bool:
        """Whether it was refused meanwhile, since it took too long."""
        return self._answer is None

    def then(self, go: Callable[[Found], None]) -> Callable[[Future[Found]], None]:
        """What to give a thread that works for it: `go` gets the result, an error
        leaves the try undecided."""

        def done(outcome: Future[Found]) -> None:
            failure = outcome.exception()
            if isinstance(failure, Exception):
                self.undecided(failure)
                return
            try:
                go(outcome.result())
            except Exception as error:
                self.undecided(error)

        return done

    def right(self, result: Result) -> None:
        """It was the right one."""
        self._guess.right()
        outcome: Future[Any] = Future()
        outcome.set_result(result)
        self._tell(outcome)

    def wrong(self, error: Exception) -> None:
        """It was not; `error` is what is told."""
        self._guess.is_wrong(self._reactor.now)
        self._fail(error)

    def undecided(self, error: Exception) -> None:
        """Nobody has looked at it: the hashers were busy, or the disk was."""
        self._guess.undecided()
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self._is_hushed:
            outcome: Future[Any] = Future()
            outcome.set_exception(error)
            self._tell(outcome)

    def _tell(self, outcome: Future[Any]) -> None:
        answer, self._answer = self._answer, None
        if answer is not None:
            answer(outcome)
