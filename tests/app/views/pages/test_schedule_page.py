"""What is scheduled, as an administrator sees, changes, sends and cancels it."""

import tkinter as tk
from typing import Any

import msgspec
import pytest

from app.i18n import LANGUAGES
from app.models.listing import Reason
from app.models.room.outbox_item import Draft
from protocol.messages import Attachment, Hold, Priority, ScheduledMessage
from tests.support.window import ALICE, Window, descendants

AT_MS = 32_503_701_600_000  # in the year 3000
LONG = "The drill is at eleven, and everybody leaves by the east stairs. " * 10
DRILL = ScheduledMessage(
    1, 2, AT_MS, 1, "Amelia Hart", LONG, Priority.URGENT, ("Here", "Away"), 24 * 3_600_000
)
LATE = ScheduledMessage(2, 2, 5, 1, "Amelia Hart", "Too late.", held=Hold.LATE)
AUTHOR = ScheduledMessage(3, 1, 6, 2, "Carol Reyes", "Hers.", held=Hold.AUTHOR)


@pytest.fixture
def schedule(window: Window) -> Window:
    window.status.update(members=631)
    window.enter(ALICE)
    window.root.open_page("schedule")
    window.pages.schedule.page.listing.show((LATE, AUTHOR, DRILL), False)
    window.root.update()
    return window


def choose(window: Window, item: ScheduledMessage) -> None:
    window.find("rows").selection_set(str(item.id))
    window.root.update()


def within(window: Window, name: str) -> Any:
    """The widget of this name in the dialog: the panel in the room has its like."""
    (found,) = (one for one in descendants(window.find("scheduled_form")) if is_named(one, name))
    return found


def is_named(widget: tk.Misc, name: str) -> bool:
    return bool(widget.winfo_name() == name)


def edit(window: Window, text: str) -> None:
    choose(window, DRILL)
    window.click("edit_scheduled")
    window.type("scheduled_editor", text)


def test_each_is_told_with_what_becomes_of_it(schedule: Window) -> None:
    tree = schedule.find("rows")
    listed = [tuple(map(str, tree.item(row, "values"))) for row in tree.get_children()]
    assert [(row[2], row[3]) for row in listed] == [
        ("Amelia Hart", "Needs a decision"),
        ("Carol Reyes", "Needs a decision"),
        ("Amelia Hart", "Urgent"),
    ]
    assert "3000" in listed[2][0] and "The drill" in listed[2][1]
    choose(schedule, LATE)
    assert "the server was not running" in schedule.says("scheduled_detail")
    choose(schedule, AUTHOR)
    assert "Carol Reyes may not send" in schedule.says("scheduled_detail")
    choose(schedule, DRILL)
    said = schedule.says("scheduled_detail")
    assert "Here · Away" in said and "1 day" in said
    assert len(schedule.says("scheduled_text")) < 200


def test_it_is_sent_now_or_cancelled_once_that_was_asked(schedule: Window) -> None:
    choose(schedule, DRILL)
    schedule.click("send_scheduled")
    assert schedule.says("ask_title") == "Send this to 630 people now?"
    schedule.click("ask_yes")
    assert schedule.calls_of("schedule.send_now") == [DRILL]
    schedule.press("rows", "<Delete>")
    assert schedule.calls_of("schedule.cancel") == []
    schedule.click("ask_yes")
    assert schedule.calls_of("schedule.cancel") == [DRILL]


def test_it_is_changed_as_it_is(schedule: Window) -> None:
    edit(schedule, "At noon.")
    within(schedule, "later_day").set("3000-01-02")
    assert within(schedule, "answer_1").get() == "Here"
    # The year 3000 is more than two years off.
    schedule.click("scheduled_save")
    assert "two years" in schedule.says("later_error")
    schedule.click("later_tomorrow")
    schedule.click("scheduled_save")
    ((scheduled, version, draft),) = [
        call[1:] for call in schedule.calls if call[0] == "schedule.change"
    ]
    assert (scheduled, version) == (DRILL, 2)
    assert draft == Draft(
        "At noon.", Priority.URGENT, ("Here", "Away"), 0, 24 * 3_600_000, draft.at_ms
    )


def test_it_is_open_until_the_server_has_taken_it(schedule: Window) -> None:
    operation = schedule.pages.schedule.page.operation
    edit(schedule, "At noon.")
    schedule.click("later_tomorrow")
    operation.start("change_scheduled", at_ms=1)
    schedule.click("scheduled_save")
    assert schedule.shows("scheduled_save")
    assert within(schedule, "scheduled_save").instate(["disabled"])
    operation.finish()
    schedule.root.update()
    assert not schedule.shows("scheduled_save")


def test_p10_what_was_typed_outlives_a_refusal(schedule: Window) -> None:
    page = schedule.pages.schedule.page
    edit(schedule, "At noon.")
    schedule.click("later_tomorrow")
    page.operation.start("change_scheduled", at_ms=1)
    schedule.click("scheduled_save")
    # Somebody else was quicker; what they made of it was told meanwhile.
    newer = msgspec.structs.replace(DRILL, version=5, author_name="Carol Reyes")
    page.listing.show((newer,), False)
    page.operation.refuse(Reason("changed_meanwhile"))
    schedule.root.update()
    assert "Carol Reyes has changed it" in schedule.says("scheduled_error")
    assert within(schedule, "scheduled_editor").get("1.0", "end").strip() == "At noon."
    schedule.click("scheduled_save")
    versions = [call[2] for call in schedule.calls if call[0] == "schedule.change"]
    assert versions == [2, 5], "it replaces what was told, and only that"


def test_p10_a_broken_connection_closes_nothing(schedule: Window) -> None:
    operation = schedule.pages.schedule.page.operation
    edit(schedule, "At noon.")
    schedule.click("later_tomorrow")
    operation.start("change_scheduled", at_ms=1)
    schedule.click("scheduled_save")
    operation.lose()
    schedule.root.update()
    assert "connection was lost" in schedule.says("scheduled_error")
    assert not within(schedule, "scheduled_save").instate(["disabled"])


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
def test_what_can_not_be_sent_can_not_be_saved(schedule: Window, text: str) -> None:
    edit(schedule, text)
    assert within(schedule, "scheduled_save").instate(["disabled"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_page_says_how_one_schedules(schedule: Window, language: str) -> None:
    schedule.settings.change(language=language)
    schedule.pages.schedule.page.listing.show((), False)
    schedule.root.update()
    assert schedule.says("instead")


def test_its_file_stays_with_it_until_it_is_taken_out(schedule: Window) -> None:
    plan = Attachment(b"p" * 32, "plan.pdf", 3_456_789)
    item = msgspec.structs.replace(DRILL, attachments=(plan,))
    schedule.pages.schedule.page.listing.show((item,), False)
    schedule.root.update()
    choose(schedule, item)
    assert "plan.pdf" in schedule.says("scheduled_detail")
    for expected in ((plan,), ()):
        schedule.click("edit_scheduled")
        assert within(schedule, "attached_name").whole == "plan.pdf · 3.3 MB"
        if not expected:
            within(schedule, "attached_remove").invoke()
        schedule.click("later_tomorrow")
        schedule.click("scheduled_save")
        assert schedule.calls[-1][3].attachments == expected
        schedule.click("scheduled_discard")
