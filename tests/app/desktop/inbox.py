"""What the desktop's threads tell, as a test waits for it."""

import time
from typing import TypeVar

from app.desktop.events import DesktopEvent, Inbox
from tests.support.waiting import WAIT_S

Kind = TypeVar("Kind")


class WaitingInbox(Inbox):
    """An inbox that can be waited at."""

    def wait_for(self, kind: type[Kind]) -> Kind:
        """The next event of this kind; those before it are dropped."""
        told: list[DesktopEvent] = []
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            for event in self.take(1):
                told.append(event)
                if isinstance(event, kind):
                    return event
            time.sleep(0.002)
        raise AssertionError(f"waited {WAIT_S} s for {kind.__name__}; told was {told}")
