"""The codes of refusals and farewells, as they go over the wire."""

import pytest

from protocol.codec import decode_from_server, encode
from protocol.limits import LENGTH_PREFIX_BYTES, MAX_CODE_CHARS
from protocol.messages import Goodbye, Refused
from protocol.refusals import Farewell, Refusal


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
