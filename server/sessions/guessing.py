"""Try a password or a reset code, and answer so that nobody learns from it."""

from collections.abc import Callable

from server.domain.errors import RequestRefused
from server.domain.user import User
from server.sessions.guesses import Guess
from server.sessions.session import Session
from server.transport.jobs import Job, Steps, start

REFUSED_AFTER_S = 1.0
"""When a try is refused that strangers may not make now. It leaves time to look
at it for those who may, so that the moment tells nothing of who is who (P7)."""

Look = Callable[[Callable[[], bool]], Steps[User]]
"""Holds what was typed against what is stored. Returns the account whose it is, or
raises WrongGuess; any other error leaves it undecided. Its argument tells whether
the try was refused meanwhile, since it took too long."""


class WrongGuess(RequestRefused):
    """What was typed is not the right password or code."""


async def guess(session: Session, username: str, look: Look, tells_all: bool = False) -> User:
    """Count a guess (server/sessions/guesses.py), and return the account whose
    password or code it was. Raises RequestRefused.

    Where strangers have to wait, whatever is not right is refused as they are, at
    the same moment, unless `tells_all`: for who is signed in to the account. Where it
    is not to be looked at, `look` is not begun.
    """
    context = session.context
    counted = context.sign_ins.begin(username, session.address, context.reactor.now)
    refusal = counted.refusal
    if refusal is None or (tells_all and counted.is_looked_at):
        return await _decide(session, counted, look(lambda: False))
    pause = session.pause(0.0 if tells_all else REFUSED_AFTER_S)
    decided: Job[User] | None = None
    if counted.is_looked_at:

        def cut_short(job: Job[User]) -> None:
            if job.exception() is None:
                pause.end()

        # Beside the pause: it goes on, and is counted, when that is over.
        decided = start(_decide(session, counted, look(lambda: pause.is_done)))
        decided.when_done(cut_short)
    await pause
    if decided is not None and decided.is_done and decided.exception() is None:
        return decided.result()
    raise refusal


async def _decide(session: Session, counted: Guess, looking: Steps[User]) -> User:
    """Await the outcome and count it."""
    try:
        user = await looking
    except WrongGuess:
        counted.is_wrong(session.context.reactor.now)
        raise
    except Exception:
        counted.undecided()
        raise
    counted.right()
    return user
