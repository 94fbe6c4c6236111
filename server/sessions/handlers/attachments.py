"""Answer what is asked about files that go with messages. What each takes is in
server/domain/messages/attachments.py."""

from protocol.messages import GetPart, OfferFile, Part, Received, SendPart
from protocol.refusals import Refusal
from server.domain.errors import RequestRefused
from server.domain.messages import attachments
from server.domain.user import Action
from server.sessions.session import Session


async def offer(session: Session, message: OfferFile) -> None:
    """Tell how much of a file is there."""
    max_bytes = session.context.settings.attachment_bytes
    there = await session.change(
        lambda store, actor, now_ms: attachments.offer(
            store, actor, message.sha256, message.size, max_bytes, now_ms
        )
    )
    session.send(Received(message.request, there))


async def add(session: Session, message: SendPart) -> None:
    """Take some bytes of a file."""
    there = await session.change(
        lambda store, actor, now_ms: attachments.add(
            store, actor, message.sha256, message.offset, message.data, now_ms
        )
    )
    if there is None:
        raise RequestRefused(Refusal.ATTACHMENT_DAMAGED, "the bytes are not those of the file")
    session.send(Received(message.request, there))


async def part(session: Session, message: GetPart) -> None:
    """Tell some bytes of a file."""
    # Looked up once more where it is read, as whoever it is for.
    also_scheduled = session.user is not None and session.user.may(Action.POST)
    data = await session.read(
        lambda store: attachments.part(store, message.sha256, message.offset, also_scheduled),
        Action.POST if also_scheduled else Action.READ,
    )
    session.send(Part(message.request, data))
