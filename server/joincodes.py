"""The join codes that this server gives out."""

import socket

import msgspec

from protocol import joincode
from protocol.joincode import JoinCode
from server.settings import Settings, SettingsError


def join_code(settings: Settings, port: int, fingerprint: bytes, invite: bytes = b"") -> str:
    """The code that leads a client to this server at this port, and makes it
    know the certificate; an empty fingerprint: it does without TLS.

    Raises SettingsError where `public_host` can't be one.
    """
    host = settings.public_host or _reachable_host(settings)
    fields = (host, port, fingerprint, invite, not fingerprint)
    try:
        return joincode.write(msgspec.convert(fields, JoinCode))
    except msgspec.ValidationError as error:
        raise SettingsError(f"public_host = {host!r}: {error}") from None


def _reachable_host(settings: Settings) -> str:
    """Where it listens; this machine's name, where that is everywhere."""
    is_everywhere = settings.host in ("0.0.0.0", "::")
    return socket.gethostname() if is_everywhere else settings.host
