"""Where session tokens are kept between starts: the system's credential store
and nowhere else. A system that has none costs the remembering, no more."""

import logging
from typing import Protocol

from protocol.limits import SESSION_TOKEN_BYTES

log = logging.getLogger(__name__)

SERVICE = "Rostrum"


class Credentials(Protocol):
    """Session tokens by server and account. `is_quick`: no call ever takes long."""

    is_quick: bool

    def is_there(self) -> bool:
        """Tell whether there is a store to keep them in."""

    def load(self, account: str) -> bytes | None:
        """Return the token that was kept for this account, if there is one."""

    def save(self, account: str, token: bytes) -> bool:
        """Keep a token. False: it could not be kept."""

    def forget(self, account: str) -> None:
        """Let go of a token. None kept is no error."""


class MemoryCredentials:
    """Kept as long as the process lives: for tests and the demo."""

    is_quick = True

    def __init__(self) -> None:
        self._tokens: dict[str, bytes] = {}

    def is_there(self) -> bool:
        return True

    def load(self, account: str) -> bytes | None:
        return self._tokens.get(account)

    def save(self, account: str, token: bytes) -> bool:
        self._tokens[account] = token
        return True

    def forget(self, account: str) -> None:
        self._tokens.pop(account, None)


class KeyringCredentials:
    """Kept by the system: Windows' Credential Manager, the macOS Keychain, the
    Secret Service. `keyring` is imported when it is first needed: it looks for
    backends, which takes a moment."""

    is_quick = False

    def is_there(self) -> bool:
        try:
            import keyring

            # Where no backend of use is found, one of no priority stands in.
            return keyring.get_keyring().priority > 0
        except Exception as error:  # backends raise what they like
            log.warning("no credential store was found: %s", error)
            return False

    def load(self, account: str) -> bytes | None:
        try:
            import keyring

            kept = keyring.get_password(SERVICE, account)
            token = bytes.fromhex(kept) if kept else None
        except Exception as error:  # backends raise what they like
            log.warning("no kept session could be read: %s", error)
            return None
        if token is not None and len(token) != SESSION_TOKEN_BYTES:
            log.warning("what is kept is no session token")
            return None
        return token

    def save(self, account: str, token: bytes) -> bool:
        try:
            import keyring

            keyring.set_password(SERVICE, account, token.hex())
        except Exception as error:
            log.warning("the session can't be kept on this system: %s", error)
            return False
        return True

    def forget(self, account: str) -> None:
        try:
            import keyring

            if keyring.get_password(SERVICE, account) is not None:
                keyring.delete_password(SERVICE, account)
        except Exception as error:
            log.warning("the kept session could not be removed: %s", error)
