"""Where a server is, as a person types or pastes it."""

import re
import unicodedata
from typing import NamedTuple

from app.models.connection.hosts import canonical_host
from protocol import joincode
from protocol.limits import DEFAULT_PORT

_BRACKETED = re.compile(r"\[(?P<host>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\](?::(?P<port>[0-9]{1,5}))?")
_PLAIN = re.compile(r"(?P<host>[^\s:/\[\]@?#\0-\x1f\x7f\ud800-\udfff]+)(?::(?P<port>[0-9]{1,5}))?")
_BARE_V6 = re.compile(r"(?P<host>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)")


_QUOTES = "\"'`<>()«»‹›“”„‘’‚「」『』"
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

PLAIN = "tcp://"
"""Before an address: without TLS. Nothing else leads there, so that nobody on
the way can talk a client out of it."""


class Address(NamedTuple):
    """Where a server is, and whether a person wants to do without TLS. As it is
    read here, `host` is the one name of a host (app/models/connection/hosts.py), and
    `str(address)` the one key by which all that concerns a server is kept."""

    host: str
    port: int
    is_plain: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{PLAIN if self.is_plain else ''}{host}:{self.port}"


class Destination(NamedTuple):
    """What was typed: an address or a join code."""

    address: Address
    fingerprint: bytes = b""
    """Of the certificate to know the server by; empty: nothing was said of it."""
    invite: bytes = b""
    """Leave to create an account; empty: none."""


def parse_destination(typed: str) -> Destination | None:
    """Return a join code or an address; None where it is neither."""
    if not joincode.looks_like_one(typed):
        address = parse_address(typed)
        return Destination(address) if address is not None else None
    try:
        code = joincode.read(typed)
    except joincode.BadJoinCode:
        return None
    host = canonical_host(code.host)
    if host is None:
        return None
    return Destination(Address(host, code.port, code.plain), code.fingerprint, code.invite)


def parse_address(typed: str) -> Address | None:
    """Read host, host:port, [IPv6], [IPv6]:port or a bare IPv6 address, each with
    `tcp://` before it or not; None where it is none of these."""
    if joincode.looks_like_one(typed):
        return None
    # As it may stand in a mail or be typed in Chinese: host：7450 in quotes.
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", typed)).strip().strip(_QUOTES).strip()
    is_plain = text.lower().startswith(PLAIN)
    if is_plain:
        text = text[len(PLAIN) :]
    match = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text) or _BARE_V6.fullmatch(text)
    if match is None:
        return None
    port = match.groupdict().get("port")
    number = int(port) if port else DEFAULT_PORT
    host = canonical_host(match["host"])
    if not 1 <= number <= 65535 or host is None:
        return None
    return Address(host, number, is_plain)


def server_key(stored: str) -> str:
    """Return the key of a server that an earlier version may have spelt otherwise; what
    is no address stays as it is."""
    address = parse_address(stored)
    return str(address) if address is not None else stored
