"""The page lists by which codes each request may be refused, and tests hold every
refusal that they hear against it."""

import pytest

from protocol.messages import Confirm, GetRoster, Ping, Refused, SignIn, Sync
from protocol.refusals import Refusal
from tests.support.refusals import requests_by_code, require_documented


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
