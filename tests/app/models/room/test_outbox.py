"""Posts until they are confirmed or given up."""

import itertools
from pathlib import Path

import msgspec

from app.models.room.cache import Cache
from app.models.room.outbox import Outbox
from app.models.room.outbox_item import Draft, PostState


def opened(path: Path) -> tuple[Cache, Outbox]:
    cache, outbox = Cache(path), Outbox()
    outbox.open(cache)
    return cache, outbox


def test_every_change_is_told_and_nothing_else() -> None:
    outbox = Outbox()
    calls: list[int] = []
    outbox.subscribe(lambda: calls.append(len(outbox.items)))
    item = outbox.add(Draft("one"))
    outbox.mark(item.post_id, PostState.SENDING)
    outbox.mark(item.post_id, PostState.SENDING)
    outbox.mark(b"unknown", PostState.REFUSED, "busy")
    outbox.settle(b"unknown")
    outbox.settle(item.post_id)
    assert calls == [1, 1, 0]


def test_an_interrupted_one_keeps_its_place_and_its_id() -> None:
    outbox = Outbox()
    first, second, third = (outbox.add(Draft(text)) for text in ("one", "two", "three"))
    outbox.mark(first.post_id, PostState.SENDING)
    outbox.mark(second.post_id, PostState.REFUSED, "text_invalid")
    outbox.interrupt()
    interrupted, _, waiting = outbox.items
    assert interrupted == msgspec.structs.replace(first, may_be_posted=True)
    assert waiting == third
    assert outbox.items[1].state is PostState.REFUSED


def test_p10_posts_move_to_another_cache_and_are_found_by_the_next_start(tmp_path: Path) -> None:
    cache, outbox = opened(tmp_path / "c.db")
    kept = outbox.add(Draft("kept"))
    cache.close()
    without = Cache(tmp_path / "c.db", holds_messages=False)
    outbox.move(without)
    later = outbox.add(Draft("written later"))
    without.close()
    cache, outbox = opened(tmp_path / "c.db")
    assert outbox.items == [kept, later]
    cache.close()


def test_ids_are_never_the_same() -> None:
    outbox = Outbox()
    ids = [outbox.add(Draft("again")).post_id for _ in range(100)]
    assert all(len(post_id) == 16 for post_id in ids)
    assert not any(one == other for one, other in itertools.combinations(ids, 2))


def test_closed_it_shows_nothing_and_what_it_kept_is_kept(tmp_path: Path) -> None:
    cache, outbox = opened(tmp_path / "c.db")
    item = outbox.add(Draft("alice's"))
    outbox.open(None)
    assert outbox.items == [] and outbox.remove(item.post_id) is None
    cache.close()
    cache, outbox = opened(tmp_path / "c.db")
    assert outbox.items == [item]
    cache.close()
