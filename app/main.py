"""The client's parts, made and connected; nothing else happens here.

Client       models, controllers and the network service, without Tk
MainWindow   the views, with the models to observe
Desktop      tray, notifications, sounds: threads of their own, without Tk
Presence     what these show, and what a person does with them
Pump         the one bridge between other threads and Tk
Waker        has Tk look at the pump when there is something
"""

import argparse
import gc
import logging
import logging.handlers
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import platformdirs

from app.clock import SYSTEM, Clock
from app.controllers.client import Client
from app.controllers.pump import Pump
from app.desktop.desktop import Desktop
from app.desktop.events import Inbox
from app.desktop.instance import Instance
from app.i18n import Translator, system_language
from app.models.collation import use_system_order
from app.models.credentials import Credentials, KeyringCredentials
from app.models.disk.files import private_file, private_folder
from app.models.settings import Settings
from app.net.backoff import BackoffPolicy
from app.views.desktop.presence import Presence
from app.views.kit.theme import let_go_of_icon_data
from app.waking import Waker
from app.window import MainWindow, WindowModels

log = logging.getLogger(__name__)

LOG_NAME = "rostrum.log"
LOG_BYTES = 1_000_000

COLLECT_EVERY_MS = 30_000
"""How often cyclic garbage is looked for. It is little; most of what Python
lets go of needs no looking for."""


class Application:
    """The client, ready to run. `window` is the Tk root. Without a desktop it stays in its
    window, and ends with it."""

    def __init__(
        self,
        data_dir: Path,
        credentials: Credentials,
        backoff: BackoffPolicy | None = None,
        clock: Clock = SYSTEM,
        desktop: Desktop | None = None,
    ) -> None:
        settings = Settings(data_dir / "settings.json")
        autostart = desktop.autostart if desktop is not None else None
        self.client = Client(
            data_dir, settings, credentials, self._later, backoff, clock, autostart
        )
        self.translator = Translator(settings.values.language or system_language())
        client = self.client
        self.window = MainWindow(
            WindowModels(client.status, client.account, settings, client.outbox, client.pages),
            self.translator,
            clock,
            client,
            self.close,
            self._put_away if desktop is not None else None,
        )
        client.attach_feed(self.window.feed)
        self._waker = Waker(self.window)
        self._pump = Pump(self.window, clock, self._waker.is_ready)
        self._waker.then(self._pump.wake)
        self._desktop = desktop
        self.presence: Presence | None = None
        if desktop is not None:
            self.presence = Presence(
                self.window, self.window.context, client.pages, desktop, client, self.window
            )
            # The first in line: a flood from the network must not keep it waiting.
            self._pump.carry(desktop.inbox, self.presence.take)
            desktop.inbox.told = self._waker.wake
        self._pump.carry(client.service, client.take)
        client.service.told = self._waker.wake

    def run(self, is_hidden: bool = False, link: str = "") -> None:
        """Open the room and serve the window until it is closed. `is_hidden`: begin
        without showing it. `link`: go where it leads."""
        # What was a widget's calls Tk when it is collected, and a collection runs
        # on whichever thread happens to set it off: on the network's, it would
        # wait there for this one. So it is set off here, and nowhere else.
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            self.client.open()
            self.window.begin(is_hidden)
            self._pump.start()
            if self.presence is not None:
                self.presence.start(is_hidden)
            if self._desktop is not None:
                self._desktop.start()
            if link:
                self.window.take_link(link)
            self.window.after(COLLECT_EVERY_MS, self._collect)
            self.window.mainloop()
        finally:
            self.client.close()
            if self._desktop is not None:
                self._desktop.close()
            gc.unfreeze()
            gc.enable()

    def _collect(self) -> None:
        gc.collect()
        let_go_of_icon_data()
        self.window.after(COLLECT_EVERY_MS, self._collect)

    def _later(self, delay_s: float, callback: Callable[[], None]) -> None:
        self.window.after(round(delay_s * 1000), callback)

    def close(self) -> None:
        """End the program, unless what is written would be lost by it: then the
        person is asked."""
        if self.client.posting.keep_draft():
            self._end()
        else:
            self.window.ask_to_close(self._end)

    def _put_away(self) -> None:
        if self.presence is not None:
            self.presence.put_away()

    def _end(self) -> None:
        """Close the window at once, and the rest after it."""
        self._pump.stop()
        self._waker.close()
        self.window.destroy()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the client. Returns the process's exit status."""
    parser = argparse.ArgumentParser(prog="rostrum", description="The Rostrum client.")
    parser.add_argument("link", nargs="?", default="", help="a join code, or a rostrum:// link")
    parser.add_argument("--data", type=Path, help="where settings and the local cache are kept")
    parser.add_argument("--server", help="the server to use: a join code, host or host:port")
    parser.add_argument(
        "--hidden", action="store_true", help="begin without showing the window, as at start-up"
    )
    options = parser.parse_args(arguments)
    data_dir = options.data or Path(platformdirs.user_data_dir("Rostrum", appauthor=False))
    _log_to(data_dir)
    inbox = Inbox()
    instance = Instance(data_dir, inbox.put)
    if not instance.begin(options.link or options.server or ""):
        return 0  # the client that runs already has come to the front
    try:
        use_system_order()
        if options.server:
            Settings(data_dir / "settings.json").change(server=options.server)
        desktop = Desktop(inbox, options.data)
        Application(data_dir, KeyringCredentials(), desktop=desktop).run(
            options.hidden, options.link
        )
    finally:
        instance.close()
    return 0


def _log_to(data_dir: Path) -> None:
    # A windowed program on Windows has no console; without a file nobody would
    # ever learn why something failed.
    handlers: list[logging.Handler] = []
    if sys.stderr is not None:
        handlers.append(logging.StreamHandler())
    try:
        private_folder(data_dir)
        private_file(data_dir / LOG_NAME)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                data_dir / LOG_NAME, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
            )
        )
    except OSError:
        pass  # told on the console, where there is one, and gone without
    logging.basicConfig(
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=handlers or [logging.NullHandler()],
    )
