"""Who asks in the tests of the handlers, unless a module has others of its own."""

import pytest

from tests.server.conftest import ADMIN, PASSWORD, Connect
from tests.support.wire import WireClient


@pytest.fixture
def alice(connect: Connect) -> WireClient:
    """The administrator."""
    client = connect()
    client.sign_in(ADMIN, PASSWORD)
    return client


@pytest.fixture
def bob(connect: Connect) -> WireClient:
    """A member who has just registered."""
    client = connect()
    client.register("bob", PASSWORD, "Ben Osei")
    return client
