"""The small panel that says whether anything is missing."""

import msgspec
import pytest

from app.i18n import LANGUAGES
from app.models.connection.status import Check, Phase
from app.models.settings import Language
from tests.support.window import Window

MOMENT_MS = 1_795_446_000_000


@pytest.fixture
def window(window: Window) -> Window:
    window.enter()
    window.status.update(
        complete_through=1482, held_from=1301, complete_since_ms=MOMENT_MS, online=3
    )
    window.root.update()
    return window


def open_it(window: Window) -> None:
    window.find("state").event_generate("<Button-1>")
    window.root.update()


def test_the_header_says_up_to_where_and_leads_to_the_rest(window: Window) -> None:
    assert "complete through #1482" in window.root.room.header.state_line.words
    open_it(window)
    assert "up to announcement #1482" in window.says("completeness_complete")
    assert window.says("completeness_since").startswith("Complete since")
    assert window.says("completeness_held").startswith("182 announcements are kept")
    assert not window.shows("completeness_checked")


def test_it_asks_the_server_on_a_click_and_says_what_came_of_it(window: Window) -> None:
    open_it(window)
    window.click("completeness_check")
    assert ("check",) in window.calls
    window.status.update(check=Check.UNDER_WAY)
    window.root.update()
    assert window.find("completeness_check").instate(["disabled"])
    for check, words in ((Check.DONE, "nothing is missing"), (Check.FAILED, "could not be asked")):
        window.status.update(check=check, checked_at_ms=MOMENT_MS)
        window.root.update()
        assert words in window.says("completeness_checked")
    assert window.find("completeness_check").instate(["!disabled"])


def test_what_is_missing_is_a_warning_in_the_header_and_the_panel(window: Window) -> None:
    window.status.update(phase=Phase.CATCHING_UP, missing=3, complete_since_ms=0)
    window.root.update()
    assert window.root.room.header.state_line.words == "3 changes are missing and being fetched"
    open_it(window)
    assert "3 changes to the room are missing" in window.says("completeness_complete")
    assert str(window.find("completeness_complete").cget("style")) == "Error.TLabel"
    window.status.update(phase=Phase.LIVE, missing=0, complete_through=1485)
    window.root.update()
    assert "#1485" in window.says("completeness_complete")


def test_without_a_connection_nobody_knows_more(window: Window) -> None:
    window.status.update(phase=Phase.WAITING)
    open_it(window)
    assert window.says("completeness_since").startswith("Not connected")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_room_and_a_room_that_is_held_whole(window: Window, language: Language) -> None:
    window.settings.change(language=language)
    window.status.update(complete_through=0, held_from=0)
    open_it(window)
    words = window.says("completeness_complete")
    assert words and "#0" not in words and not window.shows("completeness_held")
    window.status.update(complete_through=7, held_from=1, holds_all=True)
    window.root.update()
    assert "7" in window.says("completeness_held") and "#" not in window.says("completeness_held")


def test_for_how_long_the_room_keeps_announcements_is_told(window: Window) -> None:
    open_it(window)
    assert not window.shows("completeness_kept")
    room = window.status.room
    assert room is not None
    window.status.introduce(msgspec.structs.replace(room, keep_days=90))
    window.root.update()
    assert "90 days" in window.says("completeness_kept")
