"""Answer what is done to templates. What each takes is in
server/domain/messages/templates.py."""

from collections.abc import Callable

from protocol.messages import Done, RemoveTemplate, SaveTemplate, Template
from server.domain.audit import Actor
from server.domain.messages import templates
from server.domain.store import Store
from server.sessions.session import Session


async def save(session: Session, message: SaveTemplate) -> None:
    """Keep a template."""
    max_chars = session.context.settings.text_max_chars
    await _change(
        session,
        message.request,
        lambda store, actor, now_ms: templates.save(
            store, actor, message.template, max_chars, now_ms
        ),
    )


async def remove(session: Session, message: RemoveTemplate) -> None:
    """Let go of a template."""
    await _change(
        session,
        message.request,
        lambda store, actor, now_ms: templates.remove(store, actor, message.template_id, now_ms),
    )


async def _change(
    session: Session, request: int, change: Callable[[Store, Actor, int], None]
) -> None:
    """Change it in the store, answer, and tell all administrators."""

    def change_it(store: Store, actor: Actor, now_ms: int) -> list[Template]:
        change(store, actor, now_ms)
        return store.templates.all()

    now = await session.change(change_it)
    session.send(Done(request))
    session.context.room.set_templates(now)
