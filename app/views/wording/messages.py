"""What is said of a message beside its text, in the person's language."""

from datetime import date, datetime

from app.i18n import Translator, local_time
from app.views.wording.pages import moment as moment_words
from protocol.messages import Priority, RoomMessage

QUOTED_CHARS = 160


def priority(i18n: Translator, message: RoomMessage) -> str:
    """Return how urgent it is; empty for a normal one, and for one that is gone."""
    if message.priority is Priority.NORMAL or message.withdrawn_at_ms:
        return ""
    return i18n.t(f"priority.{message.priority.name.lower()}_mark")


def marks(i18n: Translator, message: RoomMessage, now: datetime) -> str:
    """Say that it was late, was edited, is pinned, will withdraw itself; empty: none of it."""
    if message.withdrawn_at_ms:
        return ""
    said = []
    if message.due_at_ms:
        when = moment_words(i18n, message.due_at_ms, now, is_within=True)
        said.append(i18n.t("timeline.late", when=when))
    if message.edited_at_ms:
        said.append(
            i18n.t(
                "timeline.edited",
                when=moment_words(i18n, message.edited_at_ms, now, is_within=True),
            )
        )
    if message.pinned_at_ms:
        said.append(i18n.t("timeline.pinned"))
    if message.expires_at_ms:
        said.append(
            i18n.t(
                "timeline.until",
                when=moment_words(i18n, message.expires_at_ms, now, is_within=True),
            )
        )
    return " · ".join(said)


def gone(i18n: Translator, message: RoomMessage, now: datetime) -> str:
    """Return what stands in the place of a withdrawn message's text."""
    when = moment_words(i18n, message.withdrawn_at_ms, now, is_within=True)
    if not message.withdrawn_by:
        return i18n.t("timeline.expired", when=when)
    return i18n.t("timeline.withdrawn", name=message.withdrawn_by, when=when)


def full_date(i18n: Translator, message: RoomMessage) -> str:
    """Return when it was posted, with the day and the year; empty where no calendar
    reaches it."""
    moment = local_time(message.posted_at_ms)
    if moment is None:
        return ""
    # Of no day near this one: the year is named.
    day = i18n.day(moment.date(), date.min)
    return f"{day}, {moment:%H:%M:%S}"


def quoted(message: RoomMessage) -> str:
    """Return its text in quotes, as far as a few lines hold it."""
    return f"“{shortened(message.text)}”"


def shortened(text: str) -> str:
    """Return the text, as far as a few lines hold it."""
    text = " ".join(text.split())
    return text if len(text) <= QUOTED_CHARS else text[: QUOTED_CHARS - 1].rstrip() + "…"


def first_line(message: RoomMessage) -> str:
    """Return as much of its text as fits one line."""
    return " ".join(message.text.split())
