"""What the network service tells. Frozen: they cross from its thread to the
main one. `link` numbers the connections, so that nothing said on one is ever
taken for a part of another."""

import msgspec

from protocol.messages import FromServer, Welcome


class Connecting(msgspec.Struct, frozen=True):
    """An attempt to connect has begun."""


class Greeted(msgspec.Struct, frozen=True):
    """Connected, and the server has introduced its room."""

    link: int
    welcome: Welcome


class Received(msgspec.Struct, frozen=True):
    """The server said something else."""

    link: int
    message: FromServer


class Lost(msgspec.Struct, frozen=True):
    """There is no connection, or none any more.

    `reason` is `unreachable` (nothing answered at the address), `lost` (the
    connection broke), `not_rostrum` (what answered speaks something else), or
    the code of a `Goodbye` or of a refused `Hello`. The next attempt starts at
    `retry_at` in `time.monotonic()` seconds.
    """

    reason: str
    retry_at: float


Event = Connecting | Greeted | Received | Lost
