"""Where an administrator writes: nothing that was written gets lost, and a
member has no such place."""

import pytest

from app.models.connection.status import Phase
from app.models.room.outbox_item import Draft, PostState
from app.views.compose.send_panel import SendPanel
from protocol.messages import Limits, Person, Priority, Role
from tests.support.window import ALICE, BOB, ENTER_KEYS, Window, room_info


@pytest.fixture
def admin(window: Window) -> Window:
    """A window at which an administrator is signed in, of a room that takes
    texts of 20 characters."""
    window.greet(room_info(limits=Limits(text_chars=20)))
    window.enter(ALICE)
    return window


def written(window: Window) -> str:
    return str(window.find("editor").get("1.0", "end - 1 chars"))


def can_send(window: Window) -> bool:
    return bool(window.find("send").instate(["!disabled"]))


def refuse(window: Window, text: str, reason: str = "text_invalid") -> bytes:
    """A post of this text has come back."""
    item = window.outbox.add(Draft(text))
    window.outbox.mark(item.post_id, PostState.REFUSED, reason)
    window.root.update()
    return item.post_id


# --- who has one --------------------------------------------------------------------


def test_p6_a_member_has_no_send_panel_in_the_whole_window(window: Window) -> None:
    window.enter(BOB)
    for name in ("send_panel", "editor", "send", "outbox", "count", "hint"):
        assert window.all(name) == []


def test_p6_one_who_is_no_longer_an_administrator_loses_it(admin: Window) -> None:
    assert admin.shows("send_panel")
    admin.account.sign_in(Person(ALICE.id, ALICE.username, ALICE.display_name, Role.MEMBER))
    admin.root.update()
    assert admin.all("send_panel") == []


def test_a_draft_survives_the_panel_for_the_one_who_wrote_it(admin: Window) -> None:
    admin.type("editor", "half a sen")
    admin.account.sign_out()
    admin.root.update()
    assert admin.all("editor") == []
    admin.enter(ALICE)
    assert written(admin) == "half a sen"
    admin.outbox.open(None)  # as the controllers do for another account
    admin.enter(Person(9, "carol", "Carol Diaz", Role.ADMIN))
    assert written(admin) == "", "nobody else sees it"


def test_a_draft_survives_a_break_a_theme_and_a_language(admin: Window) -> None:
    admin.type("editor", "half\n\ta sen 🔔 ")
    for phase in (Phase.WAITING, Phase.CONNECTING, Phase.SIGNING_IN, Phase.LIVE):
        admin.status.update(phase=phase)
    admin.settings.change(theme="dark", language="zh")
    admin.account.sign_in(Person(ALICE.id, "alice", "Alice H. Hart", Role.ADMIN))
    admin.root.update()
    assert written(admin) == "half\n\ta sen 🔔 "


# --- counting -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("   \n\n", 0),
        ("hello", 5),
        ("hello \n", 5),
        ("🔔🔔", 2),
        ("消防", 2),
        ("a\nb", 3),
        ("x" * 20, 20),
    ],
)
def test_what_would_be_sent_is_counted(admin: Window, text: str, count: int) -> None:
    admin.type("editor", text)
    assert admin.says("count") == f"{count} / 20"
    assert can_send(admin) is (count > 0)
    assert admin.says("hint") == "Ctrl+Enter sends"


def test_a_text_that_is_too_long_is_told_and_not_sent(admin: Window) -> None:
    admin.type("editor", "x" * 22)
    assert admin.says("count") == "22 / 20"
    assert admin.says("hint") == "2 characters too many"
    assert str(admin.find("hint").cget("style")) == "Error.TLabel"
    assert not can_send(admin)
    admin.press("editor", "<Control-Return>")
    assert admin.calls_of("send") == [] and written(admin) == "x" * 22
    admin.find("editor").delete("1.0", "1.2")
    admin.root.update()
    assert can_send(admin) and str(admin.find("hint").cget("style")) == "Muted.TLabel"


def test_the_limit_is_the_rooms(admin: Window) -> None:
    admin.type("editor", "x" * 22)
    admin.status.introduce(room_info(limits=Limits(text_chars=30)))
    admin.root.update()
    assert admin.says("count") == "22 / 30" and can_send(admin)


