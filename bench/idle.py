"""Measure what a client costs that nobody uses: shown, and in the tray. Needs a screen."""

import os
import sys

from bench.client import ask, open_window
from bench.report import Section
from bench.run import Run
from bench.servers.rostrum import Rostrum
from tests.support.server_process import ADMIN, PASSWORD

LASTS_S = 600
QUICK_S = 60

MOST_SHARE = 0.002
MOST_BYTES = 80e6

QUICK_DEPTH = 100_000
"""A run whose deep room has no more messages is a quick one."""


def measure(run: Run) -> list[Section]:
    """Measure an idle client with all that it has on a desktop."""
    lasts_s = QUICK_S if run.depth <= QUICK_DEPTH else LASTS_S
    share = Section(f"A client that nobody uses, over {lasts_s} s each", "% of a processor")
    memory = Section("Its memory then", "MB")
    if sys.platform not in ("win32", "darwin") and "DISPLAY" not in os.environ:
        for section in (share, memory):
            section.add("Rostrum", None, note="there is no screen here")
        return [share, memory]
    with Rostrum(run.new_folder(), 0) as server:
        with server.administrator() as author:
            for number in range(1, 51):
                author.post(f"Announcement {number}.", number.to_bytes(16, "big"))
        address = f"tcp://127.0.0.1:{server.port}"
        who = (str(run.new_folder()), address, ADMIN, PASSWORD)
        compiled = run.new_folder()
        with open_window(compiled, "desktop", *who):
            pass  # what it compiles is kept, as where it is installed, and not counted
        with open_window(compiled, "desktop", *who) as (client, _):
            for name in ("shown", "in the tray"):
                if name != "shown":
                    ask(client, "hide")
                told = ask(client, f"idle {lasts_s}")
                share.add(name, told["share"] * 100)
                share.aim(f"{name}: under 0.2 %", told["share"] < MOST_SHARE)
                own, resident = told["private_bytes"], told["memory_bytes"]
                memory.add(f"{name}: its own", None if own is None else own / 1e6)
                memory.add(
                    f"{name}: resident, with program files and what others have, too",
                    None if resident is None else resident / 1e6,
                )
                memory.aim(
                    f"{name}: under 80 MB of its own", None if own is None else own < MOST_BYTES
                )
            ask(client, "end")
    return [share, memory]
