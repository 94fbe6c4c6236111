"""The list of common passwords, and what is taken for one of them."""

import pytest

from protocol.limits import MIN_PASSWORD_CHARS
from protocol.refusals import Refusal
from server.domain.accounts import COMMON_PASSWORDS, check_password, is_common
from server.domain.errors import RequestRefused
from server.domain.user import username_key


@pytest.mark.parametrize(
    "password",
    [
        "butterfly1",
        "depechemode",
        "BasketBall",
        "sunshine2024!",
        "123princess",
        "ＳＵＮＳＨＩＮＥ99",
    ],
)
def test_a_common_password_is_refused(password: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        check_password(password, "alice")
    assert refused.value.code is Refusal.PASSWORD_TOO_SIMPLE


@pytest.mark.parametrize(
    "password",
    [
        "sunshine-over-the-hill",
        "dragon 84 kettle",
        "sunshine739201846",
        "放学后请到礼堂集合吧",
        "🌻🎈🚲⚓🎯🧩🪁🎻🏔🛶",
    ],
)
def test_a_password_that_only_holds_a_common_one_is_taken(password: str) -> None:
    check_password(password, "alice")


def test_the_list_is_real_and_stands_as_it_is_compared() -> None:
    lines = COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert len(words) > 20_000
    assert words == sorted(set(words))
    assert all(word == username_key(word) for word in words)
    long = [word for word in words if len(word) >= MIN_PASSWORD_CHARS]
    assert len(long) > 2_000
    assert all(is_common(word) for word in words)
