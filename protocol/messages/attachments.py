"""Codes 120-127: files that go with messages."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.types import Count, Digest, RequestNumber, WireMessage

FileSize = Annotated[int, Meta(ge=1, le=limits.MAX_ATTACHMENT_BYTES)]
Offset = Annotated[int, Meta(ge=0, le=limits.MAX_ATTACHMENT_BYTES)]
PartData = Annotated[bytes, Meta(min_length=1, max_length=limits.PART_BYTES)]


class OfferFile(WireMessage, tag=120, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; asks how much of a file the server has
    already: it is known by the SHA-256 of its bytes. Answer: `Received`."""

    request: RequestNumber
    sha256: Digest
    size: FileSize


class Received(WireMessage, tag=121, frozen=True, array_like=True, gc=False):
    """Server to client; answers `OfferFile` and `SendPart`: so many bytes, from the first
    on. All of them: the server has found the file to be the one, and it is on disk."""

    request: RequestNumber
    size: Count


class SendPart(WireMessage, tag=122, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; sends the bytes of an offered file from
    `offset` on, PART_BYTES of them or up to its end. Answer: `Received`, which tells where
    to go on; what does not follow on what is there is passed over."""

    request: RequestNumber
    sha256: Digest
    offset: Offset
    data: PartData


class GetPart(WireMessage, tag=123, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; asks for the bytes from `offset` on of a file that goes
    with a message. Answer: `Part`."""

    request: RequestNumber
    sha256: Digest
    offset: Offset


class Part(WireMessage, tag=124, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetPart`: up to PART_BYTES of them, none at the end."""

    request: RequestNumber
    data: Annotated[bytes, Meta(max_length=limits.PART_BYTES)]
