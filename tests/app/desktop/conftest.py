import pytest

from tests.app.desktop.inbox import WaitingInbox


@pytest.fixture
def inbox() -> WaitingInbox:
    return WaitingInbox()
