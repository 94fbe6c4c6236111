"""Nobody passes for somebody else by letters that look like others."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.messages import AccountState, GetPeople, People, Register, Role, SignedIn
from protocol.refusals import Refusal
from server.domain.accounts import MAX_MARKS_IN_A_ROW, check_display_name, check_username
from server.domain.errors import RequestRefused
from server.domain.lookalikes import skeleton
from server.storage.sqlite import open_store
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD, Connect
from tests.support.running import Operator
from tests.support.wire import WireClient

ALIKE = [
    ("alice", "аlice"),  # Cyrillic a
    ("alice", "al\u0131ce"),  # dotless i
    ("alice", "aIice"),
    ("alice", "a1ice"),
    ("Alice", "АLICE"),
    ("Bob", "Воb"),
    ("bill", "BiIl"),
    ("Mark", "rnark"),
    ("zo\u00eb", "zoe\u0308"),
    ("Αθηνά", "Aθηνά"),  # a Greek and a Latin capital A
    ("o0o0", "0O0o"),
    ("میروم", "می\u200cروم"),  # a joiner is not seen
]
DIFFERENT = [
    ("alice", "alicia"),
    ("zoë", "zoe"),
    ("müller", "muller"),
    ("user1", "user2"),
    ("服务", "服務"),
    ("anna.k", "anna-k"),
    ("иван", "ivan"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_looks_alike_has_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_looks_different_has_not(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text(max_size=20))
def test_a_skeleton_is_the_same_however_the_name_is_composed(name: str) -> None:
    assert skeleton(name) == skeleton(unicodedata.normalize("NFD", name))
    assert skeleton(name) == skeleton(unicodedata.normalize("NFC", name))


def register(client: WireClient, username: str, display_name: str = "") -> str:
    """The code of the refusal; empty: it is in."""
    request = Register(client.number(), username, display_name or username, PASSWORD)
    client.say(request)
    answer = client.next()
    return "" if isinstance(answer, SignedIn) else str(getattr(answer, "code", answer))


@pytest.mark.parametrize("username", ["аlice", "al\u0131ce", "aIice", "ａｌｉｃｅ", "ALICE"])
def test_a_username_that_looks_like_anothers_is_taken(connect: Connect, username: str) -> None:
    assert register(connect(), username, "Somebody") == Refusal.USERNAME_TAKEN


@pytest.mark.parametrize(
    "display_name",
    ["Amelia Hart", "AMELIA HART", "Amеlia Hаrt", "Ameli\u0430 H\u0430rt", "AmeIia Hart"],
)
def test_nobody_comes_under_the_name_of_who_speaks_there(
    connect: Connect, display_name: str
) -> None:
    assert register(connect(), "mallory", display_name) == Refusal.DISPLAY_NAME_TAKEN
    assert register(connect(), "amelia.h", "Amelia Hart, 7b") == ""


def test_members_may_share_a_display_name(connect: Connect) -> None:
    assert [register(connect(), f"anna{letter}", "Anna Berg") for letter in "abc"] == [""] * 3


def test_the_name_of_who_was_removed_is_free_with_all_that_looks_like_it(
    data_dir: Path, connect: Connect
) -> None:
    operator = Operator(data_dir)
    operator.do("user", "add", "carol")
    assert "taken" in operator.refused("user", "add", "сarol")  # Cyrillic c
    operator.do("user", "remove", "carol", "--yes")
    assert register(connect(), "сarol", "Carol") == ""


PILES = ["a" + "\u0301\u0316" * 3, "a\u0489\u0489bc", "abc" + "\u0335\u0336\u0337\u0338\u0322"]
WRITING = ["Nguyễn", "ท่านผู้ใหญ่", "שָׁלוֹם", "مُحَمَّدٌ", "क्षत्रिय", "བསྒྲུབས", "Zo\u0308e\u0308", "Ṩ̣ab"]


@pytest.mark.parametrize("name", PILES)
def test_marks_do_not_pile_up_on_a_letter(name: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        check_display_name(name)
    assert refused.value.code == Refusal.DISPLAY_NAME_INVALID
    with pytest.raises(RequestRefused):
        check_username(name)


@pytest.mark.parametrize("name", WRITING)
def test_the_marks_of_real_scripts_are_none_of_a_pile(name: str) -> None:
    assert check_display_name(name) == unicodedata.normalize("NFC", name)
    assert MAX_MARKS_IN_A_ROW == 4


@pytest.fixture
def shown(connect: Connect, data_dir: Path) -> WireClient:
    """An administrator's view of people whose names are written in many ways."""
    with open_store(data_dir) as store, store.transaction():
        for username, display_name in {
            "zoe": "Zoe\u0308 Ｏｋａｆｏｒ",
            "wide": "Ｗｉｄｅ ﬁeld",
            "strasse": "Jürgen Straße",
        }.items():
            store.users.add(
                username, display_name, Role.MEMBER, "hash", NOW_MS, AccountState.ACTIVE
            )
    client = connect()
    client.sign_in(ADMIN, PASSWORD)
    return client


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("zo\u00eb okafor", "zoe"),
        ("ZOE\u0308", "zoe"),
        ("okafor", "zoe"),
        ("ｏｋａ", "zoe"),
        ("wide field", "wide"),
        ("JU\u0308RGEN", "strasse"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
    ],
)
def test_a_search_finds_what_is_shown_however_it_is_written(
    shown: WireClient, search: str, found: str
) -> None:
    people = shown.ask(GetPeople(shown.number(), search, 0, 10), People).people
    assert [one.username for one in people] == [found]
