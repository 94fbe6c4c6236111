"""The limits fit each other. That they fit the messages is in test_messages."""

from protocol import limits
from protocol.messages import Limits


def test_two_lost_pings_are_forgiven() -> None:
    assert limits.SILENCE_LIMIT_S >= 3 * limits.PING_WHEN_QUIET_S
    # A client finds a dead server before that server would have dropped it.
    quiet_s = limits.PING_WHEN_QUIET_S + limits.ANSWER_TIMEOUT_S
    assert quiet_s < limits.SILENCE_LIMIT_S


def test_caps_rise() -> None:
    assert (
        limits.MAX_BODY_BEFORE_SIGN_IN_BYTES
        < limits.MAX_BODY_FROM_CLIENT_BYTES
        < limits.MAX_CHANGES_BYTES
        < limits.MAX_BODY_FROM_SERVER_BYTES
        < 2 ** (8 * limits.LENGTH_PREFIX_BYTES)
    )


def test_ranges_are_not_empty() -> None:
    assert 1 <= limits.MIN_USERNAME_CHARS < limits.MAX_USERNAME_CHARS
    assert 1 <= limits.MIN_PASSWORD_CHARS < limits.MAX_PASSWORD_CHARS
    assert limits.MAX_PAGE_MESSAGES <= limits.MAX_CHANGES_MESSAGES


def test_what_is_announced_is_what_holds() -> None:
    assert Limits() == Limits(
        text_chars=limits.MAX_TEXT_CHARS,
        username_min_chars=limits.MIN_USERNAME_CHARS,
        username_max_chars=limits.MAX_USERNAME_CHARS,
        display_name_max_chars=limits.MAX_DISPLAY_NAME_CHARS,
        password_min_chars=limits.MIN_PASSWORD_CHARS,
        password_max_chars=limits.MAX_PASSWORD_CHARS,
    )
