"""What stands below a message in the window: how far it has come, and what one
answers. And who has confirmed: the page."""

import time
from pathlib import Path
from tkinter import filedialog

import pytest

from app.models.connection.status import Phase
from app.models.listing import Reason
from app.views.timeline.lookout import WATCH_MS
from protocol.messages import Attention, OwnReceipt, RoomMessage, RosterEntry, Tally
from tests.support.window import ALICE, BOB, Window

NOW_MS = time.time_ns() // 1_000_000
MINUTE_MS = 60_000


def message(number: int = 1, *answers: str, withdrawn_at_ms: int = 0) -> RoomMessage:
    return RoomMessage(
        number,
        number,
        9,
        "Someone",
        NOW_MS,
        f"text {number}",
        bytes(16),
        answers=answers,
        withdrawn_at_ms=withdrawn_at_ms,
    )


def show(window: Window, *messages: RoomMessage) -> None:
    window.feed.replace(messages, at_start=True, at_end=True)
    window.root.update()


def text(window: Window) -> str:
    return str(window.feed.pane.text.get("1.0", "end"))


@pytest.fixture
def admin(window: Window) -> Window:
    window.enter(ALICE)
    return window


@pytest.fixture
def member(window: Window) -> Window:
    window.enter(BOB)
    return window


# -- how far it has come ---------------------------------------------------------------


def test_an_administrator_sees_how_far_a_message_has_come_as_it_happens(admin: Window) -> None:
    show(admin, message(1), message(2, ""), message(3, "OK", "Need help"))
    assert "Seen by" not in text(admin)
    admin.pages.receipts.count(
        [Tally(1, 630, 402), Tally(2, 630, 400, (391,)), Tally(3, 630, 5, (3, 1))]
    )
    admin.root.update()
    said = text(admin)
    assert "Seen by 402 of 630" in said
    assert "Seen by 400 of 630 · confirmed by 391" in said
    assert "Seen by 5 of 630 · OK 3 · Need help 1" in said
    admin.pages.receipts.count([Tally(1, 630, 403)])
    admin.root.update()
    assert "Seen by 403 of 630" in text(admin) and "402" not in text(admin)
    assert [one for one, _ in admin.feed.shown()] == [1, 2, 3]


def test_p6_a_member_sees_nothing_of_it(member: Window) -> None:
    show(member, message(1))
    member.pages.receipts.count([Tally(1, 630, 402)])
    member.root.update()
    assert "Seen by" not in text(member)


def test_nothing_is_said_where_nobody_was_there_to_hear(admin: Window) -> None:
    show(admin, message(1))
    admin.pages.receipts.count([Tally(1, 0, 0)])
    admin.root.update()
    assert "Seen by" not in text(admin)


def test_it_asks_for_what_is_looked_at(admin: Window) -> None:
    show(admin, message(1), message(2))
    assert ("need_tallies", 1, 2) in admin.calls


# -- what was seen ----------------------------------------------------------------------


def test_what_stays_in_sight_for_a_second_was_seen(member: Window) -> None:
    show(member, message(1), message(2))
    member.until(lambda: member.calls_of("mark_seen") != [], "to have seen it")
    assert {call for call in member.calls if call[0] == "mark_seen"} == {("mark_seen", 1, 2)}


def test_nothing_is_seen_in_a_window_that_nobody_looks_at(
    member: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member.feed.pane, "focus_displayof", lambda: None)
    show(member, message(1))
    deadline = time.monotonic() + 2.5 * WATCH_MS / 1000
    while time.monotonic() < deadline:
        member.root.update()
    assert member.calls_of("mark_seen") == []


def test_behind_a_locked_screen_nothing_is_seen(member: Window) -> None:
    member.pages.notifications.set_attention(Attention.LOCKED)
    show(member, message(1))
    deadline = time.monotonic() + 2.5 * WATCH_MS / 1000
    while time.monotonic() < deadline:
        member.root.update()
    assert member.calls_of("mark_seen") == []
    member.pages.notifications.set_attention(Attention.HERE)
    member.until(lambda: member.calls_of("mark_seen") != [], "to have seen it after all")


