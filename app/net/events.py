"""What the network service tells. Frozen: they cross from its thread to the
main one. `target` is that of the `Connect` which an event comes of; `link`
numbers the connections, so that nothing said on one is ever taken for a part
of another."""

import msgspec

from protocol.messages import FromServer, Welcome


class Connecting(msgspec.Struct, frozen=True):
    """An attempt to connect has begun."""

    target: int


class Greeted(msgspec.Struct, frozen=True):
    """Connected, and the server has introduced its room."""

    target: int
    link: int
    welcome: Welcome


class Received(msgspec.Struct, frozen=True):
    """The server said something else."""

    link: int
    message: FromServer


class Lost(msgspec.Struct, frozen=True):
    """There is no connection, or none any more.

    `reason` is `unreachable` (nothing answered at the address), `lost` (the
    connection broke), `not_rostrum` (what answered speaks something else),
    `no_tls` (it does not encrypt), or the code of a `Goodbye` or of a refused
    `Hello`. The next attempt starts at `retry_at` in seconds of `Clock.monotonic_s`.
    """

    target: int
    reason: str
    retry_at: float


class Untrusted(msgspec.Struct, frozen=True):
    """The server showed a certificate that is not to be taken: not the pinned
    one, or one that nobody has judged. There is no further attempt."""

    target: int
    fingerprint: bytes


Event = Connecting | Greeted | Received | Lost | Untrusted
