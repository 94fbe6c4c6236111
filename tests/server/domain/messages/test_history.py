"""What a text must be to be kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.refusals import Refusal
from server.domain.errors import RequestRefused
from server.domain.messages.history import check_text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hello", "hello"),
        ("two\r\nlines\rthree", "two\nlines\nthree"),
        ("trailing \n\n ", "trailing"),
        ("  indented\ttab", "  indented\ttab"),
        ("全体注意 🔔 مرحبا", "全体注意 🔔 مرحبا"),
        ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
        ("x" * 4000, "x" * 4000),
        ("x" * 4000 + "\n \n", "x" * 4000),
        ("\u0378 not assigned yet", "\u0378 not assigned yet"),
        ("\U0001fae8", "\U0001fae8"),  # newer than Python 3.11's tables, and all there is
        ("می\u200cروم", "می\u200cروم"),
    ],
)
def test_texts_that_are_kept(typed: str, kept: str) -> None:
    assert check_text(typed, 4000) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", Refusal.TEXT_EMPTY),
        (" \n\t\u3000", Refusal.TEXT_EMPTY),
        ("\u200b\u2060", Refusal.TEXT_EMPTY),
        ("\u3164\u2800", Refusal.TEXT_EMPTY),
        ("\U000e0080\u2065\ufff0", Refusal.TEXT_EMPTY),
        ("x" * 4001, Refusal.TEXT_TOO_LONG),
        ("nul \0", Refusal.TEXT_INVALID),
        ("escape \x1b[31m", Refusal.TEXT_INVALID),
        ("\x7f delete", Refusal.TEXT_INVALID),
        ("\ud800 lone", Refusal.TEXT_INVALID),
        ("\ufffe non", Refusal.TEXT_INVALID),
        ("\U0001ffff non", Refusal.TEXT_INVALID),
        ("\ufdd0 non", Refusal.TEXT_INVALID),
    ],
)
def test_texts_that_are_refused(typed: str, code: Refusal) -> None:
    with pytest.raises(RequestRefused) as rejected:
        check_text(typed, 4000)
    assert rejected.value.code is code


@given(st.text(max_size=200))
def test_a_kept_text_is_stable_and_can_be_encoded(typed: str) -> None:
    try:
        kept = check_text(typed, 100)
    except RequestRefused:
        return
    assert check_text(kept, 100) == kept
    assert len(kept) <= 100
    assert kept.encode()
