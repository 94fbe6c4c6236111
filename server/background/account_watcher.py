"""Live connections follow their accounts, whoever changes them (P8).

The audit log tells which accounts have changed, also when another process, the
command line, has changed them. It is looked at twice a second, and at once
after a change by this process; looking costs one read of the newest entry's id.
Used from the reactor's thread only.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from typing import Protocol

import msgspec

from protocol.messages import Awaiting, FromServer, Role
from server.domain.store import Store
from server.domain.user import User
from server.storage.executor import StoreExecutor
from server.transport.jobs import start_unwatched
from server.transport.reactor import Reactor

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
"""Half of what P8 grants."""


class Follower(Protocol):
    """A connection, and who is signed in on it or waits to be accepted."""

    @property
    def user(self) -> User | None:
        """Who is signed in; None: nobody."""

    @property
    def awaited_id(self) -> int:
        """The account that awaits approval here; 0: none does."""

    def awaited_changed(self, user: User | None) -> None:
        """Take that account as it is stored now."""

    def account_changed(self, user: User | None, digests: Collection[bytes]) -> None:
        """Take the account and its sessions as they are stored now."""

    def send(self, message: FromServer) -> None:
        """Push to this connection."""


class AccountCounts(msgspec.Struct, frozen=True):
    """How many accounts are in use, and how many await approval."""

    members: int
    awaiting: int


class AccountChanges(msgspec.Struct, frozen=True):
    """What has changed up to an entry of the audit log."""

    head: int
    counts: AccountCounts
    accounts: dict[int, tuple[User | None, frozenset[bytes]]]


def read_counts(store: Store) -> AccountCounts:
    """Count the accounts in use, and those that await approval."""
    return AccountCounts(store.users.count_active(), store.users.count_pending())


class AccountWatcher:
    """Looks for changed accounts and tells the connections of their people.

    `followers` gives the connections as they are when it is called; `on_members`
    gets the number of members when it has changed.
    """

    def __init__(
        self,
        reactor: Reactor,
        storage: StoreExecutor,
        head: int,
        counts: AccountCounts,
        followers: Callable[[], Iterable[Follower]],
        on_members: Callable[[int], None],
    ) -> None:
        self._reactor = reactor
        self._storage = storage
        self._seen = head
        self._counts = counts
        self._followers = followers
        self._on_members = on_members
        self._is_closed = self._is_looking = False
        self._look_again = False
        self._unsure: set[int] = set()
        self._timer = reactor.call_later(LOOK_EVERY_S, self._tick)

    @property
    def awaiting(self) -> int:
        """How many people await approval."""
        return self._counts.awaiting

    def check(self, user_id: int | None = None) -> None:
        """Read now which accounts have changed; with an id, read this one in any case."""
        if user_id is not None:
            self._unsure.add(user_id)
        if self._is_looking:
            self._look_again = True
            return
        start_unwatched(self._check())

    def close(self) -> None:
        """Stop looking: the server is about to end."""
        self._timer.cancel()
        self._is_closed = self._is_looking = True

    def _tick(self) -> None:
        self._timer = self._reactor.call_later(LOOK_EVERY_S, self._tick)
        if not self._is_looking:
            self.check()

    async def _check(self) -> None:
        self._is_looking = True
        seen, unsure, self._unsure = self._seen, self._unsure, set()
        try:
            news = await self._storage.read(lambda store: _read(store, seen, unsure))
        except Exception as error:
            # Nothing can be told now; the next tick looks again.
            log.warning("accounts could not be looked at: %s", error)
            self._unsure |= unsure
            return
        finally:
            self._is_looking = self._is_closed
        if news is not None:
            self._tell(news)
        if self._look_again:
            self._look_again = False
            self.check()

    def _tell(self, news: AccountChanges) -> None:
        self._seen = news.head
        # Whoever asked to be looked at while this was being read has changed since:
        # a session that was opened meanwhile is not among these, and would be ended.
        accounts = {
            user_id: account
            for user_id, account in news.accounts.items()
            if user_id not in self._unsure
        }
        for follower in list(self._followers()):
            if follower.user is not None and follower.user.id in accounts:
                was_admin = follower.user.role is Role.ADMIN
                follower.account_changed(*accounts[follower.user.id])
                if not was_admin and self._counts.awaiting:
                    self.tell_awaiting(follower)
            elif follower.awaited_id in accounts:
                follower.awaited_changed(accounts[follower.awaited_id][0])
        before, self._counts = self._counts, news.counts
        if news.counts.members != before.members:
            self._on_members(news.counts.members)
        if news.counts.awaiting != before.awaiting:
            for follower in list(self._followers()):
                self.tell_awaiting(follower)

    def tell_awaiting(self, follower: Follower) -> None:
        """Tell an administrator how many await approval."""
        if follower.user is not None and follower.user.role is Role.ADMIN:
            follower.send(Awaiting(self._counts.awaiting))


def _read(store: Store, seen: int, unsure: Collection[int]) -> AccountChanges | None:
    head = store.audit.head()
    if head == seen and not unsure:
        return None
    accounts = {
        user_id: (
            store.users.by_id(user_id),
            frozenset(session.digest for session in store.sessions.of(user_id)),
        )
        for user_id in store.audit.accounts_after(seen) | set(unsure)
    }
    return AccountChanges(head, read_counts(store), accounts)
