"""What is being written is kept: over quitting, a crash, a sign-out and a change
of role; and nothing is said to be kept that is not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.controllers.room import posting
from app.models.room.cache import Cache
from app.models.room.outbox_item import EMPTY, Draft, PostState
from protocol.messages import Goodbye, Person, Post, Posted, Priority, Role, YouChanged
from protocol.refusals import Farewell
from tests.app.controllers.play import ALICE, BOB, Play

DRAFT = Draft("half a sen\n\t🔔", Priority.IMPORTANT, ("Here", "Away"), lifetime_ms=3_600_000)
LONG = Draft("x" * 50_000)


@pytest.fixture
def alice(play: Play) -> Play:
    play.sign_in(ALICE)
    return play


def cache_of(play: Play) -> Cache:
    cache = play.client.kept.cache
    assert cache is not None
    return cache


def fill_the_disk(play: Play) -> None:
    """From now on SQLite finds no room for another page, as on a full disk."""
    cache_of(play)._posts.execute("PRAGMA max_page_count = 1")


def drafts_on_disk(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        query = "SELECT count(*) FROM facts WHERE name = 'draft'"
        (count,) = file.execute(query).fetchone()
    return int(count)


def test_p10_a_draft_is_kept_over_quitting_with_all_that_was_chosen(
    alice: Play, tmp_path: Path
) -> None:
    (path,) = tmp_path.glob("**/rooms/*.db")
    alice.client.posting.write(Draft("half"))
    alice.client.posting.write(DRAFT)
    alice.client.close()
    with closing(Cache(path)) as cache:
        assert cache.draft == DRAFT


def test_p10_a_crash_costs_a_second_of_it(
    alice: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "KEEP_AFTER_S", 0.01)
    (path,) = tmp_path.glob("**/rooms/*.db")
    alice.client.posting.write(DRAFT)
    alice.until(lambda: drafts_on_disk(path) == 1, "to have it on the disk")
    alice.client.posting.write(EMPTY)
    alice.until(lambda: drafts_on_disk(path) == 0, "to have it gone again")


def test_p10_a_draft_is_kept_when_the_server_signs_one_out(alice: Play) -> None:
    alice.client.posting.write(DRAFT)
    alice.say(Goodbye(Farewell.SIGNED_OUT, 0))
    alice.until(lambda: alice.client.account.person is None, "to be signed out")
    assert alice.client.outbox.draft == EMPTY
    alice.greet()
    alice.sign_in(BOB, b"b" * 32)
    assert alice.client.outbox.draft == EMPTY, "nobody else sees it"
    alice.client.posting.write(Draft("Bob's"))
    alice.client.session.sign_out()
    alice.break_off()
    alice.greet()
    alice.sign_in(ALICE)
    assert alice.client.outbox.draft == DRAFT


def test_p10_a_change_of_role_loses_nothing(alice: Play) -> None:
    alice.client.posting.write(DRAFT)
    for role in (Role.MEMBER, Role.ADMIN):
        alice.say(YouChanged(Person(ALICE.id, ALICE.username, ALICE.display_name, role)))
        alice.until(
            lambda role=role: alice.client.account.person.role is role,  # type: ignore[misc, union-attr]
            "to be told",
        )
    assert alice.client.outbox.draft == DRAFT


def test_what_was_sent_is_no_draft_any_more(alice: Play, tmp_path: Path) -> None:
    (path,) = tmp_path.glob("**/rooms/*.db")
    alice.client.posting.write(DRAFT)
    assert alice.client.posting.keep_draft() and drafts_on_disk(path) == 1
    assert alice.client.posting.send(DRAFT)
    assert drafts_on_disk(path) == 0 and alice.client.outbox.draft == EMPTY


def test_two_windows_on_one_folder_keep_two_drafts(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with closing(Cache(path)) as first, closing(Cache(path)) as second:
        assert first.keep_draft(Draft("first")) and second.keep_draft(Draft("second"))
        assert (first.draft, second.draft) == (Draft("first"), Draft("second"))


# -- a full disk -------------------------------------------------------------------


def test_p10_on_a_full_disk_offline_nothing_is_taken_that_would_be_lost(alice: Play) -> None:
    alice.break_off()
    fill_the_disk(alice)
    alice.client.posting.write(LONG)
    assert not alice.client.posting.send(LONG)
    assert alice.client.outbox.items == [] and alice.client.outbox.draft == LONG
    assert not alice.client.posting.keep_draft(), "whoever closes now is asked first"
    cache_of(alice)._posts.execute("PRAGMA max_page_count = 100000")
    assert alice.client.posting.keep_draft() and alice.client.posting.send(LONG)
    assert alice.client.outbox.is_kept(alice.client.outbox.items[0].post_id)


def test_p10_on_a_full_disk_a_connection_is_enough_to_post(alice: Play) -> None:
    fill_the_disk(alice)
    assert alice.client.posting.send(LONG)
    post = alice.hear_a(Post)
    (item,) = alice.client.outbox.items
    assert not alice.client.outbox.is_kept(item.post_id)
    alice.break_off()
    alice.greet()
    alice.resume(ALICE)
    again = alice.hear_a(Post)
    assert again.post_id == post.post_id
    alice.say(Posted(again.request, 1, 0, 5))
    alice.until(lambda: not alice.client.outbox.items, "to have posted it")


def test_where_there_can_be_no_file_nothing_is_said_to_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache.db").mkdir()
    with closing(Cache(tmp_path / "cache.db")) as cache:
        assert not cache.keep_draft(DRAFT) and cache.draft == DRAFT


# -- p2: what may be in the room ---------------------------------------------------------


def test_p2_a_post_that_was_sent_is_not_taken_back_before_it_is_answered(
    alice: Play, tmp_path: Path
) -> None:
    (path,) = tmp_path.glob("**/rooms/*.db")
    alice.client.posting.send(Draft("once"))
    post_id = alice.hear_a(Post).post_id
    alice.break_off()
    (item,) = alice.client.outbox.items
    assert item.state is PostState.WAITING and not item.can_be_taken_back
    assert alice.client.posting.take_back(post_id) is None
    alice.client.posting.discard(post_id)
    assert len(alice.client.outbox.items) == 1
    alice.client.close()
    with closing(Cache(path)) as cache:
        (kept,) = cache.posts()
    assert kept.may_be_posted


def test_p10_a_post_that_waits_offline_can_be_edited(alice: Play) -> None:
    alice.break_off()
    alice.client.posting.send(DRAFT)
    (item,) = alice.client.outbox.items
    assert alice.client.posting.take_back(item.post_id) == DRAFT
    assert alice.client.outbox.items == []


# -- clocks ------------------------------------------------------------------------


def test_for_an_hour_is_said_as_an_hour_and_by_the_servers_clock(alice: Play) -> None:
    before = alice.client.status.server_now_ms()
    alice.client.posting.send(Draft("short-lived", lifetime_ms=3_600_000))
    post = alice.hear_a(Post)
    assert post.lifetime_ms == 3_600_000
    # The scripted server's clock stands at a few milliseconds after 1970.
    assert before < post.expires_at_ms - 3_600_000 + 1 < before + 60_000 < 600_000
