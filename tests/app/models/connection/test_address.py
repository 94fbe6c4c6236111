"""A server's address as people type it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.connection.address import (
    Address,
    Destination,
    parse_address,
    parse_destination,
    server_key,
)
from app.models.connection.hosts import canonical_host
from protocol import joincode
from protocol.joincode import JoinCode


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("chat.example", "chat.example", 7450),
        (" chat.example:7000 ", "chat.example", 7000),
        ("10.0.0.5", "10.0.0.5", 7450),
        ("[::1]", "::1", 7450),
        ("[fe80::1%eth0]:80", "fe80::1%eth0", 80),
        ("::1", "::1", 7450),
        ("服务器", "服务器", 7450),
        ("服务器：7451", "服务器", 7451),
        ("“chat.example：７４５１”", "chat.example", 7451),
        ("‹chat.example:7451›", "chat.example", 7451),
        ("\u200b\ufeffchat.example\u200e:7451 ", "chat.example", 7451),
    ],
)
def test_addresses(typed: str, host: str, port: int) -> None:
    address = parse_address(typed)
    assert address == Address(host, port)
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "typed",
    [
        *("", "  ", "two words", "host:", "host:x", "host:0", "host:65536"),
        *("http://host", "a@b", "[::1", "x" * 254),
        *(
            "a..b",
            "1.2.3.4.5",
            "1.2.3.256",
            "0x100000000",
            "1.2.3.08",
        ),
        *("℀.example", "x" * 64 + ".example", "[::1%]", "::ffff:1.2.3.4.5", "."),
        *("nul\0", "half\ud83d", "host:" + "1" * 5000, "[::1]:" + "1" * 5000),
    ],
)
def test_what_is_no_address(typed: str) -> None:
    assert parse_address(typed) is None


SAME_HOST = [
    ["localhost", "Localhost", "LOCALHOST.", "localhost.", "ｌｏｃａｌｈｏｓｔ", "localhost。"],
    [
        *("127.0.0.1", "127。0。0。1", "127.0.0.1.", "１２７.0.0.1", "127.1", "127.0.1"),
        *("0x7f.0.0.1", "0177.0.0.1", "2130706433", "0x7F000001", "[::ffff:127.0.0.1]"),
        *("::FFFF:7f00:1",),
    ],
    ["::1", "[::1]", "[0:0:0:0:0:0:0:1]", "[::0001]", "0::0:1"],
    ["[2001:db8::a]", "[2001:DB8:0:0::A]", "2001:0db8:0000:0000:0000:0000:0000:000a"],
    ["bücher.example", "BÜCHER.example", "bu\u0308cher.example", "xn--bcher-kva.example"],
    ["XN--BCHER-KVA.example.", "bücher。example"],
    ["服务器.example", "服务器.EXAMPLE.", "服务器。ｅxample"],
]


@pytest.mark.parametrize("spellings", SAME_HOST, ids=lambda spellings: spellings[0])
def test_a_host_has_one_name_however_it_is_written(spellings: list[str]) -> None:
    keys = {server_key(spelling) for spelling in spellings}
    assert len(keys) == 1
    code = JoinCode(spellings[-1].strip("[]"), 7450, b"f" * 32)
    destination = parse_destination(joincode.write(code))
    assert destination is not None and str(destination.address) in keys, "in a join code, too"
    (key,) = keys
    assert server_key(key) == key


def test_hosts_that_differ_have_different_names() -> None:
    keys = {server_key(spellings[0]) for spellings in [*SAME_HOST[:5], SAME_HOST[-1]]}
    keys |= {server_key(f"tcp://{spellings[0]}") for spellings in SAME_HOST[:2]}
    keys |= {server_key("localhost:1"), server_key("[fe80::1%eth0]"), server_key("[fe80::1%Eth0]")}
    assert len(keys) == 6 + 2 + 3


@given(st.one_of(st.text(max_size=20), st.from_regex(r"[0-9a-fxA-F:.。%ßİﬀⒶ-]{1,20}")))
def test_the_name_of_a_name_is_itself(text: str) -> None:
    name = canonical_host(text)
    assert name is None or canonical_host(name) == name


def test_what_is_no_address_is_kept_as_it_was_stored() -> None:
    assert server_key("no address") == "no address"


def test_without_tls_only_in_so_many_words() -> None:
    address = parse_address("TCP://chat.example:7000")
    assert address == Address("chat.example", 7000, is_plain=True)
    assert parse_address(str(address)) == address
    assert parse_address("chat.example:7000") != address


def test_a_join_code_says_where_and_by_which_certificate() -> None:
    code = JoinCode("chat.example", 7000, b"f" * 32)
    wanted = Destination(Address("chat.example", 7000), b"f" * 32)
    assert parse_destination(f" {joincode.write(code)}\n") == wanted
    assert parse_destination(joincode.write(code)[:-1]) is None
    assert parse_destination("chat.example") == Destination(Address("chat.example", 7450))


@pytest.mark.parametrize(
    "link",
    ["rostrum://join/{code}", "rostrum://join/{code}/", "rostrum:{code}", "ROSTRUM://{code}"],
)
def test_a_link_leads_where_its_join_code_does(link: str) -> None:
    code = joincode.write(JoinCode("chat.example", 7451, b"f" * 32, b"invite"))
    wanted = Destination(Address("chat.example", 7451), b"f" * 32, b"invite")
    assert parse_destination(link.format(code=code)) == wanted


@pytest.mark.parametrize("link", ["rostrum://tcp://evil.example", "rostrum://", "rostrum:x y"])
def test_a_link_without_a_join_code_leads_nowhere(link: str) -> None:
    assert parse_destination(link) is None
