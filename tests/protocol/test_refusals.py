"""The codes of refusals and farewells, as they go over the wire; and that the page lists
by which each request may be refused: tests hold every refusal that they hear against it."""

import pytest

from protocol.codec import decode_from_server, encode
from protocol.limits import LENGTH_PREFIX_BYTES, MAX_CODE_CHARS
from protocol.messages import Confirm, GetRoster, Goodbye, Ping, Refused, SignIn, Sync
from protocol.refusals import Farewell, Refusal
from tests.support.refusals import requests_by_code, require_documented


@pytest.mark.parametrize("code", [*Refusal, *Farewell])
def test_a_code_is_its_name_in_lower_case_and_fits(code: Refusal | Farewell) -> None:
    assert code.value == code.name.lower()
    assert len(code) <= MAX_CODE_CHARS


@pytest.mark.parametrize("code", Refusal)
def test_a_refusal_arrives_as_it_was_said(code: Refusal) -> None:
    heard = decode_from_server(encode(Refused(7, code, "why", 2000))[LENGTH_PREFIX_BYTES:])
    assert heard == Refused(7, code.value, "why", 2000)


@pytest.mark.parametrize("code", Farewell)
def test_a_farewell_arrives_as_it_was_said(code: Farewell) -> None:
    heard = decode_from_server(encode(Goodbye(code, 1000))[LENGTH_PREFIX_BYTES:])
    assert heard == Goodbye(code.value, 1000)


def test_p10_a_newer_server_s_code_still_arrives() -> None:
    heard = decode_from_server(encode(Refused(7, "of_tomorrow", "said in words"))[4:])
    assert heard == Refused(7, "of_tomorrow", "said in words")


def test_a_refusal_that_the_page_does_not_list_is_noticed() -> None:
    require_documented(Refused(1, Refusal.NOT_FOUND), GetRoster(1, 7, 0, 10))
    require_documented(Refused(1, Refusal.BUSY), Sync(1, 0))
    require_documented(Refused(1, Refusal.SESSION_ENDED), Confirm(1, 7, 1))
    require_documented(Refused(1, "from_the_future"), Sync(1, 0))
    with pytest.raises(AssertionError, match="Sync was refused by too_many_pins"):
        require_documented(Refused(1, Refusal.TOO_MANY_PINS), Sync(1, 0))
    with pytest.raises(AssertionError, match="SignIn was refused by reset_code_invalid"):
        require_documented(Refused(1, Refusal.RESET_CODE_INVALID), SignIn(1, "a", "b"))


def test_only_what_any_request_may_be_refused_by_names_none() -> None:
    unnamed = {code for code, named in requests_by_code().items() if not named}
    assert unnamed == {
        *(Refusal.MALFORMED, Refusal.UNKNOWN_MESSAGE, Refusal.NOT_NOW, Refusal.NOT_PERMITTED),
        *(Refusal.SESSION_ENDED, Refusal.BUSY, Refusal.STORAGE_UNAVAILABLE, Refusal.INTERNAL),
    }
    assert Ping.__name__ not in set().union(*requests_by_code().values())
