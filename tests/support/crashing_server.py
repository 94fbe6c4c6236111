"""The real server, made to die at a named step of a post.

`python -m tests.support.crashing_server serve …` is `python -m server serve …`,
except that the process kills itself, as kill -9 or a power cut would, when a
post whose text is FATAL_TEXT reaches the step that ROSTRUM_TEST_DIE_AT names.
Nothing of the server is replaced: each step is the real call, with death right
before or right after it.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from protocol.messages import Post, Posted
from server.cli import main
from server.domain.messages.history import Draft
from server.domain.room import Room
from server.sessions.handlers import HANDLERS
from server.sessions.session import Handler, Session
from server.storage.executor import StoreExecutor
from server.storage.sqlite.database import Database
from server.storage.sqlite.messages.history import SqliteHistory
from server.transport.streams import Stream

FATAL_TEXT = "die here"
VARIABLE = "ROSTRUM_TEST_DIE_AT"

STEPS = (
    "before handling",
    "before storing",
    "before commit",
    "after commit",
    "before hand-over",
    "before confirming",
    "before publishing",
    "after publishing",
    "before sending",
    "after sending to the first",
)


def die() -> None:
    """End the process at once: nothing is flushed, no handler runs."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.TerminateProcess(ctypes.c_void_p(kernel.GetCurrentProcess()), 9)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


class Watch:
    """Follows the fatal post from step to step."""

    def __init__(self, step: str) -> None:
        self._step = step
        self.is_stored = False
        self.is_published = False

    def at(self, step: str) -> None:
        if step == self._step:
            die()


def around(
    owner: Any,
    name: str,
    before: Callable[..., None] | None = None,
    after: Callable[..., None] | None = None,
) -> None:
    """Call something before or after every call of a method."""
    real = getattr(owner, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        if before:
            before(*arguments)
        result = real(*arguments, **named)
        if after:
            after(*arguments)
        return result

    setattr(owner, name, wrapped)


def arm(step: str) -> None:
    """Put death into the named step."""
    watch = Watch(step)
    real_post = HANDLERS[Post]

    async def handle(session: Session, message: Post) -> None:
        if message.text == FATAL_TEXT:
            watch.at("before handling")
        await real_post.handle(session, message)

    HANDLERS[Post] = Handler(handle, real_post.action, real_post.exclusive)

    def before_storing(
        _s: SqliteHistory, _author: object, _id: bytes, draft: Draft, *_: int
    ) -> None:
        if draft.text == FATAL_TEXT:
            watch.at("before storing")

    def after_storing(
        _s: SqliteHistory, _author: object, _id: bytes, draft: Draft, *_: int
    ) -> None:
        watch.is_stored = watch.is_stored or draft.text == FATAL_TEXT

    around(SqliteHistory, "append", before_storing, after_storing)

    def at_commit(step: str) -> Callable[..., None]:
        def check(_database: Database, sql: str, *_: object) -> None:
            if watch.is_stored and sql == "COMMIT":
                watch.at(step)

        return check

    around(Database, "execute", at_commit("before commit"), at_commit("after commit"))

    def once_stored(step: str) -> Callable[..., None]:
        def check(*_: object) -> None:
            if watch.is_stored:
                watch.at(step)

        return check

    around(StoreExecutor, "_hand_over", once_stored("before hand-over"))

    def before_confirming(_session: Session, message: object) -> None:
        if watch.is_stored and isinstance(message, Posted):
            watch.at("before confirming")

    around(Session, "send", before_confirming)

    def after_publishing(*_: object) -> None:
        if watch.is_stored:
            watch.is_published = True
            watch.at("after publishing")

    around(Room, "publish", once_stored("before publishing"), after_publishing)

    def once_published(step: str) -> Callable[..., None]:
        def check(stream: Stream) -> None:
            if watch.is_published:
                watch.at(step)

        return check

    after = once_published("after sending to the first")
    around(Stream, "flush", once_published("before sending"), after)


if __name__ == "__main__":
    arm(os.environ[VARIABLE])
    main(prog_name="rostrum-server")
