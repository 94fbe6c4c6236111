"""One name for a host, however it is written.

What a person trusts is remembered by it: a certificate that has changed must not
look like one of a server that nobody has seen before, only because the host was
spelt otherwise.
"""

import ipaddress
import re

MAX_CHARS = 253

_NAME = re.compile(r"[^\s:/\[\]@?#%\0-\x1f\x7f\ud800-\udfff]+")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")


def canonical_host(host: str) -> str | None:
    """Return the host as it is looked up: names as IDNA 2003 reads them (RFC 3490, which
    is what `socket.getaddrinfo` asks for), in small letters and in the script that they
    stand for, without the full stop at the end; IP addresses in their shortest form (RFC
    5952), and of IPv4 in four decimal numbers, also where they are written as one of
    IPv6. None where it can't be a host.
    """
    if not host or len(host) > MAX_CHARS:
        return None
    if ":" in host:
        return _canonical_v6(host)
    try:
        ascii_form = host.encode("idna").decode("ascii").lower()
        name = ascii_form.encode("ascii").decode("idna")
    except UnicodeError:
        return None
    name = name.removesuffix(".")
    if not _NAME.fullmatch(name):
        return None
    return _canonical_v4(name) if _is_number(name.rpartition(".")[2]) else name


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _canonical_v4(text: str) -> str | None:
    """Return it as systems read it: up to four numbers, decimal, octal or hexadecimal,
    the last of which fills what is left (the IPv4 parser of the URL Standard)."""
    parts = text.split(".")
    if len(parts) > 4 or not all(_is_number(part) for part in parts):
        return None
    try:
        *first, last = (_number(part) for part in parts)
    except ValueError:
        return None
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        return None
    value = last
    for place, number in enumerate(first):
        value += number << (8 * (3 - place))
    return str(ipaddress.IPv4Address(value))


def _number(part: str) -> int:
    if part[:2].lower() == "0x":
        return int(part[2:] or "0", 16)
    return int(part, 8) if part[0] == "0" else int(part)


def _canonical_v6(text: str) -> str | None:
    address, percent, zone = text.partition("%")
    try:
        ip = ipaddress.IPv6Address(address)
    except ValueError:
        return None
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return f"{ip}{percent}{zone}"
