"""Where a text without spaces between its words may break into lines."""

import pytest
import ttkbootstrap as ttk

from app.views.kit.script import width_to_wrap_at
from app.views.kit.widgets import WrappingLabel
from tests.support.window import Window

WIDE = 10


def measure(text: str) -> int:
    return WIDE * len(text)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("会议今天开始。", 100, 100),  # one line
        ("会议今天开始了。", 70, 69),  # else the full stop stood by itself
        ("会议今天开始了。还有", 70, 69),
        ("会议今天。”开始了", 50, 39),  # both marks go along
        ("会议今天\n。开始", 40, 40),  # a paragraph begins as it was written
        ("", 40, 40),
        ("。。。。。。。。。。。。。。。。。。", 40, 40),  # nothing helps
        ("会", 5, 5),  # not even one fits
    ],
)
def test_no_line_begins_with_what_closes_the_one_before(
    text: str, width: int, expected: int
) -> None:
    assert width_to_wrap_at(text, width, measure) == expected


def test_a_label_is_no_higher_for_a_full_stop_alone(window: Window) -> None:
    """Its first line gives up a character, whatever is said first: width or words."""
    dialog = ttk.Toplevel(master=window.root)
    label = WrappingLabel(dialog, style="Muted.TLabel")
    label.grid(sticky="ew")
    dialog.columnconfigure(0, weight=1)
    words = "此桌面没有系统托盘"
    label.say(words)
    dialog.update()
    edge = label.winfo_width() - 2
    dialog.geometry(f"{edge + 2}x200")
    dialog.update()
    whole = int(str(label.cget("wraplength")))
    label.say(words + "。")
    assert int(str(label.cget("wraplength"))) < whole
    label.say(words + "下")
    assert int(str(label.cget("wraplength"))) == whole
