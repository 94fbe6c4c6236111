"""The real client without its window: models, controllers and the network
service, with a pump that waits where Tk's would come back later.

Nothing of the client is replaced, so what these tests show holds for the
window, too; a window only adds what is seen.
"""

import heapq
import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from app.controllers.client import Client
from app.models.connection.status import Phase
from app.models.credentials import Credentials, MemoryCredentials
from app.models.settings import Settings
from app.net.backoff import BackoffPolicy
from protocol.messages import RoomMessage
from tests.support.waiting import WAIT_S

QUICK = BackoffPolicy(first_s=0.01, cap_s=0.05, stable_s=0.0)
"""Reconnects as fast as a test wants it to."""


class RecordingFeed:
    """A feed that shows everything it was ever given, and checks that it could
    be shown: one run of ids without a gap, nothing twice."""

    def __init__(self) -> None:
        self.shown: list[RoomMessage] = []
        self.at_start = False
        self.arrivals: list[int] = []
        self.prepended = 0
        self.news: list[int] = []

    def clear(self) -> None:
        self.shown = []

    def replace(
        self,
        messages: Sequence[RoomMessage],
        at_start: bool,
        at_end: bool,
        from_id: int = 0,
        news: Sequence[int] = (),
    ) -> None:
        self.shown = list(messages)
        self.at_start = at_start
        self.news = list(news)
        self._check()

    def prepend(self, messages: Sequence[RoomMessage], at_start: bool) -> None:
        self.shown = [*messages, *self.shown]
        self.at_start = at_start
        self.prepended += 1
        self._check()

    def append(self, messages: Sequence[RoomMessage], at_end: bool) -> None:
        self.shown += messages
        self._check()

    def arrive(self, messages: Sequence[RoomMessage]) -> None:
        self.shown += messages
        self.arrivals += [message.id for message in messages]
        self._check()

    def update(self, message: RoomMessage) -> None:
        self.shown = [message if message.id == shown.id else shown for shown in self.shown]

    @property
    def ids(self) -> list[int]:
        return [message.id for message in self.shown]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.shown]

    def _check(self) -> None:
        if self.shown:
            first = self.shown[0].id
            assert self.ids == list(range(first, first + len(self.shown))), self.ids


class HeadlessClient:
    """A person's client, driven by a test: over TLS if the fingerprint of the
    server's certificate is given, else plainly. `is_told`: whether it is told
    where the server is, or knows what it knew at its last start."""

    def __init__(
        self,
        data_dir: Path,
        port: int,
        credentials: Credentials | None = None,
        backoff: BackoffPolicy = QUICK,
        fingerprint: bytes = b"",
        is_told: bool = True,
    ) -> None:
        self.data_dir = data_dir
        settings = Settings(data_dir / "settings.json")
        self.credentials = credentials or MemoryCredentials()
        if not is_told:
            pass
        elif fingerprint:
            address = f"127.0.0.1:{port}"
            settings.change(server=address, pins={address: fingerprint.hex()})
        else:
            settings.change(server=f"tcp://127.0.0.1:{port}")
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._sequence = itertools.count()
        self.feed = RecordingFeed()
        self.client = Client(data_dir, settings, self.credentials, self._later, backoff)
        self.client.attach_feed(self.feed)
        self.reasons: list[str] = []
        """Why connections were lost, each as it was told; a later one may
        follow within the same batch of events."""
        self.client.status.subscribe(self._note_reason)

    def __enter__(self) -> Self:
        self.client.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()

    # -- what a person does ------------------------------------------------------------

    def sign_in(self, username: str, password: str) -> None:
        self.client.session.sign_in(username, password, True)
        self.until_live()

    def register(self, username: str, password: str) -> None:
        self.client.session.register(username, username.title(), password, "", True)
        self.until_live()

    # -- waiting -----------------------------------------------------------------------

    @property
    def is_live(self) -> bool:
        return self.client.status.now.phase is Phase.LIVE

    def until_live(self) -> None:
        self.until(lambda: self.is_live, "to be live")

    def until_sent(self) -> None:
        """Until everything that was posted is confirmed and shown."""
        self.until(lambda: not self.client.outbox.items and self.is_live, "to have sent it all")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Let events come until the condition holds; fail with what this client
        knows if it never does."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            left_s = deadline - time.monotonic()
            assert left_s > 0, f"waited {WAIT_S} s {what}; {self.describe()}"
            self.turn(left_s)

    def turn(self, wait_s: float = 0.0) -> None:
        """Take what waits, or wait for the next event or timer."""
        if self._timers:
            wait_s = min(wait_s, max(0.001, self._timers[0][0] - time.monotonic()))
        self.client.take(self.client.service.take(1000, wait_s))
        while self._timers and self._timers[0][0] <= time.monotonic():
            heapq.heappop(self._timers)[2]()

    def describe(self) -> str:
        client = self.client
        return (
            f"status {client.status.now}; person {client.account.person}; "
            f"error {client.account.error}; complete through {client.timeline.complete_through} "
            f"of {client.timeline.known_revision}; shown {self.feed.ids[-5:]}; "
            f"outbox {[(item.text[:20], item.state) for item in client.outbox.items]}"
        )

    def _note_reason(self) -> None:
        reason = self.client.status.now.reason
        if reason and reason not in self.reasons[-1:]:
            self.reasons.append(reason)

    def _later(self, delay_s: float, callback: Callable[[], None]) -> None:
        due = time.monotonic() + delay_s
        heapq.heappush(self._timers, (due, next(self._sequence), callback))
