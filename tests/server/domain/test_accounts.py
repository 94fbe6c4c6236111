"""The rules for names and passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.refusals import Refusal
from server.domain.accounts import check_display_name, check_password, check_username
from server.domain.errors import RequestRefused
from server.domain.user import username_key


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("amelia", "amelia"),
        (" amelia ", "amelia"),
        ("Amelia.Hart-2_b", "Amelia.Hart-2_b"),
        ("李明明", "李明明"),
        ("ａｍｙ", "amy"),
        ("Zoë", "Zoë"),
        ("x" * 32, "x" * 32),
        ("अमित", "अमित"),
        ("می\u200cروم", "می\u200cروم"),  # Persian, between letters that join
        ("ශ්\u200dරී.ලංකා", "ශ්\u200dරී.ලංකා"),  # Sinhala, after a virama
    ],
)
def test_usernames_that_are_kept(typed: str, kept: str) -> None:
    assert check_username(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "ab", "x" * 33, "two words", ".amy", "amy.", "a@b.c", "🔔🔔🔔", "a\x00b"),
        *("amy\u200b", "am\u3164y", "amy\ufe0f", "a\u034fmy", "a\u17b4my", "am\U000e0100y"),
        *("\u0301amy", "\u0903amy"),
        *("a\u200cmy", "am\u200dy", "amy\u200c", "\u200camy", "می\u200c", "می\u200dروم"),
    ],
)
def test_usernames_that_are_refused(typed: str) -> None:
    with pytest.raises(RequestRefused) as rejected:
        check_username(typed)
    assert rejected.value.code is Refusal.USERNAME_INVALID


@given(st.text(max_size=40))
def test_a_kept_username_is_stable_and_has_one_key(typed: str) -> None:
    try:
        kept = check_username(typed)
    except RequestRefused:
        return
    assert check_username(kept) == kept
    assert username_key(kept) == username_key(kept.upper()) or kept.upper().lower() != kept.lower()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ben   Osei ", "Ben Osei"),
        ("李\u3000明", "李 明"),
        ("x", "x"),
        ("🔔", "🔔"),
        ("\U0001fae8", "\U0001fae8"),
        ("می\u200cروم", "می\u200cروم"),
    ],
)
def test_display_names_that_are_kept(typed: str, kept: str) -> None:
    assert check_display_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "x" * 65,
        "Ben\nOsei",
        "evil \u202e name",
        "\u200b",
        "\u3164",
        "\u0301",
        "a\u200cb",
        "non\ufdd0",
        "\U0001ffff",
        "\U000e0080",
        "half \ud83d",
    ],
)
def test_display_names_that_are_refused(typed: str) -> None:
    with pytest.raises(RequestRefused) as rejected:
        check_display_name(typed)
    assert rejected.value.code is Refusal.DISPLAY_NAME_INVALID


@pytest.mark.parametrize(
    "password",
    ["correct horse", "x1!y2@z3#w", "这是一个足够长的密码啊", "amelia and nine more words"],
)
def test_passwords_that_are_kept(password: str) -> None:
    check_password(password, "amelia")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", Refusal.PASSWORD_TOO_SHORT),
        ("ninechars", Refusal.PASSWORD_TOO_SHORT),
        ("x" * 257, Refusal.PASSWORD_TOO_LONG),
        ("aaaaaaaaaaaa", Refusal.PASSWORD_TOO_SIMPLE),
        ("1234567890", Refusal.PASSWORD_TOO_SIMPLE),
        ("0987654321", Refusal.PASSWORD_TOO_SIMPLE),
        ("abcdefghijkl", Refusal.PASSWORD_TOO_SIMPLE),
        ("QWERTYUIOP", Refusal.PASSWORD_TOO_SIMPLE),
        ("abcdeabcde", Refusal.PASSWORD_TOO_SIMPLE),
        ("Amelia.Hart", Refusal.PASSWORD_TOO_SIMPLE),
        ("amelia.hart1", Refusal.PASSWORD_TOO_SIMPLE),
        ("trah.ailema", Refusal.PASSWORD_TOO_SIMPLE),
    ],
)
def test_passwords_that_are_refused(password: str, code: Refusal) -> None:
    with pytest.raises(RequestRefused) as rejected:
        check_password(password, "amelia.hart")
    assert rejected.value.code is code
