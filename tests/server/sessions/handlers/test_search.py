"""Searching over the wire: by text, author and time, page by page."""

import pytest

from protocol.limits import MAX_FOUND
from protocol.messages import Done, Edit, Found, Post, Posted, Search, Withdraw
from protocol.refusals import Refusal
from server.sessions.handlers import search as handler
from tests.server.conftest import NOW_MS, Jump
from tests.support.wire import WireClient

pytestmark = pytest.mark.usefixtures("jump")


def post(author: WireClient, *texts: str) -> None:
    for text in texts:
        key = author.number().to_bytes(16, "big")
        author.ask(Post(author.number(), key, text), Posted)


def search(client: WireClient, text: str = "", **more: object) -> Found:
    limit = more.pop("limit", MAX_FOUND)
    return client.ask(Search(client.number(), text, limit, **more), Found)  # type: ignore[arg-type]


def ids(found: Found) -> list[int]:
    return [message.id for message in found.messages]


def test_a_member_finds_by_words_and_by_parts_of_them(alice: WireClient, bob: WireClient) -> None:
    post(alice, "Fire drill at 10:30", "明天气温下降", "The café is CLOSED", "drilling in block C")
    assert ids(search(bob, "DRILL")) == [4, 1]
    assert ids(search(bob, "drill fire")) == [1]
    assert ids(search(bob, "天气")) == [2]
    assert ids(search(bob, "ｃｌｏｓｅｄ cafe\u0301")) == [3]
    assert ids(search(bob, "lift")) == []
    whole = search(bob, "fire")
    assert whole.through_id == 1 and whole.messages[0].text == "Fire drill at 10:30"


def test_by_author_and_time(alice: WireClient, bob: WireClient, jump: Jump) -> None:
    post(alice, "one")
    jump(NOW_MS + 1000)
    post(alice, "two")
    assert ids(search(bob, author="hart")) == [2, 1]
    assert ids(search(bob, author="osei")) == []
    assert ids(search(bob, from_ms=NOW_MS + 1)) == [2]
    assert ids(search(bob, to_ms=NOW_MS + 1000)) == [1]
    assert ids(search(bob, "o", author="AMELIA", from_ms=NOW_MS, to_ms=NOW_MS + 1)) == [1]


@pytest.mark.parametrize("text", ["", "  ", "\u200b"])
def test_p10_looking_for_nothing_is_told(alice: WireClient, text: str) -> None:
    assert alice.refusal(Search(alice.number(), text, 20)).code == Refusal.SEARCH_EMPTY


def test_page_by_page_each_once(alice: WireClient) -> None:
    post(alice, *(f"number {number}" for number in range(1, 8)))
    pages, before_id = [], 0
    while before_id != 1:
        page = search(alice, "number", limit=3, before_id=before_id)
        pages.append(ids(page))
        before_id = page.through_id
    assert [one for page in pages for one in page] == [7, 6, 5, 4, 3, 2, 1]
    assert pages[0] == [7, 6, 5]


def test_a_withdrawn_text_is_found_by_nobody_and_an_edited_one_as_it_is(
    alice: WireClient, bob: WireClient
) -> None:
    post(alice, "the secret", "the mistake")
    alice.ask(Withdraw(alice.number(), 1), Done)
    alice.ask(Edit(alice.number(), 2, "the correction"), Done)
    for person in (alice, bob):
        assert ids(search(person, "secret")) == ids(search(person, "mistake")) == []
        assert ids(search(person, "the")) == ids(search(person, author="hart")) == [2]


def test_it_tells_how_far_it_came_where_looking_takes_long(
    alice: WireClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(alice, "one", "two", "three")
    monkeypatch.setattr(handler, "MAX_STEPS", 0)
    found = search(alice, "o", before_id=3)
    assert (ids(found), found.through_id) == ([], 3)


def test_long_ones_come_in_several_answers(alice: WireClient) -> None:
    post(alice, *("大" * 4000 for _ in range(30)))
    first = search(alice, "大")
    assert 0 < len(first.messages) < 30, "as many as one answer carries"
    assert first.through_id == first.messages[-1].id
    assert ids(search(alice, "大", before_id=first.through_id))[0] == first.through_id - 1
