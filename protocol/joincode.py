"""The join code: one string that leads a client to its room.

It says where the server is and by which certificate to know it, and may carry
an invite. `rostrum1.` is followed by base64url (RFC 4648, section 5, without
padding) of a MessagePack array and the array's CRC-32, which finds what was
not copied whole.
"""

import base64
import re
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


class BadJoinCode(ValueError):
    """It is none, or was not copied whole."""


def write(code: JoinCode) -> str:
    """The code as a string of letters, digits, `.`, `-` and `_`."""
    packed = msgspec.msgpack.encode(code)
    packed += zlib.crc32(packed).to_bytes(CRC_BYTES, "big")
    return PREFIX + base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def looks_like_one(text: str) -> bool:
    """Whether somebody meant this as a join code."""
    return text.lstrip().lower().startswith(PREFIX)


def read(text: str) -> JoinCode:
    """What this code says. Spaces and line ends that mail has put into it do
    not matter. Raises BadJoinCode."""
    bare = re.sub(r"\s+", "", text)
    if not bare.lower().startswith(PREFIX) or len(bare) > MAX_CHARS:
        raise BadJoinCode("a join code begins with rostrum1.")
    encoded = bare[len(PREFIX) :]
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
