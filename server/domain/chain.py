"""Records that are chains of hashes: in one, no entry can be changed, left out
or put in without all that follow it.

An entry is a struct with an `id` and, as its last field, the hash of the entry
before it. Whoever can write the file can write the whole chain anew; whoever
has kept its newest hash of an earlier day can tell.
"""

import hashlib
from collections.abc import Iterable
from typing import Protocol

import msgspec

NO_ENTRY = bytes(32)
"""In place of the hash before the first entry."""


class ChainEntry(msgspec.Struct, frozen=True):
    """An entry of a chain."""

    def hash(self) -> bytes:
        """Return what the next entry refers to it by: SHA-256 of this one as a
        MessagePack array of its fields, in their order, each in its shortest form."""
        return hashlib.sha256(msgspec.msgpack.encode(msgspec.structs.astuple(self))).digest()


class Link(Protocol):
    """What every `ChainEntry` has."""

    @property
    def id(self) -> int: ...

    @property
    def previous(self) -> bytes: ...

    def hash(self) -> bytes: ...


def first_fault(name: str, entries: Iterable[tuple[Link, bytes]], count: int, newest: bytes) -> str:
    """Return what is wrong first with the chain of this name and length that ends with
    this hash, in words; empty: nothing is. Each entry comes with the hash that is stored
    of it."""
    previous, seen, last = NO_ENTRY, 0, 0
    for entry, stored in entries:
        if entry.previous != previous:
            return f"{name} has something missing or put in before entry {entry.id}"
        if entry.hash() != stored:
            return f"entry {entry.id} of {name} was changed"
        previous, seen, last = stored, seen + 1, entry.id
    if seen != count or previous != newest:
        return f"{name} ends at entry {last}, after {seen} in place of {count}"
    return ""