def test_the_button_tells_how_many_will_hear(admin: Window) -> None:
    assert admin.says("send") == "Send"
    admin.status.update(members=418)
    admin.root.update()
    assert admin.says("send") == "Send to 417", "all but oneself, as below the message"


def test_one_can_write_and_send_while_there_is_no_connection(admin: Window) -> None:
    admin.status.update(phase=Phase.WAITING)
    admin.type("editor", "later")
    assert admin.find("hint").whole.startswith("Not connected")
    admin.click("send")
    assert admin.calls_of("send") == [Draft("later")] and written(admin) == ""


def test_the_placeholder_is_there_just_while_nothing_is(admin: Window) -> None:
    assert admin.says("editor_placeholder") == "Write an announcement to everyone…"
    admin.type("editor", " ")
    assert not admin.shows("editor_placeholder")
    admin.type("editor", "")
    admin.settings.change(language="zh")
    admin.root.update()
    assert admin.says("editor_placeholder") == "写一条发给所有人的通知…"


# --- sending ------------------------------------------------------------------------


@pytest.mark.parametrize("key", ENTER_KEYS)
def test_ctrl_enter_sends(admin: Window, key: str) -> None:
    admin.type("editor", "one\n\ttwo")
    admin.press("editor", f"<Control-{key}>")
    assert admin.calls_of("send") == [Draft("one\n\ttwo")]
    assert written(admin) == ""


@pytest.mark.parametrize("key", ["<Return>", "<Shift-Return>"])
def test_enter_alone_begins_a_line(admin: Window, key: str) -> None:
    admin.type("editor", "one")
    admin.find("editor").mark_set("insert", "end - 1 chars")
    admin.press("editor", key)
    assert written(admin) == "one\n" and admin.calls_of("send") == []


def test_ctrl_enter_with_nothing_written_does_nothing(admin: Window) -> None:
    admin.press("editor", "<Control-Return>")
    assert admin.calls_of("send") == [] and written(admin) == ""


def test_p10_the_editor_lets_go_only_of_what_the_outbox_took(admin: Window) -> None:
    admin.takes_posts = False
    admin.type("editor", "kept")
    admin.click("send")
    assert admin.calls_of("send") == [Draft("kept")] and written(admin) == "kept"
    admin.takes_posts = True
    admin.click("send")
    assert written(admin) == "" and [item.text for item in admin.outbox.items] == ["kept"]


def test_p10_what_can_not_be_kept_stays_in_the_editor_and_it_is_said(admin: Window) -> None:
    admin.status.update(phase=Phase.WAITING)
    admin.takes_posts = False
    admin.type("editor", "kept")
    admin.click("send")
    assert written(admin) == "kept" and "disk may be full" in admin.find("hint").whole
    admin.type("editor", "kept, too")
    assert "disk" not in admin.find("hint").whole, "it was said of the other text"


def test_what_is_written_is_told_as_it_is_written_and_taken_over_from_the_last_start(
    admin: Window,
) -> None:
    admin.type("editor", "half")
    assert admin.outbox.draft == Draft("half")
    admin.click("ask_to_confirm")
    assert admin.outbox.draft == Draft("half", answers=("",))
    admin.outbox._draft = Draft("of the last start", lifetime_ms=3_600_000)
    admin.outbox._changed()
    assert written(admin) == "of the last start"
    assert "1 hour" in str(admin.find("expiry").cget("text"))
    admin.account.sign_in(Person(ALICE.id, ALICE.username, ALICE.display_name, Role.MEMBER))
    admin.enter(ALICE)
    assert written(admin) == "of the last start", "a change of role loses nothing"


def test_one_that_may_have_arrived_can_be_neither_changed_nor_given_up(admin: Window) -> None:
    item = admin.outbox.add(Draft("on its way"))
    admin.outbox.mark(item.post_id, PostState.SENDING)
    admin.outbox._unkept.clear()
    admin.outbox.interrupt()
    admin.outbox._unkept.clear()
    admin.outbox._changed()
    admin.root.update()
    assert admin.find("post_state").whole.endswith("it may have arrived already")
    assert not admin.shows("edit") and not admin.shows("discard")
    admin.outbox.mark(item.post_id, PostState.WAITING, "busy")
    admin.root.update()
    assert admin.shows("edit"), "the server said that it does not have it"


