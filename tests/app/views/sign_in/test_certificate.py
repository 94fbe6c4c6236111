"""What a person is asked about a server's certificate, and can do about it."""

import pytest

from app.i18n import LANGUAGES
from app.models.connection.account import Field, FormError
from app.models.connection.status import Phase
from app.models.settings import Language
from tests.support.window import ADDRESS, Window

SHOWN = "0f" * 32
KNOWN = "a0" * 32


def question(window: Window, known: str = "") -> None:
    """The server shows a certificate that is not to be taken."""
    window.status.update(
        phase=Phase.UNTRUSTED, address=ADDRESS, shown_fingerprint=SHOWN, known_fingerprint=known
    )
    window.root.update()


def digits(window: Window, name: str) -> str:
    return "".join(window.says(name).split()).lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_certificate_is_shown_whole_and_can_be_trusted(
    window: Window, language: Language
) -> None:
    window.settings.change(language=language)
    question(window)
    assert window.says("certificate_heading")
    assert ADDRESS in window.says("certificate_text").replace("\u00a0", " ")
    assert digits(window, "shown_fingerprint") == SHOWN
    assert not window.shows("known_fingerprint")
    window.click("trust")
    assert window.calls == [("trust",)]


def test_a_changed_one_is_shown_beside_the_known_and_cannot_be_trusted(window: Window) -> None:
    question(window, KNOWN)
    assert digits(window, "known_fingerprint") == KNOWN
    assert digits(window, "shown_fingerprint") == SHOWN
    assert not window.shows("trust")


def test_the_enter_key_trusts_nobody(window: Window) -> None:
    question(window)
    focused = window.root.focus_lastfor()
    assert focused is not None
    focused.event_generate("<Return>")
    focused.event_generate("<space>")
    window.root.update()
    assert window.calls == []


def test_a_join_code_is_taken_here_and_a_bad_one_told_beside_it(window: Window) -> None:
    question(window, KNOWN)
    window.account.refuse(FormError(Field.SERVER, "join_code_invalid"))
    window.root.update()
    assert "not copied whole" in window.says("address_error")
    window.type("address", "rostrum1.abc")
    window.click("connect")
    assert window.calls_of("connect") == ["rostrum1.abc"]
    assert not window.shows("certificate"), "an attempt is under way"


def test_one_can_try_again(window: Window) -> None:
    question(window, KNOWN)
    window.click("again")
    assert window.calls == [("reconnect_now",)]


def test_who_is_signed_in_can_read_on_until_the_next_question(window: Window) -> None:
    window.enter()
    question(window, KNOWN)
    assert not window.shows("room")
    window.click("back")
    assert window.shows("room")
    assert "certificate" in window.says("state")
    window.status.update(phase=Phase.CONNECTING)
    question(window, KNOWN)
    assert window.shows("certificate")


def test_who_is_not_signed_in_has_nothing_to_read(window: Window) -> None:
    window.greet()
    question(window)
    assert not window.shows("back")
