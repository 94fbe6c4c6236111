"""The client as a person starts it, which ends as by its menu when nothing holds its
standard input open any more:

    python -m tests.e2e.ending_client ARGUMENTS

To kill it instead would leave what the system has begun for it.
"""

import sys
import threading
from unittest import mock

from app import main as program
from app.desktop.events import Inbox, TrayAction, TrayChosen


class EndingInbox(Inbox):
    """Where somebody chooses to quit at the end of the input."""

    def __init__(self) -> None:
        super().__init__()
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        sys.stdin.read()
        self.put(TrayChosen(TrayAction.QUIT))


if __name__ == "__main__":
    with mock.patch.object(program, "Inbox", EndingInbox):
        sys.exit(program.main(sys.argv[1:]))