def test_what_was_sent_is_not_brought_back_by_undo(admin: Window) -> None:
    admin.type("editor", "sent")
    admin.click("send")
    admin.press("editor", "<<Undo>>")
    assert written(admin) == ""


def test_tab_leaves_the_editor(admin: Window) -> None:
    admin.type("editor", "text")
    admin.press("editor", "<Tab>")
    assert admin.root.focus_get() is admin.find("priority_0")
    assert written(admin) == "text"


# --- what it is besides its text ----------------------------------------------------


def panel(window: Window) -> SendPanel:
    shown = window.root.room.panel
    assert shown is not None
    return shown


def sent(window: Window) -> Draft:
    (draft,) = window.calls_of("send")
    assert isinstance(draft, Draft)
    return draft


def test_before_many_are_asked_it_is_said_how_many(admin: Window) -> None:
    admin.status.update(members=631)
    admin.type("editor", "Where are you?")
    admin.click("ask_to_confirm")
    admin.click("send")
    assert admin.calls_of("send") == [] and "630" in admin.says("ask_title")
    admin.click("ask_no")
    assert admin.calls_of("send") == [] and written(admin) == "Where are you?"
    admin.click("send")
    admin.click("ask_yes")
    assert sent(admin) == Draft("Where are you?", answers=("",)) and written(admin) == ""


def test_after_sending_the_next_one_is_a_normal_one(admin: Window) -> None:
    admin.type("editor", "first")
    admin.click("priority_1")
    admin.click("send")
    assert sent(admin).priority is Priority.IMPORTANT
    admin.type("editor", "second")
    admin.click("send")
    assert admin.calls_of("send")[-1] == Draft("second")


def test_before_many_are_called_it_is_said_what_that_does(admin: Window) -> None:
    admin.status.update(members=631)
    admin.type("editor", "Leave the building")
    admin.click("priority_2")
    assert admin.find("ask_to_confirm").instate(["disabled", "selected"]), "it asks by itself"
    admin.click("send")
    assert admin.calls_of("send") == []
    assert admin.says("ask_title") == "Send this to 630 people as urgent?"
    for words in ("front on every screen", "every 5 minutes", "I have read this"):
        assert words in admin.says("ask_text")
    admin.click("ask_no")
    assert admin.calls_of("send") == [] and written(admin) == "Leave the building"
    admin.click("send")
    admin.click("ask_yes")
    (draft,) = admin.calls_of("send")
    assert (draft.priority, draft.answers) == (Priority.URGENT, ("",))


def test_what_is_no_longer_urgent_asks_only_if_it_did_before(admin: Window) -> None:
    admin.type("editor", "hello")
    admin.click("priority_2")
    admin.click("priority_0")
    assert admin.find("ask_to_confirm").instate(["!disabled", "!selected"])
    admin.click("ask_to_confirm")
    admin.click("priority_2")
    admin.click("priority_1")
    assert admin.find("ask_to_confirm").instate(["!disabled", "selected"])


def test_a_message_can_ask_whether_it_was_read(admin: Window) -> None:
    admin.type("editor", "New rules")
    assert not admin.shows("asking_read")
    admin.click("ask_to_confirm")
    assert admin.shows("asking_read") and not admin.shows("answer_1")
    admin.click("send")
    assert "I have read this" in admin.says("ask_text")
    admin.click("ask_yes")
    assert sent(admin).answers == ("",)