# -- answering ----------------------------------------------------------------------------


def test_one_confirms_by_one_button(member: Window) -> None:
    show(member, message(1), message(2, ""))
    assert not member.shows("answer_1"), "nobody has asked this person"
    member.pages.receipts.stand([OwnReceipt(2)])
    member.root.update()
    assert member.says("answer_1") == "I have read this"
    member.click("answer_1")
    assert ("answer", 2, 1) in member.calls


def test_a_roll_call_has_its_answers(member: Window) -> None:
    show(member, message(1, "OK", "Need help", "Off site"))
    member.pages.receipts.stand([OwnReceipt(1, reminded_at_ms=NOW_MS)])
    member.root.update()
    assert [member.says(f"answer_{n}") for n in (1, 2, 3)] == ["OK", "Need help", "Off site"]
    assert "Reminder" in member.says("answered")
    member.click("answer_2")
    assert ("answer", 1, 2) in member.calls


def test_an_answer_on_its_way_is_said_and_can_be_changed(member: Window) -> None:
    show(member, message(1, "OK", "No"))
    member.pages.receipts.stand([OwnReceipt(1)])
    member.pages.receipts.answer(1, 2)
    member.root.update()
    assert member.says("answered") == "Sending your answer: No"
    member.status.update(phase=Phase.WAITING)
    member.pages.receipts.answer(1, 1)
    member.root.update()
    assert "as soon as the connection is back" in member.says("answered")
    assert not member.shows("answer_1")
    member.click("change_answer")
    assert member.shows("answer_1")


@pytest.mark.parametrize(("left_ms", "may_change"), [(MINUTE_MS, True), (-1, False)])
def test_an_answer_stands_and_can_be_changed_for_a_while(
    member: Window, left_ms: int, may_change: bool
) -> None:
    now_ms = time.time_ns() // 1_000_000
    show(member, message(1, "OK", "No"))
    member.pages.receipts.stand([OwnReceipt(1, 2, now_ms - MINUTE_MS, now_ms + left_ms)])
    member.root.update()
    assert member.says("answered").startswith("Your answer: No")
    assert member.shows("change_answer") is may_change
    assert not member.shows("answer_1")


def test_the_way_to_change_it_goes_when_its_time_is_over(member: Window) -> None:
    now_ms = time.time_ns() // 1_000_000
    show(member, message(1, "OK", "No"))
    member.pages.receipts.stand([OwnReceipt(1, 1, now_ms, now_ms + 1_500)])
    member.root.update()
    assert member.shows("change_answer")
    member.until(lambda: not member.shows("change_answer"), "to be final")


def test_p10_why_an_answer_was_not_taken_is_said_beside_it(member: Window) -> None:
    show(member, message(1, "OK", "No"))
    member.pages.receipts.stand([OwnReceipt(1, 1, 5, 6)])
    member.pages.receipts.answer(1, 2)
    member.pages.receipts.settle(1, Reason("answer_final"))
    member.root.update()
    assert "can no longer be changed" in member.says("answered")


def test_a_withdrawn_message_asks_nothing(member: Window) -> None:
    show(member, message(1, "OK", "No"))
    member.pages.receipts.stand([OwnReceipt(1)])
    member.root.update()
    assert member.shows("answer_1")
    member.feed.update(message(1, withdrawn_at_ms=5))
    member.root.update()
    assert not member.shows("answer_1")


def test_how_long_an_answer_can_be_changed_is_told_by_the_servers_clock(member: Window) -> None:
    hours_ms = 10 * 3_600_000
    for server_now_ms in (NOW_MS - hours_ms, NOW_MS + hours_ms):
        member.status.set_clock(server_now_ms)
        show(member, message(1, "OK", "No"))
        member.pages.receipts.stand([OwnReceipt(1, 1, server_now_ms, server_now_ms + MINUTE_MS)])
        member.root.update()
        assert member.shows("change_answer")
        member.pages.receipts.stand([OwnReceipt(1, 1, server_now_ms, server_now_ms - 1)])
        member.root.update()
        assert not member.shows("change_answer")


