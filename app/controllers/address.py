"""A server's address as a person types it."""

import re
from typing import NamedTuple

from protocol.limits import DEFAULT_PORT

_BRACKETED = re.compile(r"\[(?P<host>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\](?::(?P<port>[0-9]{1,5}))?")
_PLAIN = re.compile(r"(?P<host>[^\s:/\[\]@?#\0-\x1f\x7f\ud800-\udfff]+)(?::(?P<port>[0-9]{1,5}))?")
_BARE_V6 = re.compile(r"(?P<host>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)")


class Address(NamedTuple):
    """Where a server is."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_address(typed: str) -> Address | None:
    """host, host:port, [IPv6], [IPv6]:port or a bare IPv6 address; None where
    it is none of these."""
    text = typed.strip()
    match = _BRACKETED.fullmatch(text) or _PLAIN.fullmatch(text) or _BARE_V6.fullmatch(text)
    if match is None:
        return None
    port = match.groupdict().get("port")
    number = int(port) if port else DEFAULT_PORT
    if not 1 <= number <= 65535 or len(match["host"]) > 253:
        return None
    return Address(match["host"], number)
