"""Session tokens in the system's store, and systems whose store fails."""

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from app.models.credentials import Credentials, KeyringCredentials, MemoryCredentials

ACCOUNT = "amelia@chat.example:7450"
TOKEN = bytes(range(32))


class Store(KeyringBackend):
    """A system's store; `locked` as when nobody has opened it."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._look()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._look()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._look()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("there is none")

    def _look(self) -> None:
        if self.locked:
            raise KeyringLocked("nobody has opened it")


@pytest.fixture
def store() -> Iterator[Store]:
    before = keyring.get_keyring()
    store = Store()
    keyring.set_keyring(store)
    yield store
    keyring.set_keyring(before)


@pytest.mark.parametrize("credentials", [MemoryCredentials(), KeyringCredentials()])
def test_a_token_is_kept_by_account_and_forgotten(store: Store, credentials: Credentials) -> None:
    assert credentials.load(ACCOUNT) is None
    assert credentials.save(ACCOUNT, TOKEN)
    assert credentials.load(ACCOUNT) == TOKEN and credentials.load("bob@elsewhere:1") is None
    credentials.forget(ACCOUNT)
    credentials.forget(ACCOUNT)
    assert credentials.load(ACCOUNT) is None and store.kept == {}


def test_a_store_that_fails_costs_the_remembering_only(store: Store) -> None:
    store.locked = True
    credentials = KeyringCredentials()
    assert not credentials.save(ACCOUNT, TOKEN)
    assert credentials.load(ACCOUNT) is None
    credentials.forget(ACCOUNT)


@pytest.mark.parametrize("kept", ["", "rubbish", "00", "00" * 31, "00" * 33])
def test_rubbish_is_no_token(store: Store, kept: str) -> None:
    """A server would refuse it as malformed for ever; nobody would be asked to
    sign in again."""
    store.kept["Rostrum", ACCOUNT] = kept
    assert KeyringCredentials().load(ACCOUNT) is None
