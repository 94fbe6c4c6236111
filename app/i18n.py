"""The words of the user interface in the person's language.

A catalogue is a TOML file, `assets/translations/<language>.toml`; its tables
give dotted keys. A sentence that depends on a number `n` has the forms
`key.one` and `key.other`; Chinese has `key.other` alone. A key that the
language lacks is looked up in English; one that English lacks is shown as it
is, so that a mistake is seen and nothing breaks.
"""

import ctypes
import functools
import locale
import logging
import os
import re
import sys
import tomllib
from datetime import date, datetime

from app import assets
from app.models.observable import Observable
from app.models.settings import Language

log = logging.getLogger(__name__)

LANGUAGES: tuple[Language, ...] = ("en", "zh")
FALLBACK: Language = "en"

PRIMARY_LANGUAGE_MASK = 0x3FF
LANG_CHINESE = 0x04
"""A Windows language identifier's low ten bits name the language; 4 is Chinese
(Microsoft, "Language Identifier Constants and Strings")."""


class Translator(Observable):
    """Gives each key's sentence in the current language. Main thread only."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language
        self._missing: set[str] = set()

    @property
    def language(self) -> Language:
        return self._language

    def use(self, language: Language) -> None:
        """Switch to this language; the listeners say everything anew."""
        if language != self._language:
            self._language = language
            self._changed()

    def t(self, key: str, **params: object) -> str:
        """Return the sentence of this key with its placeholders filled. With `n`, the
        form that fits the number."""
        template = self._find(key, params.get("n"))
        try:
            sentence = _spaced(template, params) if self._language == "zh" else template
            return sentence.format(**params)
        except (KeyError, IndexError, ValueError):
            self._tell_once(key, "does not fit its parameters")
            return template

    def has(self, key: str) -> bool:
        """Tell whether any catalogue in use has this key."""
        return key in catalogue(self._language) or key in catalogue(FALLBACK)

    def time(self, at_ms: int) -> str:
        """Return the time of day, as HH:MM in the local zone; `at_ms` as on the wire."""
        moment = local_time(at_ms)
        return "" if moment is None else f"{moment:%H:%M}"

    def exact_time(self, at_ms: int) -> str:
        """Return the same to the second."""
        moment = local_time(at_ms)
        return "" if moment is None else f"{moment:%H:%M:%S}"

    def day(self, day: date, today: date) -> str:
        """Return a day as a heading: in words when it is near, with its year when that is
        not this one's."""
        away = (today - day).days
        if away == 0:
            return self.t("day.today")
        if away == 1:
            return self.t("day.yesterday")
        return self.t(
            "day.this_year" if day.year == today.year else "day.other_year",
            weekday=self.t(f"weekday.{day.isoweekday()}"),
            month=self.t(f"month.{day.month}"),
            day=day.day,
            year=day.year,
        )

    def _find(self, key: str, n: object) -> str:
        for language in (self._language, FALLBACK):
            words = catalogue(language)
            if key in words:
                return words[key]
            if n is not None:
                form = f"{key}.one" if n == 1 and f"{key}.one" in words else f"{key}.other"
                if form in words:
                    return words[form]
        self._tell_once(key, "is in no catalogue")
        return key

    def _tell_once(self, key: str, what: str) -> None:
        if key not in self._missing:
            self._missing.add(key)
            log.warning("translation %s (%s) %s", key, self._language, what)


def _spaced(template: str, params: dict[str, object]) -> str:
    """Return the template with a space where Chinese and the Latin letters of a parameter
    would touch, as of a name that may be either."""

    def with_spaces(found: re.Match[str]) -> str:
        value = params.get(found["name"])
        if not isinstance(value, str) or not value:
            return found[0]
        before = " " if found["before"] and _is_latin(value[0]) else ""
        after = " " if found["after"] and _is_latin(value[-1]) else ""
        return f"{found['before']}{before}{{{found['name']}}}{after}"

    return _PLACEHOLDER.sub(with_spaces, template)


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


_PLACEHOLDER = re.compile(
    r"(?P<before>[\u4e00-\u9fff]?)\{(?P<name>\w+)\}(?=(?P<after>[\u4e00-\u9fff]?))"
)
"""A placeholder, with the Chinese characters right beside it."""


def local_time(at_ms: int) -> datetime | None:
    """Return this moment in the local zone, or None where no calendar reaches it."""
    try:
        return datetime.fromtimestamp(at_ms / 1000)
    except (OverflowError, OSError, ValueError):
        return None


@functools.cache
def catalogue(language: Language) -> dict[str, str]:
    """Return all sentences of a language by their dotted keys."""
    return dict(_flat("", tomllib.loads(assets.read_text(f"translations/{language}.toml"))))


def _flat(prefix: str, table: dict[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            found += _flat(f"{prefix}{name}.", value)
        else:
            found.append((prefix + name, str(value)))
    return found


def system_language() -> Language:
    """Return the language that the system speaks to this person; English where it is one
    that we do not have, or can't be found out."""
    try:
        return "zh" if _system_speaks_chinese() else FALLBACK
    except Exception as error:
        # Of no use to anybody but a log: whatever is wrong with the locale
        # settings must not keep the window from opening.
        log.warning("the system's language is not known: %s", error)
        return FALLBACK


def _system_speaks_chinese() -> bool:
    if sys.platform == "win32":
        identifier: int = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return identifier & PRIMARY_LANGUAGE_MASK == LANG_CHINESE
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value.lower().startswith("zh")
    return (locale.getlocale()[0] or "").lower().startswith("zh")
