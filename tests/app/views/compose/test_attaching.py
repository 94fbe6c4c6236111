"""A file to go with what is written: chosen, pasted or dragged here, shown, sent, taken out
again."""

from pathlib import Path
from tkinter import filedialog

import msgspec
import pytest

from app.models.listing import Reason
from app.models.room.outbox_item import Draft
from app.views.compose import clipboard, dropping
from protocol.messages import Attachment, Template
from tests.support.window import ALICE, Window

PLAN = Attachment(b"p" * 32, "plan.pdf", 3_456_789)


@pytest.fixture
def admin(window: Window, monkeypatch: pytest.MonkeyPatch) -> Window:
    window.enter(ALICE)
    room = window.status.room
    assert room is not None
    limits = msgspec.structs.replace(room.limits, attachment_bytes=10 * 1024 * 1024)
    window.status.introduce(msgspec.structs.replace(room, limits=limits))
    window.root.update()
    return window


def take(
    window: Window, monkeypatch: pytest.MonkeyPatch, result: Attachment | Reason
) -> list[object]:
    """Let what is attached from now on end like this; return what is."""
    taken: list[object] = []

    def attach(*given: object) -> Attachment | Reason:
        taken.append(given)
        return result

    panel = window.root.room.panel
    assert panel is not None
    actions = panel._attaching._actions
    monkeypatch.setattr(actions, "attach", attach, raising=False)
    monkeypatch.setattr(actions, "attach_file", attach, raising=False)
    return taken


def test_a_chosen_file_goes_with_what_is_written(
    admin: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = take(admin, monkeypatch, PLAN)
    chosen = ["", "plans/plan.pdf"]
    monkeypatch.setattr(filedialog, "askopenfilename", lambda **_: chosen.pop(0))
    admin.click("attach")
    assert taken == [] and not admin.shows("attached_name")
    admin.click("attach")
    assert taken == [(Path("plans/plan.pdf"),)]
    assert "plan.pdf · 3.3 MB" in admin.says("attached_name")
    assert admin.outbox.draft.attachments == (PLAN,), "it is kept with what is written"
    assert "Write a line" in admin.says("hint")
    admin.type("editor", "The plan.")
    admin.click("send")
    assert admin.calls_of("send") == [Draft("The plan.", attachments=(PLAN,))]
    admin.root.update()
    assert not admin.shows("attached_name")


def test_it_is_taken_out_again(admin: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    take(admin, monkeypatch, PLAN)
    monkeypatch.setattr(filedialog, "askopenfilename", lambda **_: "plan.pdf")
    admin.click("attach")
    admin.click("attached_remove")
    assert not admin.shows("attached_name")
    assert admin.outbox.draft.attachments == ()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("attachment_too_large", "10 MB at most"),
        ("file_empty", "nothing in this file"),
        ("file_not_read", "could not be read"),
        ("file_not_written", "could not be written"),
    ],
)
def test_p10_what_can_not_be_attached_is_told(
    admin: Window, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    take(admin, monkeypatch, Reason(code))
    monkeypatch.setattr(filedialog, "askopenfilename", lambda **_: "plan.pdf")
    admin.type("editor", "The plan.")
    admin.click("attach")
    admin.status.update(online=7)
    admin.root.update()
    assert words in admin.says("hint"), "also when somebody comes meanwhile"
    assert admin.find("editor").get("1.0", "end").strip() == "The plan."
    admin.type("editor", "The plan, later.")
    assert words not in admin.says("hint")


@pytest.mark.parametrize("found", [b"a picture", Path("copied.pdf")])
def test_a_picture_or_a_file_is_pasted_where_there_is_no_text(
    admin: Window, monkeypatch: pytest.MonkeyPatch, found: bytes | Path
) -> None:
    taken = take(admin, monkeypatch, PLAN)
    monkeypatch.setattr(clipboard, "picture_or_file", lambda: found)
    admin.root.clipboard_clear()
    admin.root.clipboard_append("some words")
    admin.find("editor").event_generate("<<Paste>>")
    admin.root.update()
    assert taken == [] and "some words" in admin.find("editor").get("1.0", "end")
    admin.root.clipboard_clear()
    admin.find("editor").event_generate("<<Paste>>")
    admin.root.update()
    assert taken == [(found, "picture.png") if isinstance(found, bytes) else (found,)]
    assert admin.shows("attached_name")


def test_where_no_files_are_taken_none_is_offered(window: Window) -> None:
    window.enter(ALICE)
    assert not window.shows("attach")


def test_a_template_leaves_the_file_where_it_is(
    admin: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(admin, monkeypatch, PLAN)
    monkeypatch.setattr(filedialog, "askopenfilename", lambda **_: "plan.pdf")
    admin.click("attach")
    panel = admin.root.room.panel
    assert panel is not None
    panel._use(Template(1, "Drill", "The drill is at eleven."))
    assert panel.draft.attachments == (PLAN,) and "at eleven" in panel.draft.text


def test_the_system_lets_files_be_dropped_here(admin: Window) -> None:
    # On Windows, macOS and X11 alike: the extension is there, and takes the editor.
    assert dropping.accept_files(admin.find("editor"), lambda _path: None)


def test_what_is_dropped_is_attached(
    admin: Window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken = take(admin, monkeypatch, PLAN)
    named = tmp_path / "the plan of the wing.pdf"
    named.write_bytes(b"plan")
    panel = admin.root.room.panel
    assert panel is not None
    editor = admin.find("editor")
    told = " ".join(f"{{{path.as_posix()}}}" for path in (tmp_path, named, named))
    assert dropping._drop(editor, told, panel._attaching.drop) == "copy"
    assert taken == [(named,)], "a folder is none, and of several the first"
    admin.root.update()
    assert admin.shows("attached_name")
    assert dropping._drop(editor, str(tmp_path / "gone"), panel._attaching.drop) == "refuse_drop"


def test_without_the_extension_the_rest_works(
    admin: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_root: object) -> None:
        raise RuntimeError("Unable to load tkdnd library.")

    monkeypatch.setattr("tkinterdnd2.TkinterDnD.require", missing)
    assert not dropping.accept_files(admin.find("editor"), lambda _path: None)
