"""What looks the same on the screen is found, and marked where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.search import is_found, key_of, places_in, terms_of

TEXTS = st.text(alphabet=st.sampled_from("aAäÄß ﬁ天气ﾞｶＡ①İ\u0301\u00ad\n\t가ᄀ\u1161"), max_size=20)


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Fire drill at 10:30", "FIRE", ["Fire"]),
        ("Ｆｉｒｅ drill", "fire", ["Ｆｉｒｅ"]),
        ("fire drill", "ｆｉｒｅ", ["fire"]),
        ("the café is closed", "cafe\u0301", ["café"]),
        ("the cafe\u0301 is closed", "CAFÉ", ["cafe\u0301"]),
        ("an im\u00adportant one", "important", ["im\u00adportant"]),
        ("the ﬁrst floor", "first", ["ﬁrst"]),
        ("Hauptstraße 3", "STRASSE", ["straße"]),
        ("明天气温下降", "天气", ["天气"]),
        ("ｶﾞｲﾄﾞ", "ガイド", ["ｶﾞｲﾄﾞ"]),
        ("north\n  field", '"north field"', ["north\n  field"]),
        ("north\n  field", "field nor", ["nor", "field"]),
        ("gather on the north field", "“north field”", ["north field"]),
        ("anana", "ana", ["ana"]),
        ('a 19" rack', '"', ['"']),
    ],
)
def test_it_is_found_and_marked(text: str, query: str, marked: list[str]) -> None:
    terms = terms_of(query)
    assert is_found(key_of(text), terms)
    assert [text[start:end] for start, end in places_in(text, terms)] == marked


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("fire drill", "fire alarm"),
        ("field north", '"north field"'),
        ("cafe", "café"),
        ("天 气", "天气"),
    ],
)
def test_it_is_not_found(text: str, query: str) -> None:
    assert not is_found(key_of(text), terms_of(query))


@pytest.mark.parametrize("query", ["", "  ", "\u200b", "\n\t "])
def test_a_query_of_nothing_has_no_terms(query: str) -> None:
    assert terms_of(query) == ()


@given(TEXTS, TEXTS, TEXTS)
def test_every_part_of_a_text_finds_it(before: str, part: str, after: str) -> None:
    text = f"{before} {part} {after}"
    terms = terms_of(part)
    assert is_found(key_of(text), terms)
    places = places_in(text, terms)
    assert bool(places) == bool(terms)
    ends = [0, *(place for pair in places for place in pair), len(text)]
    assert ends == sorted(ends), "places lie within the text, in order, and do not overlap"


@given(TEXTS)
def test_a_key_is_its_own(text: str) -> None:
    assert key_of(key_of(text)) == key_of(text)
