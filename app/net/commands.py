"""What the network service can be told. Frozen: they cross threads."""

import msgspec

from protocol.messages import FromClient


class Connect(msgspec.Struct, frozen=True):
    """Connect to this server, in place of any other, and stay connected.

    `target` numbers these commands: every event that comes of one repeats its
    number, so that what was still on its way from an earlier server is not
    taken for something of this one.
    """

    target: int
    host: str
    port: int
    is_plain: bool = False
    """Without TLS, because a person said so in so many words."""
    pin: bytes = b""
    """The SHA-256 fingerprint of the only certificate to take; empty: what the
    system's authorities verify."""


class Disconnect(msgspec.Struct, frozen=True):
    """Hang up and stay so."""


class ReconnectNow(msgspec.Struct, frozen=True):
    """Do not wait for the next attempt's time."""


class Probe(msgspec.Struct, frozen=True):
    """See at once whether the connection still stands, and make another if not: this
    machine's network has changed."""


class Send(msgspec.Struct, frozen=True):
    """Say this on that connection; if it is gone meanwhile, say nothing: the
    `Lost` event tells so."""

    link: int
    message: FromClient


class Abandon(msgspec.Struct, frozen=True):
    """That connection is of no use any more: break it and make another, with
    the wait that any broken one has."""

    link: int


Command = Connect | Disconnect | ReconnectNow | Probe | Send | Abandon
