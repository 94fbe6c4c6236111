"""The stream under a link."""

import selectors
import socket
import sys

import pytest

from app.net.transport import TcpTransport
from tests.app.net.scripted import WAIT_S


def ready(transport: TcpTransport) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(transport.socket, selectors.EVENT_WRITE)
        assert selector.select(WAIT_S)


def test_a_refusal_is_an_os_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
        with pytest.raises(OSError):
            transport = TcpTransport((socket.AF_INET, address))
            try:
                ready(transport)
                transport.connected()
            finally:
                transport.close()


def test_an_address_family_that_there_is_not_is_an_os_error() -> None:
    with pytest.raises(OSError):
        TcpTransport((9999, ("127.0.0.1", 1)))


@pytest.mark.skipif(sys.platform != "linux", reason="others give no port to both ends")
def test_a_connection_to_itself_is_a_refusal() -> None:
    """With nobody on a port out of the range that the system gives to those who
    connect, it sooner or later gives that very port."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
        address = client.getsockname()  # a port of the kind that is given
    for _ in range(200_000):
        try:
            transport = TcpTransport((socket.AF_INET, address))
        except OSError:
            continue  # refused at once
        try:
            itself = transport.socket.getsockname() == address
            with pytest.raises(OSError):
                transport.connected()
            if itself:
                return
        finally:
            transport.close()
    raise AssertionError("never met; the range must be a large one")
