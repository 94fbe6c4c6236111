"""A person with an account: who it is, and what it may do.

`PERMISSIONS` is the one table that decides what a role may do (P6).
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from protocol.messages import AccountState, Person, Role


class Action(StrEnum):
    """What can be asked of the room."""

    READ = "read"
    POST = "post"
    MANAGE_OWN_ACCOUNT = "manage_own_account"
    MANAGE_PEOPLE = "manage_people"
    READ_AUDIT = "read_audit"


PERMISSIONS: Mapping[Role, frozenset[Action]] = {
    Role.MEMBER: frozenset({Action.READ, Action.MANAGE_OWN_ACCOUNT}),
    Role.ADMIN: frozenset(Action),
}


class User(msgspec.Struct, frozen=True):
    """One account, as it is stored. `password_hash` is argon2id's encoded
    form, empty where a reset has ended the password; it never leaves the server.
    `last_seen_ms` is when the person was here
    last, and exact to the hour while they are; 0: never signed in."""

    id: int
    username: str
    display_name: str
    role: Role
    state: AccountState
    password_hash: str
    created_at_ms: int
    last_seen_ms: int = 0

    def may(self, action: Action) -> bool:
        """Tell whether this person may do that now."""
        return self.state is AccountState.ACTIVE and action in PERMISSIONS[self.role]

    def person(self) -> Person:
        """Return what others may know."""
        return Person(self.id, self.username, self.display_name, self.role)


def username_key(username: str) -> str:
    """Return what decides whether two usernames are the same: compatibility forms, letter
    case and space around make no difference (Unicode's NFKC and case folding, close to
    RFC 8265's UsernameCaseMapped profile)."""
    return search_key(username.strip())


def search_key(text: str) -> str:
    """Return what a search compares: letter case, width and other compatibility forms,
    and how accents are composed, make no difference to the eye, so none here."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)
