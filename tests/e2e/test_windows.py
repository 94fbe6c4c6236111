"""Real windows on a real server: what people see and can do."""

from collections.abc import Callable

import pytest

from protocol import joincode
from protocol.joincode import JoinCode
from server.certificates import CERTIFICATE_NAME, KEY_NAME
from server.storage.sqlite import open_store
from tests.support.person import Person
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess
from tests.support.wire import WireClient

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

Newcomer = Callable[..., Person]


def test_an_announcement_written_in_one_window_appears_in_the_other(
    alice: Person, bob: Person
) -> None:
    alice.announce("Fire drill at 10:30")
    for person in (alice, bob):
        person.until("timeline", ["Fire drill at 10:30"])
    assert alice.read("editor") == ""
    text = "多行公告 🔔\nsecond line\n\tthird, indented"
    alice.type("editor", text)
    alice.click("send")
    for person in (alice, bob):
        person.until("timeline", ["Fire drill at 10:30", text])


def test_a_member_has_no_send_panel_at_all(alice: Person, bob: Person) -> None:
    for widget in ("send_panel", "editor", "send"):
        alice.until("shown", widget)
        assert not bob.shows(widget)


def test_the_send_panel_is_gone_after_sign_out_and_back_for_an_administrator_only(
    alice: Person, bob: Person
) -> None:
    alice.choose("room_menu", "Sign out")
    alice.until("shown", "submit")
    assert not alice.shows("send_panel")
    alice.sign_in("bob")
    assert not alice.shows("send_panel")
    alice.choose("room_menu", "Sign out")
    alice.sign_in(ADMIN)
    alice.until("shown", "send_panel")


def test_p10_every_refusal_is_told_beside_its_field_and_nothing_typed_is_lost(
    alice: Person, newcomer: Newcomer
) -> None:
    eve = newcomer("eve")
    eve.fill_sign_in("nobody", "not the right one")
    eve.until("says", ("password_error", "do not match"))
    assert eve.read("username") == "nobody"
    assert eve.read("password") == "•" * len("not the right one")
    eve.fill_sign_in("", "x")
    eve.until("shown", "username_error")
    eve.click("tab_register")
    eve.until("shown", "display_name")
    eve.type("display_name", "Eve Adams")
    eve.fill_sign_in(ADMIN.upper(), PASSWORD)
    eve.until("says", ("username_error", "taken"))
    eve.fill_sign_in("eve", "short")
    eve.until("says", ("password_error", "10"))
    eve.fill_sign_in("eve", "1234567890")
    eve.until("says", ("password_error", "guess"))
    eve.fill_sign_in("e!", PASSWORD)
    eve.until("shown", "username_error")
    assert eve.read("display_name") == "Eve Adams"
    eve.fill_sign_in("eve", PASSWORD)
    eve.until_live()


def test_p10_a_server_that_is_not_there_is_told_and_found_when_it_comes(
    server: ServerProcess, newcomer: Newcomer
) -> None:
    frank = newcomer("frank", knows_server=False, is_patient=True)
    frank.until("shown", "address")
    frank.type("address", "not an address!")
    frank.click("connect")
    frank.until("shown", "address_error")
    assert frank.read("address") == "not an address!"
    server.kill()
    frank.type("address", server.address)
    frank.click("connect")
    frank.until("counts down from", 60)
    server.start()
    frank.click("now")
    frank.until("shown", "trust")
    shown = "".join(frank.read("shown_fingerprint").split())
    assert bytes.fromhex(shown) == server.fingerprint
    frank.click("trust")
    frank.until("shown", "username")
    frank.sign_in(ADMIN)


def test_a_join_code_brings_a_newcomer_straight_to_the_right_server(
    server: ServerProcess, newcomer: Newcomer
) -> None:
    grace = newcomer("grace", knows_server=False)
    grace.until("shown", "address")
    code = joincode.write(JoinCode("127.0.0.1", server.port, server.fingerprint))
    grace.type("address", code[:-3])
    grace.click("connect")
    grace.until("says", ("address_error", "not copied whole"))
    grace.type("address", f"  {code[:40]}\n{code[40:]} ")
    grace.click("connect")
    grace.register("grace", "Grace Hill")


