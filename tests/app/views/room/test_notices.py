"""The lines under the header: what a person should know or do now."""

import pytest

from app.models.connection.account import Account, AccountNotice
from protocol.messages import OwnReceipt, Person, Role, RoomMessage
from tests.support.reading import message
from tests.support.window import ALICE, BOB, Window

MEMBER = Person(ALICE.id, ALICE.username, ALICE.display_name, Role.MEMBER)


def asking(number: int) -> RoomMessage:
    one = message(number)
    return RoomMessage(
        one.id, one.revision, 9, "Someone", one.posted_at_ms, one.text, one.post_id, answers=("",)
    )


def test_what_waits_for_an_answer_is_said_and_led_to_until_it_is_answered(window: Window) -> None:
    window.enter(BOB)
    window.feed.replace([asking(n) for n in range(1, 60)], True, True)
    receipts = window.pages.receipts
    receipts.stand([OwnReceipt(5), OwnReceipt(9), OwnReceipt(11, choice=1)])
    window.root.update()
    assert window.find("open_asks_words").whole == "2 announcements wait for your answer"
    window.click("open_asks_look")
    text = window.feed.pane.text
    assert text.dlineinfo(str(text.tag_ranges("body-5")[0])) is not None
    receipts.answer(5, 1)
    window.root.update()
    assert window.find("open_asks_words").whole == "1 announcement waits for your answer"
    receipts.withdraw(9)
    window.root.update()
    assert not window.shows("open_asks") and not window.shows("notices")


def test_what_is_far_away_is_fetched(window: Window) -> None:
    window.enter(BOB)
    window.feed.replace([asking(n) for n in range(100, 160)], False, True)
    window.pages.receipts.stand([OwnReceipt(5)])
    window.root.update()
    window.click("open_asks_look")
    assert ("show_from", 5) in window.calls


def test_what_an_earlier_sign_in_told_does_not_count_after_the_next(window: Window) -> None:
    receipts = window.pages.receipts
    receipts.stand([OwnReceipt(5)])
    assert receipts.open_asks == [5]
    receipts.begin()
    assert receipts.open_asks == [], "it may have been withdrawn meanwhile"
    receipts.stand([OwnReceipt(5), OwnReceipt(6)])
    assert receipts.open_asks == [5, 6]


def test_a_new_administrator_is_told_that_they_are_one(window: Window) -> None:
    window.enter(MEMBER)
    assert not window.shows("promoted")
    window.enter(ALICE)
    assert "administrator now" in window.find("promoted_words").whole
    window.enter(Person(ALICE.id, ALICE.username, "Alice Hart-Smith", Role.ADMIN))
    assert window.shows("promoted"), "until they have read it"
    window.click("promoted_look")
    assert not window.shows("promoted")


def test_who_signs_in_as_an_administrator_knows_it() -> None:
    account = Account()
    account.sign_in(BOB)
    account.sign_in(ALICE)
    assert AccountNotice.PROMOTED not in account.notices, "that is somebody else"


def test_that_one_is_not_kept_signed_in_is_said_until_it_was_read(window: Window) -> None:
    window.enter(BOB)
    window.account.tell(AccountNotice.UNKEPT)
    window.root.update()
    assert "sign in again at the next start" in window.find("unkept_words").whole
    window.click("unkept_look")
    assert not window.shows("unkept")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_nobody_can_be_kept_signed_in_the_switch_says_so(
    window: Window, language: str
) -> None:
    window.settings.change(language=language)
    window.greet()
    assert window.find("keep").instate(["!disabled", "selected"])
    assert not window.shows("cant_keep")
    window.account.tell_store(False)
    window.root.update()
    assert window.find("keep").instate(["disabled", "!selected"])
    assert window.says("cant_keep")
    window.type("username", "alice")
    window.type("password", "a long enough password")
    window.click("submit")
    assert window.calls[-1] == ("sign_in", "alice", "a long enough password", False)


def test_in_a_roomy_window_nothing_is_left_unsaid(window: Window) -> None:
    window.root.geometry("1000x900")
    window.until(lambda: window.root.winfo_height() == 900, "the size")
    window.enter(MEMBER)
    window.enter(ALICE)
    window.account.tell(AccountNotice.ACCEPTED)
    window.account.tell(AccountNotice.UNKEPT)
    window.pages.awaiting.count(2)
    window.pages.receipts.stand([OwnReceipt(5)])
    window.root.update()
    for name in ("awaiting", "open_asks", "accepted", "promoted", "unkept"):
        assert window.shows(name), name


def test_the_menu_leads_to_whether_anything_is_missing(window: Window) -> None:
    window.enter(BOB)
    window.status.update(complete_through=1482)
    window.root.update()
    assert "complete through #1482" in window.says("state")
    menu = window.root.room.header.menu
    menu.fill()
    menu.menu.invoke((menu.menu.index("end") or 0) - 1)
    window.root.update()
    assert "#1482" in window.says("completeness_complete")