# -- the roster -----------------------------------------------------------------------------


def entry(number: int, name: str, **more: object) -> RosterEntry:
    facts = {"is_counted": True, "online": False, "last_seen_ms": 0, "has_seen": False} | more
    return RosterEntry(number, f"person{number}", name, **facts)  # type: ignore[arg-type]


PEOPLE = (
    entry(2, "Ben Osei"),
    entry(3, "Chloé Martin", online=True, has_seen=True),
    entry(4, "王芳", has_seen=True),
    entry(5, "Carol Diaz", choice=2, at_ms=NOW_MS, has_seen=True),
    entry(6, "Gone Person", choice=1, at_ms=NOW_MS, is_counted=False),
)


@pytest.fixture
def roster(admin: Window) -> Window:
    """The page of a message with some people."""
    asked = message(1, "OK", "Need help")
    show(admin, asked)
    admin.root.open_roster(asked)
    admin.pages.roster.open(asked)
    admin.pages.roster.tell(PEOPLE)
    admin.root.update()
    return admin


def names(window: Window) -> list[str]:
    rows = window.find("rows")
    return [rows.item(row, "values")[0] for row in rows.get_children()]


def states(window: Window) -> list[str]:
    rows = window.find("rows")
    return [rows.item(row, "values")[2] for row in rows.get_children()]


def test_it_opens_by_a_click_on_the_line_and_by_the_menu(admin: Window) -> None:
    show(admin, message(1, ""))
    admin.pages.receipts.count([Tally(1, 5, 1, (0,))])
    admin.root.update()
    shown = admin.feed.pane.text
    box = shown.bbox("footer.first + 2 chars")
    assert box is not None
    for event in ("<Motion>", "<Button-1>", "<ButtonRelease-1>"):
        shown.event_generate(event, x=box[0], y=box[1] + 2)
    admin.root.update()
    assert admin.calls_of("open_roster") == [message(1, "")]
    assert admin.shows("roster")
    admin.root.leave_page()
    admin.root.update()
    menu = admin.root.room.menu
    menu.fill(message(2), "")
    menu.menu.invoke("Who has seen it…")
    assert admin.calls_of("open_roster")[-1] == message(2)


def test_p6_a_member_has_no_such_page(member: Window) -> None:
    member.root.open_roster(message(1, ""))
    member.root.update()
    assert member.calls_of("open_roster") == [] and not member.shows("roster")


def test_it_tells_who_has_not_and_who_has(roster: Window) -> None:
    assert names(roster) == ["Ben Osei", "Chloé Martin", "王芳"]
    assert states(roster) == ["Offline", "Seen · Online", "Seen · Offline"]
    assert roster.says("part_not_yet") == "Not yet 3"
    assert roster.says("part_confirmed") == "Confirmed 1", "who has left is not counted"
    assert "Seen by 3 of 4 · confirmed by 1" in roster.says("roster_sum")
    assert roster.find("roster_progress").cget("value") == 0.25
    roster.click("part_confirmed")
    assert names(roster) == ["Carol Diaz", "Gone Person"]
    assert states(roster) == ["Need help", "OK · Has left"]


@pytest.mark.parametrize(
    ("attention", "words"),
    [
        (Attention.HERE, "Online"),
        (Attention.PAUSED, "Do not disturb"),
        (Attention.FULL_SCREEN, "Full screen"),
        (Attention.PRESENTING, "Presenting"),
        (Attention.LOCKED, "Screen locked"),
    ],
)
def test_it_tells_why_one_may_not_have_seen_it(
    roster: Window, attention: Attention, words: str
) -> None:
    person = entry(3, "Ann", online=True, attention=attention)
    roster.pages.roster.tell((person,))
    roster.root.update()
    assert states(roster) == [words]
    roster.find("roster_copy").invoke()
    copied = roster.root.clipboard_get()
    expected = "yes" if attention is Attention.HERE else f"yes, {attention.name.lower()}"
    assert expected in copied.splitlines()[1].split("\t")


