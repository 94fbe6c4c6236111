"""Templates in the panel to write in."""

import pytest

from app.models.connection.status import Phase
from app.models.room.outbox_item import Draft
from protocol.messages import Priority, Template
from tests.support.window import ALICE, Window

DRILL = Template(3, "Drill", "The drill is at eleven.", Priority.IMPORTANT, ("Here", "Away"))
LUNCH = Template(4, "Lunch", "Lunch is in the sports hall.", lifetime_ms=8 * 3_600_000)


@pytest.fixture
def window(window: Window) -> Window:
    window.enter(ALICE)
    window.pages.templates.set((DRILL, LUNCH))
    window.root.update()
    return window


def menu(window: Window) -> list[str]:
    """Its entries, as they are when it is opened."""
    button = window.find("templates")
    button.fill()
    last = button.menu.index("end") or 0
    return [
        button.menu.entrycget(number, "label") if button.menu.type(number) != "separator" else "-"
        for number in range(last + 1)
    ]


def choose(window: Window, label: str) -> None:
    window.find("templates").menu.invoke(menu(window).index(label))
    window.root.update()


def written(window: Window) -> Draft:
    panel = window.root.room.panel
    assert panel is not None
    return panel.draft


def test_one_is_written_as_it_was_kept(window: Window) -> None:
    choose(window, "Drill")
    assert written(window) == Draft(DRILL.text, Priority.IMPORTANT, ("Here", "Away"))
    window.type("editor", "")
    choose(window, "Lunch")
    assert written(window) == Draft(LUNCH.text, lifetime_ms=8 * 3_600_000)


def test_what_is_written_already_is_not_lost(window: Window) -> None:
    window.type("editor", "Good morning. ")
    choose(window, "Lunch")
    assert written(window).text.startswith("Good morning.\n\nLunch is")


def test_what_is_written_is_kept_under_a_name(window: Window) -> None:
    window.type("editor", "Snow: the school is closed.")
    window.click("priority_1")
    choose(window, "Keep what is written as a template…")
    assert window.find("template_save").instate(["disabled"])
    window.type("template_name", "  DRILL ")
    assert "replaces" in window.says("template_name_hint")
    window.type("template_name", "x" * 61)
    assert "At most 60" in window.says("template_name_error")
    window.type("template_name", " Snow   day ")
    window.click("template_save")
    draft = Draft("Snow: the school is closed.", Priority.IMPORTANT)
    assert ("save_template", "Snow day", draft) in window.calls
    assert written(window).text == draft.text, "it may still be sent"


def test_one_is_removed_after_a_question(window: Window) -> None:
    menu(window)
    window.find("templates").removal.invoke(1)
    window.root.update()
    assert window.says("ask_quoted") == "Lunch"
    window.click("ask_yes")
    assert ("remove_template", LUNCH) in window.calls


def test_without_any_and_without_a_connection(window: Window) -> None:
    window.pages.templates.set(())
    window.status.update(phase=Phase.WAITING)
    window.type("editor", "text")
    assert menu(window)[0] == "No templates yet"
    button = window.find("templates")
    for label in ("Keep what is written as a template…", "Remove a template"):
        place = menu(window).index(label)
        assert button.menu.entrycget(place, "state") == "disabled"


def test_it_speaks_the_language_of_now(window: Window) -> None:
    window.settings.change(language="zh")
    window.root.update()
    assert menu(window)[0] == "Drill" and menu(window)[-1] == "删除模板"
