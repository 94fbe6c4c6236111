"""What somebody may do at this moment, looked up where it is done (P6, P8)."""

from collections.abc import Sequence

from server.domain.audit import Actor
from server.domain.errors import NotPermitted, RequestRefused, SessionEnded
from server.domain.store import Store
from server.domain.user import Action, User
from server.domain.users import Holder


def require(store: Store, actor: Actor, action: Action) -> User | None:
    """Return the actor's account as it is stored now; None for the operator, who may
    do everything.

    Called in the transaction in which the action is carried out, so that nothing can
    change between looking and doing. Raises RequestRefused where the actor's session
    has ended, and NotPermitted where the account may not do that (any more).
    """
    if actor.id is None:
        return None
    if actor.session:
        return _require_holder(store.sessions.holder(actor.session), actor, action)
    user = store.users.by_id(actor.id)
    if user is None or not user.may(action):
        raise NotPermitted(action)
    return user


def refusals(store: Store, actors: Sequence[Actor], action: Action) -> list[RequestRefused | None]:
    """Return for each of these people, who all act by their sessions, how `require` would
    refuse it now; None: it would not."""
    holders = store.sessions.holders({actor.session for actor in actors})
    found: list[RequestRefused | None] = []
    for actor in actors:
        try:
            _require_holder(holders.get(actor.session), actor, action)
        except RequestRefused as refusal:
            found.append(refusal.with_traceback(None))
        else:
            found.append(None)
    return found


def _require_holder(holder: Holder | None, actor: Actor, action: Action) -> User:
    """Return the actor, who acts by the session that `holder` holds. Raises as `require`."""
    if holder is None or holder.user.id != actor.id:
        raise SessionEnded
    if not holder.user.may(action):
        raise NotPermitted(action)
    return holder.user


def require_account(store: Store, actor: Actor, action: Action) -> User:
    """Return the same, for what is done in a person's name: the operator has none."""
    user = require(store, actor, action)
    if user is None:
        raise NotPermitted(action)
    return user