def test_it_is_searched_and_sorted(roster: Window) -> None:
    roster.type("search", "王")
    assert names(roster) == ["王芳"]
    roster.type("search", "PERSON2")
    assert names(roster) == ["Ben Osei"]
    roster.type("search", "nobody")
    assert "nobody" in roster.says("instead")
    roster.type("search", "")
    tree = roster.find("rows")
    tree.tk.eval(str(tree.heading("name", "command")))
    roster.root.update()
    assert names(roster) == ["王芳", "Chloé Martin", "Ben Osei"]
    tree.tk.eval(str(tree.heading("state", "command")))
    roster.root.update()
    assert names(roster) == ["Chloé Martin", "王芳", "Ben Osei"]


def test_of_one_that_asks_nothing_it_tells_who_has_seen_it(roster: Window) -> None:
    roster.pages.roster.open(message(2))
    roster.pages.roster.tell((entry(3, "Ann"), entry(4, "Ben", has_seen=True)))
    roster.root.update()
    assert roster.says("part_not_yet") == "Not seen 1"
    assert roster.says("part_confirmed") == "Seen 1"
    assert states(roster) == ["Not seen · Offline"]
    assert roster.find("rows").heading("time", "text") == "Last online"


def test_names_are_put_in_the_order_in_which_people_count(roster: Window) -> None:
    wanted = ["Pupil 2", "Pupil 10", "pupil 010a", "Pupil 100", "Room 3"]
    roster.pages.roster.tell(tuple(entry(9 - n, name) for n, name in enumerate(wanted)))
    roster.root.update()
    assert names(roster) == wanted


def test_those_who_have_not_are_reminded(roster: Window) -> None:
    assert roster.says("remind") == "Remind these 3"
    roster.click("remind")
    assert ("remind",) in roster.calls
    roster.status.update(phase=Phase.WAITING)
    roster.root.update()
    assert roster.find("remind").instate(["disabled"])


def test_it_is_copied_and_saved(
    roster: Window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    roster.click("roster_copy")
    copied = roster.root.clipboard_get()
    assert "person5\tCarol Diaz\tyes\tNeed help" in copied and "王芳" in copied
    roster.pages.roster.tell((entry(7, "=cmd|' /C calc'!A0"), entry(8, "＝1+1")))
    roster.click("roster_copy")
    copied = roster.root.clipboard_get()
    assert "\t'=cmd|" in copied and "\t'＝1+1\t" in copied, "nor is it a formula"
    path = tmp_path / "who.csv"
    monkeypatch.setattr(filedialog, "asksaveasfilename", lambda **_options: str(path))
    roster.click("roster_save")
    assert roster.calls_of("save_roster") == [path]


def test_p10_before_it_is_known_and_where_it_is_refused(roster: Window) -> None:
    roster.pages.roster.open(message(1, ""))
    roster.root.update()
    assert roster.says("instead") == "Loading…"
    roster.pages.roster.refuse(Reason("withdrawn"))
    roster.root.update()
    assert "withdrawn" in roster.says("instead")


def test_of_ten_thousand_a_part_is_listed_and_the_rest_on_the_way_down(roster: Window) -> None:
    roster.pages.roster.tell(tuple(entry(n, f"Person {n:05}") for n in range(10_000)))
    roster.root.update()
    rows = roster.find("rows")
    assert len(rows.get_children()) < 1000 and "10000" in roster.says("part_not_yet")
    before = len(rows.get_children())
    rows.yview_moveto(1.0)
    roster.until(lambda: len(rows.get_children()) > before, "to list more")
