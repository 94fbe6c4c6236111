"""The join codes that this server gives out."""

import ipaddress
import socket

import msgspec

from protocol import joincode
from protocol.joincode import JoinCode
from server.settings import Settings, SettingsError, is_loopback

EXAMPLES = ("example", "example.com", "example.net", "example.org", "invalid", "test")
"""Names that lead nowhere (RFC 2606)."""


def join_code(settings: Settings, port: int, fingerprint: bytes, invite: bytes = b"") -> str:
    """Return the code that leads a client to this server, which listens at this port, and
    makes it know the certificate; an empty fingerprint: it does without TLS.

    Raises SettingsError where `public_host` can't be one.
    """
    host = _public_host(settings)
    fields = (host, settings.public_port or port, fingerprint, invite, not fingerprint)
    try:
        return joincode.write(msgspec.convert(fields, JoinCode))
    except msgspec.ValidationError as error:
        raise SettingsError(f"public_host = {host!r}: {error}") from None


def doubt(settings: Settings) -> str:
    """Return why this server's join codes will hardly lead anybody here, in a sentence;
    empty, where nothing speaks against them."""
    host = _public_host(settings)
    bare = host.lower().removesuffix(".")
    if is_loopback(bare) or bare.endswith((".localhost", ".localdomain")):
        return f"it leads to {host}, which on every machine is that machine itself"
    if any(bare == name or bare.endswith(f".{name}") for name in EXAMPLES):
        return f"it leads to {host}, a name for examples that leads nowhere"
    if is_loopback(settings.host) and not settings.public_port:
        return f"the server listens at {settings.host}, where only this machine reaches it"
    return ""


def _public_host(settings: Settings) -> str:
    """Return the host as it is set, or where the server listens; this machine's name,
    where that is everywhere."""
    if settings.public_host:
        return settings.public_host
    try:
        is_everywhere = ipaddress.ip_address(settings.host).is_unspecified
    except ValueError:
        is_everywhere = False
    return socket.gethostname() if is_everywhere else settings.host
