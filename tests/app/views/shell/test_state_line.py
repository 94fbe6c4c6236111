"""The line that always tells where the connection stands."""

import time

import pytest

from app.i18n import LANGUAGES
from app.models.connection.status import Phase
from app.models.settings import Language
from app.views.shell.state_line import StateLine
from tests.support.window import ADDRESS, Window, descendants

SEEN_HERE = [phase for phase in Phase if phase is not Phase.UNTRUSTED]
"""That one has a view of its own."""


def line(window: Window) -> StateLine:
    """The one that is seen."""
    return next(
        widget
        for widget in descendants(window.root)
        if isinstance(widget, StateLine) and widget.winfo_viewable()
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phase_is_told_in_the_room(window: Window, language: Language) -> None:
    window.settings.change(language=language)
    window.enter()
    told = {}
    for phase in SEEN_HERE:
        window.status.update(phase=phase, address=ADDRESS, reason="lost")
        window.root.update()
        assert window.says("state")
        told[phase] = line(window).words
    assert told[Phase.LIVE] == ("已连接" if language == "zh" else "Connected")
    assert len(set(told.values())) >= 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phase_is_told_at_sign_in(window: Window, language: Language) -> None:
    window.settings.change(language=language)
    for phase in SEEN_HERE:
        window.status.update(phase=phase, address=ADDRESS, reason="lost")
        window.root.update()
        assert bool(line(window).words) is (phase is not Phase.NO_SERVER)


def test_the_countdown_counts_by_itself_and_ends(window: Window) -> None:
    window.enter()
    window.status.update(phase=Phase.WAITING, retry_at=time.monotonic() + 1.95)
    window.root.update()
    seen = [line(window).words]

    def watch() -> bool:
        if line(window).words != seen[-1]:
            seen.append(line(window).words)
        return seen[-1] == "Connecting…"

    window.until(watch, "the countdown's end")
    assert seen == ["Reconnecting in 2 s", "Reconnecting in 1 s", "Connecting…"]
    assert not window.shows("now")


def test_now_is_offered_while_it_waits_and_does_it(window: Window) -> None:
    window.enter()
    assert not window.shows("now")
    window.status.update(phase=Phase.WAITING, retry_at=time.monotonic() + 20)
    window.root.update()
    assert window.says("now") == "Now"
    window.click("now")
    assert window.calls == [("reconnect_now",)]
    window.settings.change(language="zh")
    window.root.update()
    assert window.says("now") == "立即重试"
    window.status.update(phase=Phase.LIVE, retry_at=None)
    window.root.update()
    assert not window.shows("now")


def test_an_end_tells_why_and_offers_another_try(window: Window) -> None:
    window.enter()
    window.status.update(phase=Phase.ENDED, reason="room_full")
    window.root.update()
    assert line(window).words == "Not connected: The room is full; try again in a few minutes."
    assert window.says("now") == "Try again"


def test_words_that_do_not_fit_end_in_an_ellipsis_and_now_stays_in_sight(window: Window) -> None:
    window.status.update(phase=Phase.WAITING, address="a" * 200, retry_at=time.monotonic() + 20)
    window.root.update()
    assert window.says("state").endswith("…") and not line(window).words.endswith("…")
    now = window.find("now")
    assert now.winfo_x() + now.winfo_width() <= line(window).winfo_width()


def test_the_dot_follows_the_theme(window: Window) -> None:
    window.enter()
    dot = line(window)._dot
    before = str(dot.cget("image"))
    window.settings.change(theme="dark")
    window.root.update()
    assert str(dot.cget("image")) != before


def test_a_line_that_is_gone_counts_no_more(window: Window) -> None:
    window.enter()
    window.status.update(phase=Phase.WAITING, retry_at=time.monotonic() + 20)
    window.root.update()
    gone = line(window)
    assert gone._ticking in window.root.tk.splitlist(window.root.tk.call("after", "info"))
    gone.destroy()
    assert gone._ticking not in window.root.tk.splitlist(window.root.tk.call("after", "info"))
    window.status.update(online=5)
    window.settings.change(theme="dark", language="zh")
    window.root.update()
