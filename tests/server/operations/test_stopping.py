"""A signal ends the server in order, wherever it strikes."""

import subprocess
import sys
from pathlib import Path

from server.storage.sqlite.checks.soundness import SEAL_NAME

# Takes the signal on the main thread, while the port is open and nobody has been told.
AS_SOON_AS_IT_LISTENS = """
import signal
import server.composition as composition
from server.cli import main

class Listener(composition.Listener):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        signal.raise_signal(signal.SIGTERM)

composition.Listener = Listener
main()
"""

# Signals strike while a line of the log is on its way, and log themselves.
LOGS_IN_A_HANDLER = """
import _thread, logging, signal, sys, threading
from server.operations import logs

logs.start("info", "text")
log = logging.getLogger("server")
signal.signal(signal.SIGINT, lambda *_: log.info("a signal"))
done = threading.Event()

def strike():
    while not done.is_set():
        _thread.interrupt_main()

threading.Thread(target=strike, daemon=True).start()
for number in range(20_000):
    log.info("%d", number)
done.set()
"""


def test_a_signal_between_listening_and_ready_ends_in_order(data_dir: Path) -> None:
    ended = subprocess.run(
        [
            *(sys.executable, "-c", AS_SOON_AS_IT_LISTENS),
            *("serve", "--data", str(data_dir), "--port", "0"),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "stopping (SIGTERM)" in ended.stderr
    assert ended.stderr.rstrip().endswith("stopped")
    assert (data_dir / SEAL_NAME).exists(), "and the room is left in order"


def test_a_line_of_the_log_can_be_written_from_within_another() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOGS_IN_A_HANDLER],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=40,
        check=False,
    )
    assert ended.returncode == 0
