"""Answer Hello and Ping: what a client may say before anyone is signed in."""

from protocol.limits import PROTOCOL_VERSION
from protocol.messages import Hello, Limits, Ping, Pong, Welcome
from protocol.refusals import Refusal
from server.domain.errors import RequestRefused
from server.sessions.session import Session


async def hello(session: Session, message: Hello) -> None:
    """Agree on the version and introduce the room."""
    session.log.info("is %s", ascii(message.agent))
    if not message.version_min <= PROTOCOL_VERSION <= message.version_max:
        text = f"this server speaks version {PROTOCOL_VERSION}"
        raise RequestRefused(Refusal.VERSION_UNSUPPORTED, text)
    settings = session.context.settings
    session.send(
        Welcome(
            request=message.request,
            version=PROTOCOL_VERSION,
            room_id=session.context.room_id,
            room_name=settings.room_name,
            description=settings.description,
            registration=settings.registration,
            server_time_ms=session.context.clock.now_ms(),
            limits=Limits(
                text_chars=settings.text_max_chars, attachment_bytes=settings.attachment_bytes
            ),
            keep_days=settings.keep_days,
            asks_attention=settings.asks_attention,
        )
    )


async def ping(session: Session, message: Ping) -> None:
    """Tell that the server is there, and how far the room has come."""
    # Not the head's: what is on its way to this client would seem to be missing.
    revision = session.context.room.told_revision if session.signed_in else 0
    session.send(Pong(message.token, revision))