def test_a_changed_certificate_is_refused_with_both_fingerprints_until_a_new_join_code(
    server: ServerProcess, alice: Person
) -> None:
    alice.announce("before")
    alice.until("timeline", ["before"])
    server.kill()
    known = server.fingerprint
    for name in (CERTIFICATE_NAME, KEY_NAME):
        (server.data_dir / name).unlink()
    server.start()
    alice.until("shown", "known_fingerprint")
    for widget, fingerprint in (
        ("known_fingerprint", known),
        ("shown_fingerprint", server.fingerprint),
    ):
        assert bytes.fromhex("".join(alice.read(widget).split())) == fingerprint
    assert not alice.shows("trust"), "it can't be waved through"
    alice.click("back")
    alice.until("timeline", ["before"])
    alice.click("now")
    alice.until("shown", "known_fingerprint")
    alice.type("address", joincode.write(JoinCode("127.0.0.1", server.port, server.fingerprint)))
    alice.click("connect")
    alice.until_live()


def test_p4_every_window_recovers_by_itself_from_a_killed_server(
    server: ServerProcess, alice: Person, bob: Person
) -> None:
    alice.announce("before")
    bob.until("timeline", ["before"])
    server.kill()
    for person in (alice, bob):
        person.until("shown", "now")
    alice.announce("written while away")
    alice.until("shown", "outbox")
    server.start()
    for person in (alice, bob):
        person.until("timeline", ["before", "written while away"])
        person.until_live()
    alice.until("gone", "outbox")
    alice.announce("after")
    for person in (alice, bob):
        person.until("timeline", ["before", "written while away", "after"])
        assert [number for number, _ in person.timeline()] == [1, 2, 3]


def test_after_a_stopping_server_now_brings_the_window_back_at_once(
    server: ServerProcess, newcomer: Newcomer
) -> None:
    bob = newcomer("bob", is_patient=True)
    bob.register("bob", "Ben Osei")
    server.stop()
    bob.until("counts down from", 60)
    server.start()
    bob.click("now")
    bob.until_live()


def test_p10_whose_session_was_ended_is_signed_out_and_told_why(
    server: ServerProcess, alice: Person
) -> None:
    server.kill()
    alice.type("editor", "written and not sent")
    with open_store(server.data_dir) as store:
        store._database.execute("DELETE FROM sessions")
    server.start()
    alice.until("says", ("form_error", "Your session has ended; please sign in again."))
    assert not alice.shows("send_panel")
    assert alice.read("username") == ADMIN, "what is known need not be typed again"
    alice.sign_in(ADMIN)
    alice.until("says", ("editor", "written and not sent"))


def test_p2_what_was_written_survives_a_crash_of_the_client(
    server: ServerProcess, newcomer: Newcomer, bob: Person
) -> None:
    alice = newcomer("alice")
    alice.sign_in(ADMIN)
    server.kill()
    alice.until("shown", "now")
    alice.announce("written before the crash")
    alice.until("shown", "outbox")
    alice.kill()
    server.start()
    again = newcomer("alice")
    again.sign_in(ADMIN)
    for person in (again, bob):
        person.until("timeline", ["written before the crash"])


def test_a_newcomer_scrolls_through_the_whole_history(
    server: ServerProcess, newcomer: Newcomer
) -> None:
    with WireClient(server.port) as alice:
        alice.hello()
        alice.sign_in(ADMIN, PASSWORD)
        for number in range(1, 131):
            alice.post(f"message {number}", number.to_bytes(16, "big"))
    bob = newcomer("bob", "700x500+800+20")
    bob.register("bob", "Ben Osei")
    bob.until("timeline has", "message 130")
    assert bob.timeline()[0][0] > 1, "not all at once"
    for first in (31, 1):
        while bob.timeline()[0][0] > first:
            shown_from = bob.timeline()[0][0]
            bob.scroll(0.0)
            bob.until("timeline from", max(1, shown_from - 50))
    shown = bob.timeline()
    assert shown == [(number, f"message {number}") for number in range(1, 131)]


def test_a_text_that_is_too_long_is_counted_and_not_sent(alice: Person) -> None:
    alice.type("editor", "x" * 4001)
    alice.until("says", ("count", "4001"))
    alice.press("editor", "<Control-Return>")
    assert len(alice.read("editor")) == 4001
    assert alice.texts() == []


def test_theme_and_language_are_switched_live_and_remembered(
    server: ServerProcess, newcomer: Newcomer
) -> None:
    bob = newcomer("bob")
    bob.register("bob", "Ben Osei")
    bob.choose("languages", "简体中文")
    bob.until("says", ("state", "已连接"))
    bob.click("theme")
    bob.close()
    again = newcomer("bob")
    again.until("says", ("submit", "登录"))
    again.choose("languages", "English") if again.shows("room_menu") else None


def test_the_number_online_is_shown(alice: Person, bob: Person) -> None:
    alice.until("says", ("state", "2 online"))
    bob.close()
    alice.until("says", ("state", "1 online"))
