"""The rules for what people type when they create an account.

Each check returns the form to keep, or raises `RequestRefused` with a code that the
client can turn into a sentence beside the field.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from protocol.limits import (
    MAX_DISPLAY_NAME_CHARS,
    MAX_PASSWORD_CHARS,
    MAX_USERNAME_CHARS,
    MIN_PASSWORD_CHARS,
    MIN_USERNAME_CHARS,
)
from protocol.refusals import Refusal
from server.domain.errors import RequestRefused
from server.domain.lookalikes import skeleton
from server.domain.messages.history import is_no_text, is_visible
from server.domain.user import username_key

MIN_DIFFERENT_CHARS = 5
"""A password of fewer different characters is guessed at once."""

# Where fingers run along a keyboard or a row of characters.
_RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")

# The letters and marks that nobody can see, and that would make two names look
# the same: Unicode's Default_Ignorable_Code_Point within categories L and M.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)


COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")
"""Those that anyone would try first, because so many people chose them."""

MAX_MARKS_IN_A_ROW = 4
"""On one letter; more is no writing of any script (UTS #39, section 5.4)."""


def check_username(username: str) -> str:
    """Allow letters of any script, digits and . _ - between them."""
    name = unicodedata.normalize("NFKC", username.strip())
    if not MIN_USERNAME_CHARS <= len(name) <= MAX_USERNAME_CHARS:
        raise _bad_username(f"{MIN_USERNAME_CHARS} to {MAX_USERNAME_CHARS} characters")
    if not all(
        _is_name_char(char) or char in "._-" or _is_needed_joiner(name, place)
        for place, char in enumerate(name)
    ):
        raise _bad_username("letters, digits and . _ - only")
    if unicodedata.category(name[0])[0] not in "LN" or not _is_name_char(name[-1]):
        raise _bad_username("a letter or digit first and last")
    if _has_pile_of_marks(name):
        raise _bad_username("fewer marks on one letter")
    return name


def check_display_name(display_name: str) -> str:
    """Allow any visible text on one line; no controls, no hidden direction marks."""
    name = unicodedata.normalize("NFC", re.sub(r"[ \t\u00a0\u3000]+", " ", display_name).strip())
    if not 1 <= len(name) <= MAX_DISPLAY_NAME_CHARS:
        raise _bad_display_name(f"1 to {MAX_DISPLAY_NAME_CHARS} characters")
    for place, char in enumerate(name):
        is_hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
        if is_no_text(char) or (is_hidden and not _is_needed_joiner(name, place)):
            raise _bad_display_name("no control or formatting characters")
    if not any(is_visible(char) for char in name):
        raise _bad_display_name("something to see")
    if _has_pile_of_marks(name):
        raise _bad_display_name("fewer marks on one letter")
    return name


def require_no_administrators_name(display_name: str, administrators: Iterable[str]) -> None:
    """Raise RequestRefused for an administrator's display name, and for one that looks
    like it: nobody passes for who speaks there."""
    looks = skeleton(display_name)
    if any(skeleton(name) == looks for name in administrators):
        raise RequestRefused(
            Refusal.DISPLAY_NAME_TAKEN, "an administrator has this name, or one like it"
        )


def check_password(password: str, username: str) -> None:
    """Require that it is long enough, and not the first thing that anyone would try."""
    if len(password) < MIN_PASSWORD_CHARS:
        raise RequestRefused(
            Refusal.PASSWORD_TOO_SHORT, f"at least {MIN_PASSWORD_CHARS} characters"
        )
    if len(password) > MAX_PASSWORD_CHARS:
        raise RequestRefused(Refusal.PASSWORD_TOO_LONG, f"at most {MAX_PASSWORD_CHARS} characters")
    if _is_simple(username_key(password), username_key(username)):
        raise RequestRefused(Refusal.PASSWORD_TOO_SIMPLE, "too easily guessed")


def _is_simple(password: str, username: str) -> bool:
    if len(set(password)) < MIN_DIFFERENT_CHARS:
        return True
    for name in (username, username[::-1]):
        if name in password and len(password) - len(name) < MIN_DIFFERENT_CHARS:
            return True
    if any(password in run * 3 or password in run[::-1] * 3 for run in _RUNS):
        return True
    return _is_repetition(password) or is_common(password)


def _is_repetition(password: str) -> bool:
    """Tell whether it is one short block again and again ("abcdeabcde")."""
    # A string that stands in its own double, ends cut off, repeats a block.
    return password in (password + password)[1:-1]


def _is_name_char(char: str) -> bool:
    # Combining marks belong to the letters of many scripts (Mn, Mc).
    return (
        unicodedata.category(char) in ("Ll", "Lu", "Lt", "Lm", "Lo", "Nd", "Mn", "Mc")
        and _INVISIBLE.match(char) is None
    )


def _is_needed_joiner(name: str, place: int) -> bool:
    """Tell whether a zero-width joiner or non-joiner stands where Persian, Sinhala and
    others can't be written without (RFC 5892, appendices A.1 and A.2)."""
    if name[place] not in "\u200c\u200d":
        return False
    from idna.core import valid_contextj  # with its tables, which few rooms need

    try:
        return valid_contextj(name, place)
    except ValueError:  # a character of no known joining type
        return False


def _has_pile_of_marks(name: str) -> bool:
    # As they would be drawn: what is composed with its letter is none of them.
    run = ""
    for char in unicodedata.normalize("NFC", name):
        if unicodedata.category(char) not in ("Mn", "Me"):
            run = ""
        elif len(run) == MAX_MARKS_IN_A_ROW or run.endswith(char):
            return True
        else:
            run += char
    return False


def _bad_username(detail: str) -> RequestRefused:
    return RequestRefused(Refusal.USERNAME_INVALID, detail)


def _bad_display_name(detail: str) -> RequestRefused:
    return RequestRefused(Refusal.DISPLAY_NAME_INVALID, detail)


def is_common(key: str) -> bool:
    """Tell whether this password, case folded, is a common one, or one of those with
    nothing but digits and signs around it that are no longer than itself."""
    common = _common()
    if key in common:
        return True
    core = _core(key)
    return len(core) * 2 >= len(key) and core in common


def _core(key: str) -> str:
    """Return what stands from the first letter to the last."""
    letters = [at for at, char in enumerate(key) if char.isalpha()]
    return key[letters[0] : letters[-1] + 1] if letters else ""


@cache
def _common() -> frozenset[str]:
    # Read when the first password is chosen: most starts of a server see none.
    lines = COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
