"""An excerpt has what was found in it, and loses nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.kit.excerpts import ELLIPSIS, WIDTH, excerpt, marked
from protocol.search import terms_of


def words(text: str, query: str) -> str:
    """The excerpt, with brackets around what was found."""
    pieces = excerpt(text, terms_of(query))
    return "".join(f"[{piece}]" if is_found else piece for piece, is_found in pieces)


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("The fire drill", "FIRE", "The [fire] drill"),
        ("one\n  fire", "fire", "one [fire]"),
        ("明天气温下降", "天气", "明[天气]温下降"),
        ("ababab", "ab ba", "[ababab]"),
        ("no such thing", "fire", "no such thing"),
        ("", "fire", ""),
    ],
)
def test_short_ones_are_whole(text: str, query: str, expected: str) -> None:
    assert words(text, query) == expected


@pytest.mark.parametrize("filler", ["word ", "字"])
def test_of_a_long_one_what_surrounds_it(filler: str) -> None:
    text = filler * 200 + "needle " + filler * 200
    found = words(text, "needle")
    assert found.startswith(ELLIPSIS) and found.endswith(ELLIPSIS)
    assert "[needle]" in found and len(found) < WIDTH + 20


@given(st.text(st.sampled_from("ab 字e\u0301"), max_size=300), st.sampled_from(["a", "ab", "字 b"]))
def test_it_is_a_part_of_the_line(text: str, query: str) -> None:
    pieces = excerpt(text, terms_of(query))
    shown = "".join(piece for piece, _ in pieces).strip(ELLIPSIS)
    assert shown in " ".join(text.split())


@given(
    st.lists(st.tuples(st.text("ab\n", max_size=6), st.sampled_from([("x",), ("x", "y")]))),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=3),
)
def test_marking_changes_no_words_and_no_other_tags(
    pieces: list[tuple[str, tuple[str, ...]]], some: list[tuple[int, int]]
) -> None:
    spans, at = [], 0
    for first, last in sorted(some):
        if first >= at and last > first:
            spans.append((first, last))
            at = last
    flat = [part for piece in pieces for part in piece]
    done = marked(flat, spans, "found")
    chars = [(char, tags) for text, tags in pieces for char in text]
    told = [(char, tags) for text, tags in zip(done[::2], done[1::2], strict=True) for char in text]
    assert [(char, tuple(tag for tag in tags if tag != "found")) for char, tags in told] == chars
    assert [place for place, (_, tags) in enumerate(told) if "found" in tags] == [
        place for first, last in spans for place in range(first, min(last, len(chars)))
    ]