@pytest.mark.parametrize(
    ("answers", "said", "asked"),
    [
        (("OK", " Need  help "), "", ("OK", "Need help")),
        (("OK", "", "Off site"), "", ("OK", "Off site")),
        (("OK",), "at least two", ()),
        ((), "", None),
        (("", " "), "", None),
        (("OK", "ok"), "at least two", ()),
        (("OK", "x" * 41), "at most 40", ()),
    ],
)
def test_p10_a_roll_call_has_two_to_four_different_answers(
    admin: Window, answers: tuple[str, ...], said: str, asked: tuple[str, ...] | None
) -> None:
    admin.type("editor", "Where are you?")
    admin.click("ask_to_confirm")
    admin.click("asking_roll_call")
    for number, answer in enumerate(answers, 1):
        admin.type(f"answer_{number}", answer)
    assert can_send(admin) is bool(asked)
    if said:
        assert said in admin.says("hint")
        return
    assert "answers" not in admin.says("hint"), "nobody complains before one has begun"
    assert [admin.says(f"number_{n}") for n in (1, 2, 3, 4)] == ["1.", "2.", "3.", "4."]
    if asked is None:
        return
    admin.click("send")
    admin.click("ask_yes")
    assert sent(admin).answers == asked


def test_a_message_can_withdraw_itself_after_a_while(admin: Window) -> None:
    admin.type("editor", "Coach at 15:10")
    (menu,) = admin.all("lifetimes")
    menu.tk.eval(str(menu.cget("postcommand")))
    menu.tk.call(str(menu), "invoke", 2)
    admin.root.update()
    assert "8 hours" in str(admin.find("expiry").cget("text"))
    admin.click("send")
    assert sent(admin).lifetime_ms == 8 * 3_600_000, "counted from when it is posted"
    assert sent(admin).expires_at_ms == 0


def test_p10_a_refused_one_comes_back_with_all_that_was_chosen(admin: Window) -> None:
    draft = Draft("Where?", Priority.IMPORTANT, ("Here", "There"), 4_000_000_000_000)
    item = admin.outbox.add(draft)
    admin.outbox.mark(item.post_id, PostState.REFUSED, "expiry_invalid")
    admin.root.update()
    admin.click("edit")
    assert panel(admin).draft == draft
    assert admin.shows("answer_2")


# --- the outbox ---------------------------------------------------------------------


def test_each_state_of_a_post_has_its_words(admin: Window) -> None:
    item = admin.outbox.add(Draft("Fire drill\nat 10:30"))
    admin.root.update()
    assert admin.says("preview") == "Fire drill at 10:30"
    assert not admin.outbox.is_kept(item.post_id)
    assert "only as long as this window is open" in admin.find("post_state").whole
    assert admin.shows("edit") and admin.shows("discard"), "nobody has it yet"
    admin.outbox.mark(item.post_id, PostState.SENDING)
    admin.root.update()
    assert admin.says("post_state") == "Sending…"
    assert not admin.shows("edit")
    admin.outbox.settle(item.post_id)
    admin.root.update()
    assert not admin.shows("outbox") and not admin.shows("preview")


def test_p10_a_refused_post_tells_why_and_can_be_edited(admin: Window) -> None:
    refuse(admin, "refused", "text_too_long")
    told = admin.find("post_state").whole
    assert told == "Not sent: It is too long; shorten it to 20 characters."
    admin.click("edit")
    assert written(admin) == "refused" and not admin.shows("outbox")
    assert admin.root.focus_get() is admin.find("editor")


def test_p10_editing_a_refused_post_keeps_what_is_being_written(admin: Window) -> None:
    refuse(admin, "refused")
    admin.type("editor", "new one\n")
    admin.click("edit")
    assert written(admin) == "new one\n\nrefused"


def test_a_refused_post_can_be_discarded(admin: Window) -> None:
    post_id = refuse(admin, "refused")
    admin.type("editor", "new one")
    admin.click("discard")
    assert admin.calls_of("discard") == [post_id]
    assert not admin.shows("outbox") and written(admin) == "new one"


def test_a_refused_post_is_seen_however_many_wait(admin: Window) -> None:
    for number in range(10):
        admin.outbox.add(Draft(f"waiting {number}"))
    refuse(admin, "refused")
    rows = sorted(admin.all("preview"), key=lambda widget: widget.winfo_rooty())
    said = [row.cget("text") for row in rows]
    assert len(said) > 2 and said == ["refused", "waiting 0", "waiting 1", "waiting 2"][: len(said)]
    assert admin.find("send").winfo_viewable()
