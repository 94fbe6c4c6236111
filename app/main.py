"""The client's parts, made and connected; nothing else happens here.

Client       models, controllers and the network service, without Tk
MainWindow   the views, with the models to observe
Pump         the one bridge between the network thread and Tk
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
from app.i18n import Translator, system_language
from app.models.collation import use_system_order
from app.models.credentials import Credentials, KeyringCredentials
from app.models.disk.files import private_file, private_folder
from app.models.settings import Settings
from app.net.backoff import BackoffPolicy
from app.window import MainWindow, WindowModels

log = logging.getLogger(__name__)

LOG_NAME = "rostrum.log"
LOG_BYTES = 1_000_000

COLLECT_EVERY_MS = 10_000
"""How often cyclic garbage is looked for. It is little; most of what Python
lets go of needs no looking for."""


class Application:
    """The client, ready to run. `window` is the Tk root."""

    def __init__(
        self,
        data_dir: Path,
        credentials: Credentials,
        backoff: BackoffPolicy | None = None,
        clock: Clock = SYSTEM,
    ) -> None:
        settings = Settings(data_dir / "settings.json")
        self.client = Client(data_dir, settings, credentials, self._later, backoff, clock)
        self.translator = Translator(settings.values.language or system_language())
        client = self.client
        self.window = MainWindow(
            WindowModels(client.status, client.account, settings, client.outbox, client.pages),
            self.translator,
            clock,
            client,
            self.close,
        )
        client.attach_feed(self.window.feed)
        self._pump = Pump(client.service, client.take, self.window.after, clock)

    def run(self) -> None:
        """Open the room and serve the window until it is closed."""
        # What was a widget's calls Tk when it is collected, and a collection runs
        # on whichever thread happens to set it off: on the network's, it would
        # wait there for this one. So it is set off here, and nowhere else.
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            self.client.open()
            self.window.begin()
            self._pump.start()
            self._collect()
            self.window.mainloop()
        finally:
            self.client.close()
            gc.unfreeze()
            gc.enable()

    def _collect(self) -> None:
        gc.collect()
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

    def _end(self) -> None:
        """Close the window at once, and the rest after it."""
        self._pump.stop()
        self.window.destroy()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the client. Returns the process's exit status."""
    parser = argparse.ArgumentParser(prog="rostrum", description="The Rostrum client.")
    parser.add_argument("--data", type=Path, help="where settings and the local cache are kept")
    parser.add_argument("--server", help="the server to use: a join code, host or host:port")
    options = parser.parse_args(arguments)
    data_dir = options.data or Path(platformdirs.user_data_dir("Rostrum", appauthor=False))
    _log_to(data_dir)
    use_system_order()
    if options.server:
        Settings(data_dir / "settings.json").change(server=options.server)
    Application(data_dir, KeyringCredentials()).run()
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
