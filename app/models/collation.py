"""How people's names are put in order in this client."""

import locale
import logging
import unicodedata

from protocol.ordering import counting_key

log = logging.getLogger(__name__)


def use_system_order() -> None:
    """Put names in the order of the system's language from now on, so Chinese by pinyin
    where that is Chinese. Without it, or where it fails, it is by code points."""
    try:
        locale.setlocale(locale.LC_COLLATE, "")
    except locale.Error as error:
        log.info("names are not put in the system's order: %s", error)


def folded(text: str) -> str:
    """Return the same for what differs only in width or letter case, as the server's
    search has it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.strip()).casefold())


def name_key(name: str) -> str:
    """Return what to sort names by: Pupil 2 before Pupil 10."""
    key = counting_key(folded(name))
    try:
        return locale.strxfrm(key)
    except (ValueError, OSError):  # half a character, or what no locale knows
        return key
