"""The join code: one string that leads a client to its room.

It says where the server is and by which certificate to know it, and may carry
an invite. `rostrum1.` is followed by base64url (RFC 4648, section 5, without
padding) of a MessagePack array and the array's CRC-32, which finds what was
not copied whole.
"""

import base64
import re
import unicodedata
import zlib
from typing import Annotated

import msgspec
from msgspec import Meta

from protocol.limits import MAX_JOIN_CODE_CHARS

PREFIX = "rostrum1."

FINGERPRINT_BYTES = 32
"""SHA-256 of the certificate in DER."""

MAX_CHARS = MAX_JOIN_CODE_CHARS
"""More than the longest host name and everything else take."""

CRC_BYTES = 4


class JoinCode(msgspec.Struct, frozen=True, array_like=True):
    """What a join code says. An empty fingerprint leaves the certificate to
    the system's own authorities; an empty invite is none. `plain`: the server
    speaks without TLS, which nothing but a code or a person may say."""

    host: Annotated[str, Meta(min_length=1, max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)]
    fingerprint: Annotated[bytes, Meta(max_length=FINGERPRINT_BYTES)] = b""
    invite: Annotated[bytes, Meta(max_length=64)] = b""
    plain: bool = False


MAX_PASTED_CHARS = 20_000
"""So much of what was pasted is looked through: a long mail."""

_BEGINNING = re.compile(r"(?<![\w.-])" + re.escape(PREFIX), re.IGNORECASE | re.ASCII)
_PART = re.compile(r"[\s>|]*(?P<code>[A-Za-z0-9_-]+)(?P<end>[^\sA-Za-z0-9_-]?)")
"""What stands between two gaps; `end` is a character that no code has."""

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class BadJoinCode(ValueError):
    """The text is no join code, or not a whole one."""


def write(code: JoinCode) -> str:
    """Return the code as a string of letters, digits, `.`, `-` and `_`."""
    packed = msgspec.msgpack.encode(code)
    packed += zlib.crc32(packed).to_bytes(CRC_BYTES, "big")
    return PREFIX + base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def looks_like_one(text: str) -> bool:
    """Tell whether somebody meant this, or a part of it, as a join code."""
    return _BEGINNING.search(_as_copied(text)) is not None


def read(text: str) -> JoinCode:
    """Return what the first whole code in this text says. What stands before it and
    behind it does not matter, nor do spaces, line ends and marks of a quoted mail within
    it. Raises BadJoinCode."""
    error = BadJoinCode("a join code begins with rostrum1.")
    text = _as_copied(text)
    for found in _BEGINNING.finditer(text):
        # Where it ends nobody knows before its checksum fits.
        encoded = ""
        for part in _PART.finditer(text, found.end()):
            encoded += part["code"]
            if len(encoded) > MAX_CHARS - len(PREFIX):
                break
            try:
                return _read(encoded)
            except BadJoinCode as bad:
                error = bad
            if part["end"]:
                break
    raise error


def _as_copied(text: str) -> str:
    """Return the text without what is not seen, and with full-width letters as others."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text[:MAX_PASTED_CHARS]))


def _read(encoded: str) -> JoinCode:
    try:
        packed = base64.b64decode(
            encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True
        )
        body, crc = packed[:-CRC_BYTES], packed[-CRC_BYTES:]
        if zlib.crc32(body).to_bytes(CRC_BYTES, "big") != crc:
            raise BadJoinCode("it was not copied whole")
        code = msgspec.msgpack.decode(body, type=JoinCode)
    except BadJoinCode:
        raise
    except (ValueError, msgspec.MsgspecError) as error:
        raise BadJoinCode(str(error)) from error
    if len(code.fingerprint) not in (0, FINGERPRINT_BYTES):
        raise BadJoinCode("its fingerprint has the wrong length")
    return code
