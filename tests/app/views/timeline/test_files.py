"""Files that go with messages, as one sees them: a picture as such, others to be saved,
nothing opened by itself."""

import io
from collections.abc import Callable
from pathlib import Path
from tkinter import filedialog

import msgspec
import pytest
from PIL import Image

from app.models.listing import Reason
from app.models.room.attachments import FileState, FileStatus
from app.models.room.files import Files
from app.views.timeline.files import AUTOMATIC_BYTES, safe_name
from protocol.messages import Attachment, RoomMessage
from tests.support.window import ALICE, Window

PLAN = Attachment(b"p" * 32, "plan of the wing.pdf", 3_456_789)
LARGE = Attachment(b"l" * 32, "large.jpg", AUTOMATIC_BYTES + 1, 6000, 4000)


def picture(width: int = 1200, height: int = 800) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#204060").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def files(window: Window, tmp_path: Path) -> Files:
    window.enter(ALICE)
    files = Files(tmp_path / "files")
    window.pages.attachments.open(None, files)
    return files


def keep(files: Files, data: bytes, width: int = 1200, height: int = 800) -> Attachment:
    return Attachment(files.keep(data), "plan.png", len(data), width, height)


def show(window: Window, attachment: Attachment) -> RoomMessage:
    message = RoomMessage(
        1, 1, 1, "Amelia Hart", 5, "See.", bytes(16), answers=("",), attachments=(attachment,)
    )
    window.feed.replace([message], True, True)
    window.root.update()
    return message


def test_a_small_picture_that_is_here_is_shown_where_room_was_kept_for_it(
    window: Window, files: Files
) -> None:
    show(window, keep(files, picture()))
    before = window.find("file").winfo_height()
    window.until(lambda: bool(str(window.find("picture").cget("image"))), "the picture")
    window.root.update()
    assert window.find("file").winfo_height() == before, "nothing moved"
    assert window.find("picture").winfo_width() >= 300
    assert window.calls_of("fetch_file") == []


def test_a_small_picture_that_is_elsewhere_is_fetched_and_a_large_one_on_request(
    window: Window, files: Files
) -> None:
    small = msgspec.structs.replace(LARGE, size=AUTOMATIC_BYTES)
    message = show(window, small)
    assert [call for call in window.calls if call[0] == "fetch_file"] == [
        ("fetch_file", message, small)
    ]
    window.calls.clear()
    message = show(window, LARGE)
    assert window.calls_of("fetch_file") == [] and not window.shows("picture")
    window.click("file_show")
    assert ("fetch_file", message, LARGE) in window.calls


def test_any_other_file_is_fetched_only_to_be_saved(
    window: Window, files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def choose(**options: str) -> str:
        asked.append(options["initialfile"])
        return str(tmp_path / "here.pdf")

    message = show(window, PLAN)
    assert "plan of the wing.pdf · 3.3 MB" in window.says("file_name")
    assert window.calls_of("fetch_file") == [] and not window.shows("file_show")
    monkeypatch.setattr(filedialog, "asksaveasfilename", choose)
    window.click("file_save")
    assert asked == ["plan of the wing.pdf"]
    assert ("save_file", message, PLAN, tmp_path / "here.pdf") in window.calls


@pytest.mark.parametrize(
    ("state", "words", "button"),
    [
        (FileState(FileStatus.WAITING), "Waiting for the connection", ""),
        (FileState(FileStatus.FETCHING, 1_000_000), "28 %", ""),
        (FileState(FileStatus.FAILED, reason=Reason("not_found")), "not there", "file_again"),
    ],
)
def test_how_fetching_goes_is_told(
    window: Window, files: Files, state: FileState, words: str, button: str
) -> None:
    message = show(window, PLAN)
    window.pages.attachments.tell(PLAN, state)
    window.root.update()
    assert words in window.says("file_name") or button
    assert not window.shows("file_save")
    if button:
        window.click(button)
        assert ("fetch_file", message, PLAN) in window.calls


def bomb() -> bytes:
    """A picture of a few kilobytes that would take ten gigabytes."""
    file = io.BytesIO()
    Image.new("1", (16_000, 16_000)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("make", [bomb, lambda: b"GIF89a nonsense", lambda: b"<svg onload=...>"])
def test_p9_what_is_no_picture_after_all_is_not_decoded(
    window: Window, files: Files, make: Callable[[], bytes]
) -> None:
    show(window, keep(files, make()))
    window.until(lambda: "can't be shown" in window.says("file_name"), "to be told")
    assert not window.shows("picture") and window.shows("file_save")


def test_a_picture_opens_here_and_in_no_other_program(window: Window, files: Files) -> None:
    show(window, keep(files, picture()))
    window.until(lambda: bool(str(window.find("picture").cget("image"))), "the picture")
    window.find("picture").event_generate("<Button-1>")
    window.root.update()
    window.until(lambda: bool(str(window.find("large_picture").cget("image"))), "the picture")
    window.click("picture_done")


def test_what_was_withdrawn_has_no_file(window: Window, files: Files) -> None:
    message = show(window, PLAN)
    gone = msgspec.structs.replace(
        message, revision=2, text="", answers=(), attachments=(), withdrawn_at_ms=7
    )
    window.feed.update(gone)
    window.root.update()
    assert not window.shows("file_name")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plan.pdf", "plan.pdf"),
        ("a/b\\c:d*e?.txt", "a_b_c_d_e_.txt"),
        ("..", "file"),
        ("", "file"),
        ("trailing. ", "trailing"),
        ("a\x07b", "a_b"),
    ],
)
def test_a_proposed_name_is_one_that_any_system_takes(name: str, safe: str) -> None:
    assert safe_name(name) == safe
