"""Codes 48-63: receipts: who has seen a message, and who has confirmed it."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.types import (
    Attention,
    Choice,
    Count,
    OwnReceipt,
    RequestNumber,
    RosterEntry,
    SeenSpan,
    Tally,
    TimeMs,
    WireMessage,
)


class Seen(WireMessage, tag=48, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; the person has had the messages in `spans`
    before their eyes; without any, everything up to `through_id`, as clients say
    who know of no gaps. `through_id` is the end of the last span. No request:
    nothing answers it. What was seen stays so, whatever device says it.
    """

    through_id: Count
    spans: Annotated[tuple[SeenSpan, ...], Meta(max_length=limits.MAX_SEEN_SPANS)] = ()


class Attending(WireMessage, tag=59, frozen=True, array_like=True, gc=False):
    """Client to server, signed in, where `Welcome.asks_attention`: whether the person
    could see what is shown on this computer, from now on. No request: nothing answers
    it. Until the first of a connection it is taken for `HERE`; a server that does not
    ask forgets it.
    """

    attention: Attention


class Tallies(WireMessage, tag=49, frozen=True, array_like=True, gc=False):
    """Server to client, pushed to administrators, at most once a second:
    messages of which more people have seen or confirmed."""

    tallies: tuple[Tally, ...]


class GetTallies(WireMessage, tag=50, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; asks how many have seen and
    confirmed the messages with these ids, both ends included. Answer:
    `TalliesOf`."""

    request: RequestNumber
    from_id: Count
    to_id: Count


class TalliesOf(WireMessage, tag=51, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetTallies`: by id, MAX_TALLIES of the newest
    at most."""

    request: RequestNumber
    tallies: tuple[Tally, ...]


class Confirm(WireMessage, tag=52, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; the person's answer to a message that asks
    for one. Answer: `Confirmed`, once it is on disk. The same answer again
    changes nothing; another one is taken for ANSWER_OPEN_MS after the first."""

    request: RequestNumber
    message_id: Count
    choice: Choice


class Confirmed(WireMessage, tag=53, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Confirm`: how the person stands now."""

    request: RequestNumber
    own_receipt: OwnReceipt


class OwnAnswers(WireMessage, tag=54, frozen=True, array_like=True, gc=False):
    """Server to client, pushed after sign-in and when something of it changes:
    how the person stands with messages that ask, newest first, MAX_OWN_RECEIPTS at
    most. Each takes the place of what was known of its message."""

    own_receipts: tuple[OwnReceipt, ...]


class GetRoster(WireMessage, tag=55, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; asks who has seen and confirmed
    a message, by people's ids. Answer: `Roster`."""

    request: RequestNumber
    message_id: Count
    after_person_id: Count
    limit: Annotated[int, Meta(ge=1, le=limits.MAX_ROSTER_PAGE)]


class Roster(WireMessage, tag=56, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetRoster`: these, and whether there are more."""

    request: RequestNumber
    message_id: Count
    entries: tuple[RosterEntry, ...]
    more: bool


class Remind(WireMessage, tag=57, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; asks those once more who have not
    confirmed a message. Answer: `Reminded`."""

    request: RequestNumber
    message_id: Count


class Reminded(WireMessage, tag=58, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Remind`: how many have not confirmed yet, and
    how many of them are `away` and learn of it on their return."""

    request: RequestNumber
    people: Count
    at_ms: TimeMs
    away: Count = 0
