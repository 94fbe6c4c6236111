"""People, as an administrator sees them and acts on them."""

from typing import Any

import pytest

from app.models.connection.status import Phase
from app.models.listing import Reason
from app.models.pages.page_model import IssuedCode
from app.views.wording.pages import moment
from protocol.messages import AccountState, Member, Role
from tests.support.pages import MOMENT_MS, YEAR_3000_MS, member, pending
from tests.support.window import ALICE, Window

CHLOE = pending(2, "Chloé Martin")
BEN = member(4, "Ben Osei")
ME = Member(ALICE.id, "alice", "Alice Hart", Role.ADMIN, AccountState.ACTIVE, 0, 0, True)
INES = member(6, "Ines Duarte", role=Role.ADMIN)
DEV = member(5, "Dev Patel", state=AccountState.DISABLED)
EVERYONE = (CHLOE, ME, BEN, DEV, INES)
BUTTONS = ("accept", "decline", "promote", "demote", "enable", "disable", "reset", "remove")


@pytest.fixture
def people(window: Window) -> Window:
    """The page, with five people on it."""
    window.enter(ALICE)
    window.root.open_page("people")
    window.pages.people.listing.show(EVERYONE, False)
    window.root.update()
    return window


def rows(window: Window) -> list[tuple[str, ...]]:
    tree = window.find("rows")
    return [tuple(map(str, tree.item(row, "values"))) for row in tree.get_children()]


def select(window: Window, person: Member) -> None:
    window.find("rows").selection_set(str(person.id))
    window.root.update()


def offered(window: Window) -> list[str]:
    return [name for name in BUTTONS if window.shows(name)]


def press(window: Window, key: str) -> None:
    focused: Any = window.root.focus_get()
    focused.event_generate(key)
    window.root.update()


def test_everybody_is_listed_as_they_are(people: Window) -> None:
    listed = rows(people)
    assert listed[0] == ("Chloé Martin", "person2", "Member", "Waiting", "Never")
    assert listed[1] == ("Alice Hart", "alice", "Administrator", "Active", "Online")
    assert listed[3][:4] == ("Dev Patel", "person5", "Member", "Disabled")
    assert listed[3][4] == moment(people.translator, MOMENT_MS, people.clock.now())
    people.settings.change(language="zh")
    people.root.update()
    assert rows(people)[0] == ("Chloé Martin", "person2", "成员", "待批准", "从未")


@pytest.mark.parametrize(
    ("person", "buttons"),
    [
        (CHLOE, ["accept", "decline"]),
        (BEN, ["promote", "disable", "reset", "remove"]),
        (INES, ["demote", "disable", "reset", "remove"]),
        (DEV, ["promote", "enable", "reset", "remove"]),
        (ME, ["demote"]),
    ],
    ids=["waiting", "member", "administrator", "disabled", "oneself"],
)
def test_what_can_be_done_is_offered(people: Window, person: Member, buttons: list[str]) -> None:
    assert offered(people) == []
    select(people, person)
    assert offered(people) == buttons
    assert person.display_name in people.find("person_name").whole


@pytest.mark.parametrize(
    ("person", "button", "call"),
    [
        (CHLOE, "accept", ("set_state", CHLOE, AccountState.ACTIVE)),
        (DEV, "enable", ("set_state", DEV, AccountState.ACTIVE)),
    ],
)
def test_what_does_no_harm_is_done_at_once(
    people: Window, person: Member, button: str, call: tuple[object, ...]
) -> None:
    select(people, person)
    people.click(button)
    assert people.calls[-1] == call and not people.shows("ask_yes")


@pytest.mark.parametrize(
    ("person", "button", "call"),
    [
        (CHLOE, "decline", ("remove", CHLOE)),
        (BEN, "promote", ("set_role", BEN, Role.ADMIN)),
        (INES, "demote", ("set_role", INES, Role.MEMBER)),
        (BEN, "disable", ("set_state", BEN, AccountState.DISABLED)),
        (BEN, "reset", ("reset_password", BEN)),
        (BEN, "remove", ("remove", BEN)),
    ],
)
def test_what_does_is_asked_once_in_words(
    people: Window, person: Member, button: str, call: tuple[object, ...]
) -> None:
    select(people, person)
    before = list(people.calls)
    people.click(button)
    assert person.display_name in people.says("ask_title") and people.says("ask_text")
    assert people.calls == before
    people.click("ask_no")
    assert not people.shows("ask_title") and people.calls == before
    people.click(button)
    people.click("ask_yes")
    assert people.calls == [*before, call] and not people.shows("ask_title")


def test_taking_ones_own_role_away_is_asked_in_other_words(people: Window) -> None:
    select(people, ME)
    people.click("demote")
    assert people.says("ask_text").startswith("You can no longer")


def test_progress_and_outcome_are_told(people: Window) -> None:
    operation = people.pages.people.operation
    select(people, BEN)
    operation.start("remove", name="Ben Osei")
    people.root.update()
    assert people.says("notice") == "Removing Ben Osei…"
    assert people.find("remove").instate(["disabled"])
    operation.finish()
    people.root.update()
    assert people.says("notice") == "Ben Osei was removed."
    assert people.find("remove").instate(["!disabled"])
    operation.start("demote", name="Ines Duarte")
    operation.refuse(Reason("last_administrator"))
    people.root.update()
    assert "only administrator" in people.says("notice")
    operation.start("demote", name="Ines Duarte")
    operation.lose()
    people.root.update()
    assert "connection was lost" in people.says("notice")
    people.root.leave_page()
    people.root.open_page("people")
    people.root.update()
    assert not people.shows("notice"), "what is over is not told again"


