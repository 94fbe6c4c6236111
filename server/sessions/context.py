"""What every session needs: one of each, made by the service at start."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from server.background.account_watcher import AccountWatch
from server.background.receipt_tracker import Hearing
from server.domain.room import Room
from server.operations.metrics import Figures
from server.passwords import PasswordPool
from server.sessions.admission import Admission
from server.sessions.guesses import SignInGuard
from server.settings import Settings
from server.storage.executor import StorageThread
from server.transport.reactor import Reactor


def _wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Context:
    """The parts of a running server, as its sessions use them."""

    settings: Settings
    reactor: Reactor
    storage: StorageThread
    passwords: PasswordPool
    room: Room
    room_id: bytes
    admission: Admission
    watch: AccountWatch
    hearing: Hearing
    join_code: Callable[[bytes], str]
    """The join code with this invite's secret in it."""
    live_digests: Callable[[int], frozenset[bytes]]
    """Of the sessions by which this person is signed in now."""
    sign_ins: SignInGuard = field(default_factory=SignInGuard)
    figures: Figures = field(default_factory=Figures)
    now_ms: Callable[[], int] = field(default=_wall_clock_ms)
    """Milliseconds since 1970, for people; never for measuring time."""
