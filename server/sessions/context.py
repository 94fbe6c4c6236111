"""What every session needs: one of each, made by server/composition.py at start."""

from collections.abc import Callable
from dataclasses import dataclass

from server.background.account_watcher import AccountWatcher
from server.background.receipt_tracker import ReceiptTracker
from server.clock import Clock
from server.domain.room import Room
from server.domain.users import Holder
from server.operations.metrics import Metrics
from server.passwords import PasswordPool
from server.sessions.admission import Admission
from server.sessions.catching_up import CatchUps
from server.sessions.guesses import SignInGuard
from server.settings import Settings
from server.storage.batches import Batch
from server.storage.executor import StoreExecutor
from server.transport.reactor import Reactor


@dataclass(frozen=True)
class Context:
    """The parts of a running server, as its sessions use them."""

    settings: Settings
    reactor: Reactor
    storage: StoreExecutor
    holders: Batch[bytes, Holder]
    """Who signed in by the session tokens with these digests."""
    catch_ups: CatchUps
    passwords: PasswordPool
    room: Room
    room_id: bytes
    admission: Admission
    account_watcher: AccountWatcher
    receipt_tracker: ReceiptTracker
    join_code: Callable[[bytes], str]
    """The join code with this invite's secret in it."""
    live_digests: Callable[[int], frozenset[bytes]]
    """Of the sessions by which this person is signed in now."""
    sign_ins: SignInGuard
    metrics: Metrics
    clock: Clock
