"""What the network service can be told. Frozen: they cross threads."""

import msgspec

from protocol.messages import FromClient


class Connect(msgspec.Struct, frozen=True):
    """Connect to this server, in place of any other, and stay connected."""

    host: str
    port: int


class Disconnect(msgspec.Struct, frozen=True):
    """Hang up and stay so."""


class ReconnectNow(msgspec.Struct, frozen=True):
    """Do not wait for the next attempt's time."""


class Send(msgspec.Struct, frozen=True):
    """Say this on that connection; if it is gone meanwhile, say nothing: the
    `Lost` event tells so."""

    link: int
    message: FromClient


Command = Connect | Disconnect | ReconnectNow | Send
