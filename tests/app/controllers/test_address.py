"""A server's address as people type it."""

import pytest

from app.controllers.address import Address, parse_address


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
