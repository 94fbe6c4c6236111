"""The client on the desktop: its icon, its notifications, its sounds."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from app.desktop.events import (
    AttentionChanged,
    NetworkChanged,
    NoteClicked,
    Outcome,
    SecondStart,
    TrayAction,
    TrayChosen,
)
from app.desktop.tray_picture import TrayState
from app.i18n import LANGUAGES
from app.models.connection.status import Phase
from app.models.room.notifications import TEST_KEY, Note, NoteKind
from app.models.settings import Language
from app.views.desktop import presence as module
from protocol import joincode
from protocol.joincode import JoinCode
from protocol.messages import Attachment, Attention, Priority, RoomMessage
from tests.app.views.desktop.desk import Desk
from tests.support.window import ALICE, Window

TEXT = "The canteen\nis closed."


def message(number: int = 1, text: str = TEXT, **changes: Any) -> RoomMessage:
    one = RoomMessage(number, number, 9, "Ben Osei", 5, text, number.to_bytes(16, "big"))
    return msgspec.structs.replace(one, **changes)


def note(number: int = 1, is_urgent: bool = False, **changes: Any) -> Note:
    key, about = f"message-{number}", message(number, **changes)
    return Note(key, NoteKind.MESSAGE, about, is_urgent=is_urgent)


@pytest.fixture
def desk(window: Window) -> Desk:
    window.enter(ALICE)
    return Desk(window)


# -- the icon ---------------------------------------------------------------------------


def test_the_icon_tells_how_things_stand(desk: Desk) -> None:
    window = desk.window
    states = [desk.look.state]
    assert desk.look.unread == 0
    assert desk.look.title == "Northgate\nConnected"
    window.pages.notifications.count(3)
    assert desk.look.unread == 3 and desk.look.title.endswith("3 unread")
    window.pages.notifications.set_quiet(datetime(2027, 1, 1))
    states.append(desk.look.state)
    window.status.update(phase=Phase.WAITING)
    states.append(desk.look.state)
    assert "Not connected" in desk.look.title
    window.pages.urgent.show([message(priority=Priority.URGENT)])
    states.append(desk.look.state)
    assert states == [
        TrayState.CONNECTED,
        TrayState.PAUSED,
        TrayState.OFFLINE,
        TrayState.URGENT,
    ]
    assert "1 urgent announcement waits for you" in desk.look.title


def test_its_menu_offers_what_there_is_to_do(desk: Desk) -> None:
    actions = [entry.action for entry in desk.look.menu if entry.action]
    pauses = [TrayAction.PAUSE_HOUR, TrayAction.PAUSE_DAY]
    assert actions == [TrayAction.OPEN, *pauses, TrayAction.TEST, TrayAction.QUIT]
    (default,) = [entry for entry in desk.look.menu if entry.is_default]
    assert default.action is TrayAction.OPEN, "a click opens the window"
    until = datetime.now() + timedelta(hours=1)
    desk.window.settings.change(paused_until_ms=round(until.timestamp() * 1000))
    desk.window.pages.notifications.set_quiet(until)
    (resume,) = [entry for entry in desk.look.menu if entry.action is TrayAction.RESUME]
    assert f"{until:%H:%M}" in resume.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_has_words(desk: Desk, language: Language) -> None:
    desk.window.settings.change(language=language)
    for entry in desk.look.menu:
        assert entry.action is None or (entry.text and "." not in entry.text)


def test_what_is_chosen_is_done(desk: Desk) -> None:
    now = datetime(2026, 11, 30, 15, 30)
    desk.window.clock.stop_at(now)
    for action in (TrayAction.PAUSE_HOUR, TrayAction.PAUSE_DAY, TrayAction.RESUME, TrayAction.TEST):
        desk.tell(TrayChosen(action))
    assert desk.calls == [
        ("pause", now + timedelta(hours=1)),
        ("pause", datetime(2026, 12, 1, 8)),
        ("pause", None),
        ("test",),
    ]
    desk.tell(TrayChosen(TrayAction.QUIT))
    assert ("close",) in desk.window.calls


# -- away and back ------------------------------------------------------------------------


def close_window(desk: Desk) -> None:
    window = desk.window.root
    window.tk.call(*window.tk.splitlist(window.protocol("WM_DELETE_WINDOW")))
    window.update()


def test_a_closed_window_goes_into_the_tray_and_comes_back(desk: Desk) -> None:
    desk.have_tray()
    close_window(desk)
    assert desk.window.root.state() == "withdrawn"
    assert ("tell_of_tray",) in desk.calls
    assert ("attend", False) in desk.window.calls
    assert ("close",) not in desk.window.calls
    desk.tell(TrayChosen(TrayAction.OPEN))
    assert desk.window.root.state() == "normal"


def test_without_a_tray_it_is_minimised(desk: Desk) -> None:
    close_window(desk)
    assert desk.minimised == 1
    assert ("tell_of_tray",) not in desk.calls
    assert ("close",) not in desk.window.calls


def test_who_wants_it_to_end_with_its_window_has_it_so(desk: Desk) -> None:
    desk.have_tray()
    desk.window.settings.change(keeps_running=False)
    close_window(desk)
    assert ("close",) in desk.window.calls


def test_a_tray_that_goes_gives_the_window_back(desk: Desk) -> None:
    desk.have_tray()
    close_window(desk)
    assert desk.minimised == 0
    desk.have_tray(False)
    assert desk.minimised == 1, "else nothing would lead back to it"


def test_started_hidden_without_a_tray_it_is_minimised_in_the_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TRAY_LIMIT_MS", 1)
    root = desk.window.root
    root.begin(hidden=True)
    root.update()
    assert root.state() == "withdrawn"
    desk.presence.start(is_hidden=True)
    desk.window.until(lambda: desk.minimised == 1, "to be minimised")


def test_its_place_is_kept_when_it_is_put_away(desk: Desk) -> None:
    desk.have_tray()
    desk.window.root.geometry("700x520+60+50")
    desk.window.root.update()
    close_window(desk)
    assert desk.window.settings.values.geometry == "700x520+60+50"


def test_a_second_start_brings_it_to_the_front(desk: Desk) -> None:
    desk.have_tray()
    close_window(desk)
    answered: list[bool] = []
    desk.tell(SecondStart("", lambda: answered.append(True)))
    assert answered and desk.window.root.state() == "normal"


def test_a_link_to_another_room_is_asked_about(desk: Desk) -> None:
    desk.tell(SecondStart("other.example:7450", lambda: None))
    assert not desk.window.calls_of("connect")
    dialog = desk.window.root.nametowidget("ask")
    dialog._do()
    assert desk.window.calls_of("connect") == ["other.example:7450"]


@pytest.mark.parametrize("link", ["room.example:7450", "no address at all", "rostrum1.broken"])
def test_a_link_that_leads_nowhere_else_asks_nothing(desk: Desk, link: str) -> None:
    desk.tell(SecondStart(link, lambda: None))
    assert not desk.window.calls_of("connect")
    assert not desk.window.all("ask")


def test_signed_out_one_is_asked_too_before_a_link_leads_elsewhere(desk: Desk) -> None:
    desk.window.account.sign_out()
    desk.tell(SecondStart("other.example:7450", lambda: None))
    assert not desk.window.calls_of("connect"), "it may ask for a password there"
    desk.window.root.nametowidget("ask")._do()
    assert desk.window.calls_of("connect") == ["other.example:7450"]


def test_a_code_of_the_same_server_is_of_use_to_whoever_is_not_in(desk: Desk) -> None:
    code = JoinCode("room.example", 7450, b"f" * 32, b"invite")
    link = f"rostrum://join/{joincode.write(code)}"
    desk.tell(SecondStart(link, lambda: None))
    assert not desk.window.all("ask"), "who is in has no use for it"
    desk.window.status.update(phase=Phase.UNTRUSTED)
    desk.tell(SecondStart(link, lambda: None))
    desk.window.root.nametowidget("ask")._do()
    assert desk.window.calls_of("connect") == [link]


def test_a_link_is_followed_where_no_server_is_known(desk: Desk) -> None:
    desk.window.account.sign_out()
    desk.window.status.update(phase=Phase.NO_SERVER, address="")
    desk.tell(SecondStart("rostrum://join/rostrum1.abc", lambda: None))
    assert desk.window.calls_of("connect") == ["rostrum://join/rostrum1.abc"]


# -- notifications --------------------------------------------------------------------------


def test_a_notification_says_what_was_announced(desk: Desk) -> None:
    desk.window.pages.notifications.show(note())
    text = desk.notes["message-1"]
    assert (text.title, text.body) == ("Ben Osei · Northgate", "The canteen is closed.")
    desk.window.pages.notifications.withdraw("message-1")
    assert not desk.notes


def test_an_edited_one_replaces_it(desk: Desk) -> None:
    desk.window.pages.notifications.show(note())
    desk.window.pages.notifications.show(note(text="It is open."))
    assert desk.notes["message-1"].body == "It is open."


def test_its_content_is_hidden_on_request(desk: Desk) -> None:
    desk.window.settings.change(shows_content=False)
    desk.window.pages.notifications.show(note())
    desk.window.pages.notifications.show(note(2, is_urgent=True))
    words = [word for text in desk.notes.values() for word in (text.title, text.body)]
    assert not any("canteen" in word or "Ben" in word for word in words), words
    assert desk.notes["message-2"].body == "There is an urgent announcement."


def test_a_long_one_is_cut_and_hostile_characters_are_taken_out(desk: Desk) -> None:
    desk.window.pages.notifications.show(note(text="a\tb\x00c\x1b[31m " + "word " * 2_000))
    body = desk.notes["message-1"].body
    assert body.startswith("a b c [31m word") and body.endswith("…") and len(body) <= 220


def test_its_file_is_named(desk: Desk) -> None:
    file = Attachment(bytes(32), "plan.pdf", 2048)
    desk.window.pages.notifications.show(note(attachments=(file,)))
    assert desk.notes["message-1"].body.splitlines()[1] == "plan.pdf (2.0 KB)"


@pytest.mark.parametrize(
    ("kind", "count", "words"),
    [
        (NoteKind.SEVERAL, 5, "5 new announcements"),
        (NoteKind.AWAY, 7, "7 announcements while you were away"),
    ],
)
def test_several_are_told_as_one(desk: Desk, kind: NoteKind, count: int, words: str) -> None:
    desk.window.pages.notifications.show(Note("summary", kind, message(), count))
    assert desk.notes["summary"].body == words


def test_a_click_goes_to_the_message(desk: Desk) -> None:
    desk.have_tray()
    desk.messages["message-1"] = 1
    desk.window.pages.notifications.show(note())
    desk.window.root.open_page("people")
    close_window(desk)
    desk.tell(NoteClicked("message-1"))
    assert desk.window.root.state() == "normal"
    assert desk.window.root.room.winfo_viewable(), "and not the page that was open"
    assert ("show_from", 1) in desk.window.calls
    assert not desk.notes


def test_what_the_system_does_not_show_is_shown_by_ourselves(desk: Desk) -> None:
    desk.window.pages.notifications.show(note())
    desk.messages["message-1"] = 1
    desk.fail("message-1")
    assert desk.presence.notes.toasts.keys == ("message-1",)
    (toast,) = [one for one in desk.window.root.winfo_children() if "toast" in one.winfo_name()]
    toast.event_generate("<ButtonPress>", button=1)
    desk.window.root.update()
    assert ("take", "message-1") in desk.calls and ("show_from", 1) in desk.window.calls
    assert not desk.presence.notes.toasts.keys


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.SLOW, Outcome.NOT_ALLOWED])
def test_our_own_goes_with_what_it_is_about(desk: Desk, outcome: Outcome) -> None:
    notifications = desk.window.pages.notifications
    notifications.show(note())
    desk.fail("message-1", outcome)
    assert desk.presence.notes.toasts.keys
    notifications.withdraw("message-1")
    assert not desk.presence.notes.toasts.keys
    desk.fail("message-1", outcome)
    assert not desk.presence.notes.toasts.keys, "what was told too late is not shown"


def test_only_so_many_of_our_own_stand(desk: Desk) -> None:
    for number in range(1, 8):
        desk.window.pages.notifications.show(note(number))
        desk.fail(f"message-{number}")
    assert desk.presence.notes.toasts.keys == tuple(f"message-{n}" for n in range(4, 8))


def test_how_a_test_went_is_told(desk: Desk) -> None:
    desk.window.pages.notifications.show(Note(TEST_KEY, NoteKind.TEST))
    desk.fail(TEST_KEY, Outcome.NOT_ALLOWED)
    assert ("told", TEST_KEY, Outcome.NOT_ALLOWED) in desk.calls


# -- the rest ---------------------------------------------------------------------------------


def test_each_kind_has_its_sound_and_silence_is_silent(desk: Desk) -> None:
    window = desk.window
    window.pages.notifications.ring()
    window.pages.urgent.ring()
    assert desk.played == ["chime", "alarm"]
    window.settings.change(sound="", urgent_sound="bells")
    window.pages.notifications.ring()
    window.pages.urgent.ring()
    assert desk.played == ["chime", "alarm", "bells"]


def test_changes_of_the_network_and_of_attention_are_passed_on(desk: Desk) -> None:
    desk.tell(NetworkChanged(), AttentionChanged(Attention.LOCKED))
    assert desk.calls == [("network_changed",), ("pay_attention", Attention.LOCKED)]
