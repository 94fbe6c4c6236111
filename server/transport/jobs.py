"""Wait for other threads' work from top to bottom: coroutines on one thread.

A `Job` is the outcome, some day, of work that another thread does. A coroutine
awaits it and goes on, on the thread that owns the job, when the outcome has been
handed over. `start` runs a coroutine as far as its first wait; there is no event
loop beside the one that hands over outcomes (the reactor), and no wait of its own.

Everything here belongs to one thread. Results keep their types: what a job gives is
what `await` gives, and what went wrong is raised where it was awaited.
"""

import logging
from collections.abc import Callable, Coroutine, Generator
from typing import Generic, Protocol, TypeVar

from server.transport.reactor import Reactor

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class Awaited(Protocol):
    """Something that a coroutine may wait for."""

    def when_done(self, callback: Callable[[object], None]) -> None:
        """Call this with the job, when it is done."""


Steps = Coroutine[Awaited, None, Result]
"""What an `async def` gives that awaits jobs and nothing else."""


class Job(Generic[Result]):
    """The outcome of some work: a result, or the exception that ended it.

    Whoever does the work calls `succeed` or `fail`, once, on the owner's thread. One
    callback or one `await` may wait for it.
    """

    __slots__ = ("_callback", "_error", "_result", "is_done")

    _result: Result

    def __init__(self) -> None:
        self.is_done = False
        self._error: Exception | None = None
        self._callback: Callable[[Job[Result]], None] | None = None

    def succeed(self, result: Result) -> None:
        """Give the result to whoever waits."""
        self._result = result
        self._finish()

    def fail(self, error: Exception) -> None:
        """Raise this for whoever waits."""
        self._error = error
        self._finish()

    def when_done(self, callback: Callable[["Job[Result]"], None]) -> None:
        """Call this with the job, at once if it is done."""
        if self.is_done:
            callback(self)
        else:
            self._callback = callback

    def exception(self) -> Exception | None:
        """Return what went wrong; None: nothing did. Only when it is done."""
        return self._error

    def result(self) -> Result:
        """Return the result, or raise what went wrong. Only when it is done."""
        if self._error is not None:
            raise self._error
        return self._result

    def __await__(self) -> Generator[Awaited, None, Result]:
        if not self.is_done:
            yield self
        if self._error is None:
            return self._result
        # A traceback refers to the frames that it went through, and this one to the
        # job: would it keep the error, all that the frames hold stayed until the
        # collector of cycles came by.
        error, self._error = self._error, None
        try:
            raise error
        finally:
            del error

    def _finish(self) -> None:
        self.is_done = True
        callback, self._callback = self._callback, None
        if callback is not None:
            callback(self)


class _Task(Job[Result]):
    """A coroutine under way; its outcome is what the coroutine returns or raises."""

    __slots__ = ("_steps",)

    def __init__(self, steps: Steps[Result]) -> None:
        super().__init__()
        self._steps = steps

    def go_on(self, _awaited: object = None) -> None:
        """Run to the next wait, or to the end."""
        failure: Exception | None = None
        try:
            awaited = self._steps.send(None)
        except StopIteration as end:
            result: Result = end.value
        except Exception as error:
            # Without this frame, which refers to the task: see `Job.__await__`.
            inner = error.__traceback__.tb_next if error.__traceback__ is not None else None
            failure = error.with_traceback(inner)
        else:
            awaited.when_done(self.go_on)
            return
        # Outside the handlers: whatever goes wrong for those who wait would refer to
        # this error as its context.
        if failure is None:
            self.succeed(result)
        else:
            self.fail(failure)


class Pause(Job[None]):
    """A wait for a time, which `end` cuts short."""

    __slots__ = ("_timer",)

    def __init__(self, reactor: Reactor, wait_s: float) -> None:
        super().__init__()
        self._timer = reactor.call_later(wait_s, self.end)

    def end(self) -> None:
        """Let whoever waits go on, if they do not yet."""
        if not self.is_done:
            self._timer.cancel()
            self.succeed(None)


def start(steps: Steps[Result]) -> Job[Result]:
    """Run a coroutine as far as it goes, and on after each of its waits. Returns the
    job that its end finishes, done already where it waited for nothing."""
    task = _Task(steps)
    task.go_on()
    return task


def start_unwatched(steps: Steps[None]) -> None:
    """Run a coroutine whose end nobody waits for; what goes wrong is logged."""
    start(steps).when_done(_log_failure)


def _log_failure(job: Job[None]) -> None:
    if job.exception() is not None:
        log.error("what ran by itself failed", exc_info=job.exception())
