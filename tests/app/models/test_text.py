"""What is typed or pasted, made into what the room takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.text import clean_text
from server.domain.errors import RequestRefused
from server.domain.messages.history import check_text, is_no_text


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a\r\nb\rc\vd\fe\u2028f", "a\nb\nc\nd\ne\nf"),
        ("a\0b\x1b[31mc\x7f", "ab[31mc"),
        ("  kept\t \n\n", "  kept"),
        ("👩‍👩‍👧 全体\ud800", "👩‍👩‍👧 全体"),
    ],
)
def test_what_nobody_sees_is_taken_out(typed: str, sent: str) -> None:
    assert clean_text(typed) == sent


def test_no_character_that_no_text_has_is_sent() -> None:
    refused = [chr(code) for code in range(0x110000) if is_no_text(chr(code))]
    assert len(refused) > 2_000
    assert set(clean_text(f"a{''.join(refused)}b")) == set("a\nb"), "some end lines"


@given(st.text(max_size=100))
def test_what_is_sent_is_never_refused_for_its_characters(typed: str) -> None:
    try:
        assert check_text(clean_text(typed), 4000) == clean_text(typed)
    except RequestRefused as rejected:
        assert rejected.code == "text_empty"  # noqa: PT017
