"""Notifications by the system's own means, by desktop-notifier.

One thread with an event loop, which the library wants. What the system does with a
notification comes back as events; one that hangs holds up nothing but what comes behind
it, and what has to wait too long is told as SLOW.
"""

import html
import logging
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from app.desktop.events import DesktopEvent, NoteClicked, NoteTold, Outcome

if TYPE_CHECKING:
    # Imported late, on the thread that needs it: the window does not wait for it.
    import asyncio

log = logging.getLogger(__name__)

LIMIT_S = 5.0
"""How long the system may take for one notification."""

MOST_WAITING = 20
"""Beyond, a notification is not even tried: the system hangs."""

APP_NAME = "Rostrum"


@dataclass(frozen=True)
class NoteText:
    """What a notification says. `open_label` is for systems on which it can't itself be
    clicked."""

    title: str
    body: str
    is_urgent: bool = False
    open_label: str = ""


class Notifications(Protocol):
    """The system's notifications. Each call may take its time, hang, block the thread or
    raise."""

    async def show(self, key: str, text: NoteText) -> Outcome:
        """Show this, in place of the one with the same key."""

    async def withdraw(self, key: str) -> None:
        """Take the one with this key away. None: nothing is done."""

    async def clear(self) -> None:
        """Take all of them away."""


Result = TypeVar("Result")

MakeNotifications = Callable[[Callable[[str], None]], Awaitable[Notifications]]
"""Given what a click is told to, by the key of what was clicked."""


class Notifier:
    """Main thread only, but for what runs on its own thread. Its methods never wait."""

    def __init__(
        self,
        tell: Callable[[DesktopEvent], None],
        make: MakeNotifications | None = None,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._tell = tell
        self._make: MakeNotifications = make or SystemNotifications.begin
        self._limit_s = limit_s
        self._jobs: deque[Callable[[], Awaitable[None]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wakes: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._is_over = False
        self._system: Notifications | None = None

    def show(self, key: str, text: NoteText) -> None:
        """Show this, in place of the one with the same key. What becomes of it is told
        by `NoteTold`, at the latest after so many seconds as it may take."""
        watch = _Watch(key, self._tell)
        # By a timer of its own: the thread that has to show it may hang.
        timer = threading.Timer(self._limit_s, lambda: watch.end(Outcome.SLOW))
        timer.daemon = True
        timer.start()

        async def run() -> None:
            outcome = Outcome.FAILED
            try:
                outcome = await self._in_time(self._show(key, text))
            except TimeoutError:
                outcome = Outcome.SLOW
            finally:
                timer.cancel()
                watch.end(outcome)

        if not self._ask(run):
            timer.cancel()
            watch.end(Outcome.SLOW)

    def withdraw(self, key: str) -> None:
        """Take the one with this key away."""

        async def run() -> None:
            if self._system is not None:
                await self._in_time(self._system.withdraw(key))

        self._ask(run)

    def close(self, patience_s: float = 1.0) -> None:
        """Take all of them away: nobody would hear of a click. Waits, but not for long."""

        async def run() -> None:
            if self._system is not None:
                await self._in_time(self._system.clear())

        if self._thread is not None:
            self._ask(run)
            self._is_over = True
            self._wake()
            self._thread.join(patience_s)
        self._is_over = True

    def _ask(self, run: Callable[[], Awaitable[None]]) -> bool:
        if self._is_over or len(self._jobs) >= MOST_WAITING:
            return False
        self._jobs.append(run)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="notifications", daemon=True)
            self._thread.start()
        else:
            self._wake()
        return True

    def _wake(self) -> None:
        if self._loop is not None and self._wakes is not None:
            try:
                self._loop.call_soon_threadsafe(self._wakes.set)
            except RuntimeError:  # the loop has ended
                log.info("notifications have ended")

    # -- on its own thread ----------------------------------------------------------

    def _run(self) -> None:
        import asyncio

        try:
            asyncio.run(self._serve())
        except Exception:
            log.warning("notifications have failed", exc_info=True)

    async def _serve(self) -> None:
        import asyncio

        self._wakes = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        while True:
            while self._jobs:
                job = self._jobs.popleft()
                try:
                    await job()
                except Exception as error:  # the libraries raise what they like
                    log.info("a notification failed: %s", error)
            if self._is_over:
                return
            await self._wakes.wait()
            self._wakes.clear()

    async def _in_time(self, call: Awaitable[Result]) -> Result:
        """Return what comes of this call. Raises TimeoutError where it takes too long."""
        import asyncio

        return await asyncio.wait_for(call, self._limit_s)

    async def _show(self, key: str, text: NoteText) -> Outcome:
        if self._system is None:
            self._system = await self._make(lambda clicked: self._tell(NoteClicked(clicked)))
        return await self._system.show(key, text)


class _Watch:
    """Tells once what became of a notification, whoever is first to know."""

    def __init__(self, key: str, tell: Callable[[DesktopEvent], None]) -> None:
        self._key = key
        self._tell = tell
        self._lock = threading.Lock()
        self._is_told = False

    def end(self, outcome: Outcome) -> None:
        with self._lock:
            is_first, self._is_told = not self._is_told, True
        if is_first:
            self._tell(NoteTold(self._key, outcome))


class SystemNotifications:
    """desktop-notifier: toasts of Windows, the freedesktop service, macOS."""

    def __init__(self, clicked: Callable[[str], None], library: Any, notifier: Any) -> None:
        self._clicked = clicked
        self._library = library
        self._notifier = notifier
        self._shown: set[str] = set()

    @classmethod
    async def begin(cls, clicked: Callable[[str], None]) -> "SystemNotifications":
        """Reach the system's service. Raises whatever is wrong with it."""
        import desktop_notifier

        from app import assets

        icon = desktop_notifier.Icon(path=assets.icon(128))
        notifier = desktop_notifier.DesktopNotifier(APP_NAME, icon)
        return cls(clicked, desktop_notifier, notifier)

    async def show(self, key: str, text: NoteText) -> Outcome:
        if not await self._notifier.has_authorisation():
            return Outcome.NOT_ALLOWED
        # The library may or may not replace it, and of two the older has its words.
        await self.withdraw(key)
        dispatched: list[bool] = []
        capabilities = await self._notifier.get_capabilities()
        capability = self._library.Capability
        buttons = []
        if text.open_label and not {capability.ON_CLICKED} & capabilities:
            buttons = [self._library.Button(text.open_label, lambda: self._clicked(key))]
        urgency = self._library.Urgency
        await self._notifier.send_notification(
            self._library.Notification(
                text.title,
                # The freedesktop service takes markup in the body.
                html.escape(text.body, quote=False) if sys.platform == "linux" else text.body,
                urgency=urgency.Critical if text.is_urgent else urgency.Normal,
                buttons=tuple(buttons),
                on_dispatched=lambda: dispatched.append(True),
                on_clicked=lambda: self._clicked(key),
                identifier=key,
            )
        )
        # What goes wrong is logged by the library, and told by nothing but this.
        if not dispatched:
            return Outcome.FAILED
        self._shown.add(key)
        return Outcome.SHOWN

    async def withdraw(self, key: str) -> None:
        if key in self._shown:
            self._shown.discard(key)
            try:
                await self._notifier.clear(key)
            except KeyError:  # it was closed, and the library has forgotten it
                log.debug("no notification %s to take away", key)

    async def clear(self) -> None:
        for key in tuple(self._shown):
            await self.withdraw(key)
