"""The field that one writes announcements in."""

from typing import Any

import pytest

from app.views.kit import editor as module
from tests.support.window import ALICE, Window


def off_ms(window: Window) -> int:
    return int(str(window.find("editor").cget("insertofftime")))


def test_the_caret_blinks_while_one_writes_and_rests_after_a_while(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESTS_AFTER_MS", 30)
    window.enter(ALICE)
    editor: Any = window.find("editor")
    for _ in range(2):
        window.press("editor", "a")
        assert off_ms(window) == module.BLINK_OFF_MS
        window.until(lambda: off_ms(window) == 0, "to rest")
    assert editor.get("1.0", "end-1c") == "aa"
