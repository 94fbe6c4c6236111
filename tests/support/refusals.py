"""By which codes each request may be refused: as docs/protocol.md says it.

Whoever talks to a server in a test holds every refusal against it, so a handler
can't refuse by a code that the page does not list for its request.
"""

import re
from functools import cache

from protocol.messages import Refused, WireMessage
from protocol.states import REQUESTS
from tests.protocol import document

REQUEST_NAMES = {kind.__name__ for kind in REQUESTS}


@cache
def requests_by_code() -> dict[str, frozenset[str]]:
    """For each code the requests that its row names; none: any request, as where the
    row says so."""
    rows = document.table(
        document.section("## Refusals"), "code", "whose fault", "when", "what to do"
    )
    return {
        code: frozenset()
        if "any request" in when.lower()
        else frozenset(re.findall(r"`([A-Z]\w+)`", when)) & REQUEST_NAMES
        for code, _, when, _ in rows
    }


def require_documented(refused: Refused, asked: WireMessage) -> None:
    """Fail where the page does not say that this request can be refused so."""
    if refused.code in requests_by_code():
        named = requests_by_code()[refused.code]
        name = type(asked).__name__
        assert not named or name in named, f"{name} was refused by {refused.code}: not in the page"
