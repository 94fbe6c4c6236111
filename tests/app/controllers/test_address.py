"""A server's address as people type it."""

import pytest

from app.controllers.address import Address, Destination, parse_address, parse_destination
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
        *("nul\0", "half\ud83d", "host:" + "1" * 5000, "[::1]:" + "1" * 5000),
    ],
)
def test_what_is_no_address(typed: str) -> None:
    assert parse_address(typed) is None


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
