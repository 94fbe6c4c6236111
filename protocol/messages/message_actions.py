"""Codes 64-79: a message's life after it was posted."""

from protocol.messages.types import (
    Count,
    Expiry,
    RequestNumber,
    RoomMessage,
    Template,
    TypedText,
    Version,
    WireMessage,
)


class Edit(WireMessage, tag=64, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; gives a message another text.
    Everyone sees that it was changed. Answer: `Done`."""

    request: RequestNumber
    message_id: Count
    text: TypedText


class Withdraw(WireMessage, tag=65, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; takes a message back. Its place
    stays, its texts are gone for good. Answer: `Done`."""

    request: RequestNumber
    message_id: Count


class Pin(WireMessage, tag=66, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; keeps a message in everyone's
    sight, or no longer. Answer: `Done`."""

    request: RequestNumber
    message_id: Count
    pinned: bool


class SetExpiry(WireMessage, tag=67, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; a message withdraws itself at
    this time; 0: it does not. Answer: `Done`."""

    request: RequestNumber
    message_id: Count
    expires_at_ms: Expiry


class GetVersions(WireMessage, tag=68, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; asks for a message's earlier
    texts, but for so many of the oldest. Answer: `Versions`."""

    request: RequestNumber
    message_id: Count
    offset: Count = 0


class Versions(WireMessage, tag=69, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetVersions`: oldest first, MAX_VERSIONS at
    most. `more` tells whether there are later ones."""

    request: RequestNumber
    versions: tuple[Version, ...]
    more: bool = False


class Pinned(WireMessage, tag=70, frozen=True, array_like=True, gc=False):
    """Server to client, pushed after sign-in and whenever they change: the
    pinned messages as they are now, pinned last first, MAX_PINS at most. They
    may lie below what the client holds."""

    messages: tuple[RoomMessage, ...]


class SaveTemplate(WireMessage, tag=71, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; keeps a template for all of them, in
    place of the one with its id or its name; as a new one where the id is 0. Answer:
    `Done`."""

    request: RequestNumber
    template: Template


class RemoveTemplate(WireMessage, tag=72, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; lets go of a template. Answer:
    `Done`."""

    request: RequestNumber
    template_id: Count


class Templates(WireMessage, tag=73, frozen=True, array_like=True, gc=False):
    """Server to client, pushed to administrators after sign-in and whenever they
    change: all templates, by their names, MAX_TEMPLATES at most."""

    templates: tuple[Template, ...]
