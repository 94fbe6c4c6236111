"""Join codes: what is written is read, and nothing else is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import joincode
from protocol.joincode import BadJoinCode, JoinCode
from tests.protocol import document

CODE = JoinCode("chat.northgate.example", 7450, bytes(range(32)))
TEXT = joincode.write(CODE)

codes = st.builds(
    JoinCode,
    host=st.text(min_size=1, max_size=253),
    port=st.integers(1, 65535),
    fingerprint=st.sampled_from([b"", bytes(32), b"\xff" * 32]),
    invite=st.binary(max_size=64),
)


@given(codes)
def test_what_is_written_is_read(code: JoinCode) -> None:
    try:
        text = joincode.write(code)
    except UnicodeEncodeError:
        return  # half a surrogate pair is no host
    if len(text) <= joincode.MAX_CHARS:
        assert joincode.read(text) == code
        assert joincode.looks_like_one(text)


def test_the_documents_example_is_what_it_says() -> None:
    found = re.search(r"^```join-code\n(.*)\n```$", document.text(), re.MULTILINE)
    assert found is not None
    assert found[1] == TEXT
    assert joincode.read(found[1]) == CODE


def test_it_survives_what_mail_does_to_it() -> None:
    broken = f"  {TEXT[:30]}\r\n{TEXT[30:60]}\n\t{TEXT[60:]} \n"
    assert joincode.read(broken) == CODE
    assert joincode.read("ROSTRUM1." + TEXT[9:]) == CODE


@pytest.mark.parametrize(
    "pasted",
    [
        f"Please use this code: {TEXT}. It is good for a week.",
        f"Hello,\n\n{TEXT}\n\nBest wishes, the office",
        *(f"{a}{TEXT}{b}" for a, b in ("“”", "‹›", "«»", "<>", "()", "「」", '""', "''", "**")),
        f"请用邀请码{TEXT}，谢谢",
        f"\u200b{TEXT[:20]}\u200b{TEXT[20:]}\u200e\ufeff",
        f"> {TEXT[:40]}\n> {TEXT[40:]}\n>\n> wrote the office",
        "ｒｏｓｔｒｕｍ１．" + TEXT[9:],
        f"{TEXT[:30]} {TEXT[30:]} thank you",
        f"rostrum1.abc was the old one; the new one is {TEXT}!",
        f"(rostrum1.) {TEXT}",
    ],
)
def test_it_is_found_wherever_it_stands_in_what_is_pasted(pasted: str) -> None:
    assert joincode.looks_like_one(pasted)
    assert joincode.read(pasted) == CODE


def test_a_name_with_that_in_it_is_none() -> None:
    assert not joincode.looks_like_one("my-rostrum1.example.org:7450")
    assert not joincode.looks_like_one("https://chat.rostrum1.example.org")


def test_p9_a_huge_paste_is_looked_through_in_no_time() -> None:
    for huge in ("rostrum1." * 2_000, "rostrum1." + "A " * 9_000, " " * 1_000_000 + TEXT):
        with pytest.raises(BadJoinCode):
            joincode.read(huge)


def test_it_is_made_of_characters_that_go_anywhere() -> None:
    assert TEXT.isascii()
    assert TEXT.replace(".", "").replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("at", range(len(TEXT)))
def test_one_wrong_or_missing_character_is_found(at: int) -> None:
    other = "A" if TEXT[at] != "A" else "B"
    for damaged in (TEXT[:at] + other + TEXT[at + 1 :], TEXT[:at] + TEXT[at + 1 :], TEXT[:at]):
        with pytest.raises(BadJoinCode):
            joincode.read(damaged)


@given(st.text(max_size=700))
def test_p9_anything_else_is_refused_and_nothing_worse(text: str) -> None:
    for candidate in (text, joincode.PREFIX + text):
        with pytest.raises(BadJoinCode):
            joincode.read(candidate)


@pytest.mark.parametrize(
    "code",
    [
        JoinCode("", 7450, bytes(32)),
        JoinCode("host", 0, bytes(32)),
        JoinCode("host", 65536, bytes(32)),
        JoinCode("host", 7450, bytes(31)),
        JoinCode("host", 7450, bytes(33)),
        JoinCode("host", 7450, bytes(32), bytes(65)),
        JoinCode("h" * 254, 7450, bytes(32)),
    ],
)
def test_a_code_out_of_its_bounds_is_refused(code: JoinCode) -> None:
    with pytest.raises(BadJoinCode):
        joincode.read(joincode.write(code))
