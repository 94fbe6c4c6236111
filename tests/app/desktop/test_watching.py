"""What the desktop's threads watch and play."""

import queue
import sys
import threading
import time
from pathlib import Path

import pytest

from app import assets
from app.desktop.attention import AttentionWatch, looking
from app.desktop.events import AttentionChanged, NetworkChanged
from app.desktop.network_changes import NetworkChanges, waiting
from app.desktop.sounds import Sounds
from app.desktop.worker import MOST_WAITING, Worker
from protocol.messages import Attention
from tests.app.desktop.inbox import WaitingInbox
from tests.support.waiting import WAIT_S, until


def test_each_change_of_the_network_is_told(inbox: WaitingInbox) -> None:
    changes: queue.SimpleQueue[None] = queue.SimpleQueue()
    NetworkChanges(inbox.put, changes.get, settles_s=0.0).start()
    changes.put(None)
    inbox.wait_for(NetworkChanged)
    changes.put(None)
    inbox.wait_for(NetworkChanged)


def test_a_system_that_does_not_tell_changes_is_no_error(inbox: WaitingInbox) -> None:
    is_asked = threading.Event()

    def wait() -> None:
        is_asked.set()
        raise OSError("on purpose")

    NetworkChanges(inbox.put, wait).start()
    assert is_asked.wait(WAIT_S)
    assert not inbox.take(1)


def test_this_system_can_be_asked_for_changes_of_the_network() -> None:
    with waiting() as wait:
        assert callable(wait)


def test_a_change_of_attention_is_told_once(inbox: WaitingInbox) -> None:
    states = iter([Attention.HERE, Attention.LOCKED, Attention.LOCKED, Attention.HERE])
    watch = AttentionWatch(inbox.put, lambda: next(states), every_s=0.0)
    watch.start()
    assert inbox.wait_for(AttentionChanged).attention is Attention.LOCKED
    assert inbox.wait_for(AttentionChanged).attention is Attention.HERE
    watch.close()


def test_where_attention_cant_be_known_any_more_somebody_is_there(inbox: WaitingInbox) -> None:
    states = iter([Attention.LOCKED])

    def look() -> Attention:
        try:
            return next(states)
        except StopIteration:
            raise OSError("on purpose") from None

    AttentionWatch(inbox.put, look, every_s=0.0).start()
    assert inbox.wait_for(AttentionChanged).attention is Attention.LOCKED
    assert inbox.wait_for(AttentionChanged).attention is Attention.HERE


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS is not asked")
def test_this_system_can_be_asked_for_attention() -> None:
    with looking() as look:
        assert look() in tuple(Attention)


def test_a_sound_is_played_aside() -> None:
    played: list[Path] = []
    release = threading.Event()

    def play(path: Path) -> None:
        release.wait(WAIT_S)
        played.append(path)

    sounds = Sounds(play)
    begun = time.monotonic()
    for _ in range(MOST_WAITING * 2):
        sounds.play("chime")
    assert time.monotonic() - begun < 1.0
    release.set()
    until(lambda: bool(played), "to hear it")
    assert played[0] == assets.path("sounds/chime.wav")
    sounds.close()


def test_a_job_that_fails_leaves_the_next_one_its_turn() -> None:
    worker = Worker("test")
    done = threading.Event()

    def fail() -> None:
        raise RuntimeError("on purpose")

    assert worker.do(fail)
    assert worker.do(done.set)
    assert done.wait(WAIT_S)
    worker.stop(WAIT_S)
    assert not worker.do(done.set), "after the end nothing is taken"
