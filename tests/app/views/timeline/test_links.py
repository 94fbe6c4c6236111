"""Web addresses are found in a text, with nothing of the sentence around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.views.timeline import links

AROUND = ("“”", "»«", "«»", "‘’", "「」", "『』", "【】", "（）", "‹›", "<>", "()", "[]")
STOPS = "،؛؟۔।॥։።។၊။。，！？：；…"
MARKS = ("\u200b", "\u200c", "\u200e", "\u200f", "\u202b", "\u2067", "\ufeff")


def found(text: str) -> list[str]:
    return [piece for piece, is_link in links.split(text) if is_link]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://example.org", ["https://example.org"]),
        ("HTTP://Example.org/A", ["HTTP://Example.org/A"]),
        ("https://example.org/a?b=c&d=%20#e-f_g~h", ["https://example.org/a?b=c&d=%20#e-f_g~h"]),
        ("http://10.0.0.5:7450/x", ["http://10.0.0.5:7450/x"]),
        ("http://[::1]:80/", ["http://[::1]:80/"]),
        ("two: http://a.example, http://b.example.", ["http://a.example", "http://b.example"]),
        ("(see https://example.org/a)", ["https://example.org/a"]),
        ("https://example.org/Fire_(safety)", ["https://example.org/Fire_(safety)"]),
        ("(https://example.org/Fire_(safety)).", ["https://example.org/Fire_(safety)"]),
        ("<https://example.org>", ["https://example.org"]),
        ('"https://example.org"', ["https://example.org"]),
        ("{https://example.org}", ["https://example.org"]),
        ("really https://example.org?!…", ["https://example.org"]),
        ("请看 https://example.org/a，谢谢", ["https://example.org/a"]),
        ("请看https://example.org/a谢谢", ["https://example.org/a"]),
        ("https://example.org/über/é", ["https://example.org/über/é"]),
        # What closes around it.
        *((f"{a[0]}https://a.example/x{a[1]}.", ["https://a.example/x"]) for a in AROUND),
        *((f"https://a.example/x{stop}", ["https://a.example/x"]) for stop in STOPS),
        *((f"{mark}https://a.example/x{mark}", ["https://a.example/x"]) for mark in MARKS),
        # What belongs to it.
        ("https://a.example/消防/演习 好", ["https://a.example/消防/演习"]),
        ("https://a.example/?q=消防&b=演习。", ["https://a.example/?q=消防&b=演习"]),
        ("https://例子.测试/路径", ["https://例子.测试/路径"]),
        ("https://a.example谢谢", ["https://a.example"]),
        ("https://a.example/x[1](2)", ["https://a.example/x[1](2)"]),
        ("(www.example.org)", ["www.example.org"]),
        ("see www.example.org/a.", ["www.example.org/a"]),
        (
            "http://localhost:8080/x and http://intranet",
            ["http://localhost:8080/x", "http://intranet"],
        ),
    ],
)
def test_an_address_is_found(text: str, addresses: list[str]) -> None:
    assert found(text) == addresses


@pytest.mark.parametrize(
    "text",
    ["", "http", "https://", "http://.", "https:// example.org", "ftp://example.org", "example.org",
     "www.", "www.a", "awww.example.org", "x@www.example.org", "ftp://www.example.org/x",
     "javascript:alert(1)", "file:///etc/passwd", "mailto:a@example.org"],
)  # fmt: skip
def test_what_is_no_web_address_is_none(text: str) -> None:
    assert found(text) == []


@given(
    st.lists(
        st.one_of(
            st.text(max_size=20),
            st.sampled_from(["http://a.example/", "https://", ")", "(", ".", "{", "\\", "，", " "]),
        )
    ).map("".join)
)
def test_nothing_is_lost_or_added(text: str) -> None:
    pieces = links.split(text)
    assert "".join(piece for piece, _ in pieces) == text
    assert all(piece for piece, _ in pieces)
    for address in found(text):
        assert links.target(address).lower().startswith(("http://", "https://"))
        assert not address.endswith((".", ",", "!", "?", "://"))


def test_a_text_that_is_made_to_take_long_does_not() -> None:
    for hostile in ("http://" * 570, "http://a@" * 440, "www." * 1000):
        assert "".join(piece for piece, _ in links.split(hostile)) == hostile
    many = "see http://a.example/ and " * 150
    assert len(found(many)) == 150, "what is found is not counted"
    assert len(found("https:// " * 25 + "http://a.example/")) == 0
