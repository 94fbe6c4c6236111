"""What is said outside of the window: in notifications and at the icon in the tray."""

from datetime import datetime

from app.i18n import Translator
from app.models.connection.status import Phase, Status
from app.models.room.notifications import Note, NoteKind
from app.views.wording.pages import moment
from app.views.wording.sizes import file_size

MOST_CHARS = 220
"""Of a message's text: what systems show of a notification, and a little more."""

_CONTROLS = dict.fromkeys([*range(32), 127], " ")


def note_words(i18n: Translator, note: Note, room: str, shows_content: bool) -> tuple[str, str]:
    """Return what a notification says: its title, and the line below. Without its content
    it says that something was announced, and neither by whom nor what."""
    t = i18n.t
    match note.kind:
        case NoteKind.TEST:
            return t("note.test_title"), t("note.test")
        case NoteKind.IN_TRAY:
            return t("note.tray_title"), t("note.tray")
        case NoteKind.AWAY:
            return room, t("note.away", n=note.count)
        case NoteKind.SEVERAL:
            return room, t("note.several", n=note.count)
    message = note.message
    if message is None or not shows_content:
        return room, t("note.urgent" if note.is_urgent else "note.hidden")
    key = "note.urgent_title" if note.is_urgent else "note.title"
    files = [f"{file.name} ({file_size(file.size)})" for file in message.attachments]
    return t(key, name=message.author_name, room=room), "\n".join([cut(message.text), *files])


def cut(text: str) -> str:
    """Return the beginning of a text in one line, without what is no character of one."""
    line = " ".join(text.translate(_CONTROLS).split())
    return line if len(line) <= MOST_CHARS else line[: MOST_CHARS - 1].rstrip() + "…"


def tray_title(i18n: Translator, status: Status, room: str, unread: int, urgent: int) -> str:
    """Return what stands beside the icon in the tray."""
    parts = [room or i18n.t("app.name"), connection(i18n, status)]
    if urgent:
        parts.append(i18n.t("tray.urgent", n=urgent))
    if unread:
        parts.append(i18n.t("tray.unread", n=unread))
    return "\n".join(parts)


def connection(i18n: Translator, status: Status) -> str:
    """Return in a word or two whether there is a connection."""
    match status.now.phase:
        case Phase.LIVE | Phase.GREETED | Phase.SIGNING_IN | Phase.CATCHING_UP:
            return i18n.t("state.connected")
        case Phase.CONNECTING:
            return i18n.t("state_short.connecting")
        case _:
            return i18n.t("tray.offline")


def until(i18n: Translator, moment_: datetime, now: datetime) -> str:
    """Return a moment to which something lasts, in as few words as do."""
    return moment(i18n, round(moment_.timestamp() * 1000), now, is_within=True)
