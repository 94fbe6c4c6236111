"""Answer what is searched for. What finds is server/storage/…/search.py."""

from protocol.limits import MAX_CHANGES_BYTES, MAX_INTEGER
from protocol.messages import Found, Search
from protocol.refusals import Refusal
from protocol.search import key_of, terms_of
from server.domain.errors import RequestRefused
from server.domain.messages.history import Wanted
from server.sessions.session import Session

MAX_STEPS = 32
"""After which the answer tells what was found until then: a request takes no longer than
some tenths of a second, and holds nobody up who asks for something else meanwhile."""


async def search(session: Session, message: Search) -> None:
    """Tell a page of messages by what they say, newest first. Each step is a read of its
    own: others take their turn between two."""
    wanted = Wanted(
        terms_of(message.text),
        key_of(message.author),
        message.from_ms,
        message.to_ms or MAX_INTEGER,
    )
    if wanted == Wanted(to_ms=MAX_INTEGER):
        raise RequestRefused(Refusal.SEARCH_EMPTY, "there is nothing to look for")
    before_id, ids = message.before_id or MAX_INTEGER, list[int]()
    for _ in range(MAX_STEPS):
        step_from, left = before_id, message.limit - len(ids)
        found = await session.read(lambda store: store.history.search(wanted, step_from, left))  # noqa: B023
        ids += found.ids
        before_id = max(found.through_id, 1)
        if before_id == 1 or len(ids) == message.limit:
            break
    through_id = before_id
    messages = await session.read(lambda store: store.history.by_ids(ids, MAX_CHANGES_BYTES))
    # One that was withdrawn since it was found is not told.
    told = tuple(one for one in messages if not one.withdrawn_at_ms)
    if messages and messages[-1].id != ids[-1]:
        through_id = messages[-1].id
    session.send(Found(message.request, told, through_id))
