"""What the watch over accounts tells, in whatever order its threads come by."""

from collections.abc import Callable, Collection
from pathlib import Path
from queue import Queue

from protocol.messages import FromServer, Role
from server.background.account_watcher import AccountWatcher, read_counts
from server.domain.user import User
from server.storage.executor import StoreExecutor
from server.storage.sqlite import create_store, open_store
from server.transport.reactor import Reactor

TIMEOUT_S = 20.0
FIRST, SECOND = b"1" * 32, b"2" * 32


class Connection:
    """A connection on which this person is signed in."""

    awaited_id = 0

    def __init__(self, user: User, digest: bytes) -> None:
        self.user = user
        self.digest = digest
        self.told: list[bool] = []
        """For each time: whether this session was among the person's."""

    def awaited_changed(self, user: User | None) -> None:
        raise AssertionError("nobody awaits anything here")

    def account_changed(self, user: User | None, digests: Collection[bytes]) -> None:
        self.told.append(self.digest in digests)

    def send(self, message: FromServer) -> None:
        """Nothing is to be told."""


def test_p8_a_session_opened_while_the_account_was_being_read_is_not_ended(
    tmp_path: Path,
) -> None:
    with create_store(tmp_path) as store:
        alice = store.users.add("alice", "Amelia", Role.ADMIN, "hash", 0)
        store.sessions.open(alice.id, FIRST, "desk", "::1", 0)
        head, counts = store.audit.head(), read_counts(store)
    delivered: Queue[Callable[[], None]] = Queue()
    storage = StoreExecutor(lambda: open_store(tmp_path), delivered.put)
    connections = [Connection(alice, FIRST)]
    reactor = Reactor()
    watcher = AccountWatcher(reactor, storage, head, counts, lambda: connections, lambda _: None)
    try:
        watcher.check(alice.id)
        was_read = delivered.get(timeout=TIMEOUT_S)
        storage.write(
            lambda store: store.sessions.open(alice.id, SECOND, "laptop", "::1", 0)
        ).when_done(lambda job: job.result())
        delivered.get(timeout=TIMEOUT_S)()
        connections.append(Connection(alice, SECOND))
        watcher.check(alice.id)  # as every sign-in does

        was_read()
        assert all(told for connection in connections for told in connection.told)
        delivered.get(timeout=TIMEOUT_S)()
        assert [connection.told[-1] for connection in connections] == [True, True]
    finally:
        storage.close()
        reactor.close()