def test_offline_nothing_can_be_done(people: Window) -> None:
    select(people, BEN)
    people.status.update(phase=Phase.WAITING)
    people.root.update()
    assert all(people.find(name).instate(["disabled"]) for name in offered(people))
    assert len(rows(people)) == 5, "what was loaded is shown on"
    people.press("rows", "<Delete>")
    assert not people.shows("ask_title")


def test_it_goes_by_keyboard_alone(people: Window) -> None:
    people.root.focus_force()
    people.find("search").focus_force()
    press(people, "<Down>")
    assert people.root.focus_get() is people.find("rows")
    press(people, "<Down>")
    press(people, "<Down>")
    assert people.find("rows").selection() == (str(BEN.id),)
    press(people, "<Delete>")
    assert people.says("ask_title") == "Remove Ben Osei (person4)?"
    assert people.root.focus_lastfor() is not people.find("ask_yes")
    people.find("ask_no").focus_force()
    press(people, "<Escape>")
    assert not people.shows("ask_title") and people.shows("people")
    people.find("rows").focus_force()
    press(people, "<Return>")
    assert people.root.focus_get() is people.find("promote")
    press(people, "<Return>")
    people.find("ask_yes").focus_force()
    press(people, "<Return>")
    assert people.calls[-1] == ("set_role", BEN, Role.ADMIN)


def test_the_search_is_told_of_every_key_and_forgotten_on_leaving(people: Window) -> None:
    people.root.event_generate("<Control-f>")
    people.root.update()
    assert people.root.focus_get() is people.find("search")
    people.type("search", "ben")
    assert people.calls_of("people.search")[-1] == "ben"
    people.root.leave_page()
    people.root.open_page("people")
    people.root.update()
    assert people.find("search").get() == ""


def test_more_is_asked_for_near_the_end_alone(window: Window) -> None:
    window.enter(ALICE)
    window.root.open_page("people")
    window.pages.people.listing.show(tuple(member(n) for n in range(1, 51)), True)
    window.root.update()
    assert ("people.more",) not in window.calls
    window.find("rows").yview_moveto(1.0)
    window.root.update()
    assert ("people.more",) in window.calls


def test_a_list_that_fits_asks_for_more_by_itself(people: Window) -> None:
    assert ("people.more",) in people.calls


def test_what_is_selected_and_in_sight_stays_so(window: Window) -> None:
    everyone = tuple(member(n) for n in range(1, 101))
    window.enter(ALICE)
    window.root.open_page("people")
    listing = window.pages.people.listing
    listing.show(everyone[:50], True)
    window.root.update()
    select(window, everyone[40])
    window.find("rows").see("41")
    top = window.find("rows").identify_row(60)
    listing.show(everyone, False)
    window.root.update()
    assert window.find("rows").selection() == ("41",)
    assert window.find("rows").identify_row(60) == top
    moved = (everyone[60], *everyone[:40], *everyone[41:60], *everyone[61:])
    listing.show(moved, False)
    window.root.update()
    assert [row[0] for row in rows(window)] == [person.display_name for person in moved]
    assert not window.shows("person_name"), "who was selected is gone"


def test_a_long_name_is_cut_in_its_cell_and_whole_in_the_question(people: Window) -> None:
    long = member(9, "Jean-Baptiste Grenouille-de-la-Tour von und zu Hohenstein-Waldeck")
    people.pages.people.listing.show((long,), False)
    people.root.update()
    select(people, long)
    assert rows(people)[0][0].endswith("…")
    people.click("remove")
    assert long.display_name in people.says("ask_title")


@pytest.mark.parametrize("geometry", ["440x420+10+10", "1400x800+10+10"])
def test_every_button_is_whole_at_any_size(people: Window, geometry: str) -> None:
    people.root.geometry(geometry)
    people.root.update()
    select(people, BEN)
    people.root.update()
    for name in offered(people):
        button = people.find(name)
        right = button.winfo_rootx() + button.winfo_width()
        bottom = button.winfo_rooty() + button.winfo_height()
        assert button.winfo_width() >= button.winfo_reqwidth()
        assert right <= people.root.winfo_rootx() + people.root.winfo_width()
        assert bottom <= people.root.winfo_rooty() + people.root.winfo_height()
    assert people.find("rows").winfo_height() > 60


def test_a_reset_code_is_shown_once(people: Window) -> None:
    code = people.pages.people.one_time_code
    code.issue(IssuedCode("K7QM-2XVN-PD4R", YEAR_3000_MS, "Ben Osei"))
    people.root.update()
    assert "Ben Osei" in people.says("told_title")
    assert people.find("told_code").get() == "K7QM-2XVN-PD4R"
    assert "3000" in people.says("told_expiry") and "only once" in people.says("told_expiry")
    people.click("copy")
    assert people.root.clipboard_get() == "K7QM-2XVN-PD4R"
    people.click("told_done")
    assert not people.shows("told_title") and code.issued is None
    code.issue(IssuedCode("K7QM-2XVN-PD4R", YEAR_3000_MS, "Ben Osei"))
    people.root.update()
    code.forget()
    people.root.update()
    assert not people.shows("told_title"), "it goes with the session"
