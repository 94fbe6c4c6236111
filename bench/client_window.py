"""The client's window in a process of its own, for bench/client.py:

    python -m bench.client_window WHAT BEGAN_NS [DATA_DIR ADDRESS USERNAME PASSWORD]

WHAT is `empty`, a window of the library with nothing in it, or `room`, the client as
it is, which signs in by what it has kept, or else as USERNAME. Each prints a line of
JSON when it can be seen; a room then obeys the words that it reads, one a line:
`watch`, `scroll`, `idle`, `hide`, `end`. `desktop` is the same with what a desktop has
around a window: an icon in the tray, notifications, sounds, the credential store.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from bench.servers.server import memory_bytes, private_bytes

LOOK_EVERY_MS = 2

SETTLES_MS = 10_000
"""Until what was going on is over."""
WAIT_S = 60.0

SCROLL_STEPS = 2_000
UNITS_A_STEP = 5
"""What a turn of the wheel by one notch does, about."""


def main() -> None:
    """Show what is asked for."""
    what, began_ns, *rest = sys.argv[1:]
    if what == "empty":
        _show_empty(int(began_ns))
    else:
        data_dir, address, username, password = rest
        has_desktop = what == "desktop"
        Room(int(began_ns), Path(data_dir), address, (username, password), has_desktop).run()


def _show_empty(began_ns: int) -> None:
    import ttkbootstrap

    window = ttkbootstrap.App(title="Empty")
    window.geometry("800x600")
    window.update()
    _tell(shown_s=(time.monotonic_ns() - began_ns) / 1e9)
    window.destroy()


class FileCredentials:
    """Session tokens in a file: where this runs there may be no other store."""

    is_quick = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def is_there(self) -> bool:
        return True

    def load(self, account: str) -> bytes | None:
        kept = self._all().get(account)
        return None if kept is None else bytes.fromhex(kept)

    def save(self, account: str, token: bytes) -> bool:
        self._path.write_text(json.dumps(self._all() | {account: token.hex()}), encoding="utf-8")
        return True

    def forget(self, account: str) -> None:
        """Keep it: it is wanted again."""

    def _all(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        kept: dict[str, str] = json.loads(self._path.read_text(encoding="utf-8"))
        return kept


class Room:
    """The client, signed in by what was kept, or for the first time."""

    def __init__(
        self,
        began_ns: int,
        data_dir: Path,
        address: str,
        who: tuple[str, str],
        has_desktop: bool = False,
    ) -> None:
        from app.desktop.desktop import Desktop
        from app.desktop.events import Inbox
        from app.main import Application
        from app.models.connection.status import Phase
        from app.models.credentials import KeyringCredentials
        from app.models.settings import Settings

        self._began_ns = began_ns
        self._data_dir = data_dir
        self._live = Phase.LIVE
        self._greeted = Phase.GREETED
        self._who = who
        Settings(data_dir / "settings.json").change(server=address, geometry="800x600+10+10")
        credentials = FileCredentials(data_dir / "tokens.json")
        desktop = Desktop(Inbox()) if has_desktop else None
        if has_desktop:
            KeyringCredentials().is_there()  # takes its memory, whatever it finds here
        self._application = Application(data_dir, credentials, desktop=desktop)
        self._window = self._application.window
        self._client = self._application.client
        self._words: SimpleQueue[str] = SimpleQueue()
        self._has_asked = False

    def run(self) -> None:
        """Serve the window until the words end."""
        threading.Thread(target=self._listen, daemon=True).start()
        self._window.after(LOOK_EVERY_MS, self._wait_for_room)
        self._application.run()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._words.put(line.strip())
        self._words.put("end")

    def _wait_for_room(self) -> None:
        phase = self._client.status.now.phase
        if phase is self._greeted and not self._has_asked:
            self._has_asked = True
            self._client.session.sign_in(*self._who, True)
        if phase is self._live and self._window.room.timeline.shown():
            self._window.update()
            _tell(shown_s=(time.monotonic_ns() - self._began_ns) / 1e9)
            self._obey()
            return
        self._window.after(LOOK_EVERY_MS, self._wait_for_room)

    def _obey(self) -> None:
        try:
            word = self._words.get_nowait()
        except Empty:
            self._window.after(LOOK_EVERY_MS, self._obey)
            return
        if word == "end":
            _tell(memory_bytes=memory_bytes(os.getpid()))
            self._application.close()
        elif word == "hide":
            self._application.window.put_away(in_tray=True)
            _tell()
            self._obey()
        elif word.startswith("idle"):
            self._idle(float(word.partition(" ")[2]))
        elif word == "scroll":
            self._scroll()
            self._obey()
        else:
            self._watch(int(word.partition(" ")[2]), self._obey)

    def _watch(self, until_id: int, then: Callable[[], None]) -> None:
        """Look how long the window does nothing else, until this message is there."""
        _tell()
        last_ns = time.perf_counter_ns()
        longest_ms = 0.0

        def beat() -> None:
            nonlocal last_ns, longest_ms
            now_ns = time.perf_counter_ns()
            longest_ms = max(longest_ms, (now_ns - last_ns) / 1e6)
            last_ns = now_ns
            if self._client.status.now.complete_through >= until_id:
                _tell(longest_ms=longest_ms)
                then()
            else:
                self._window.after(1, beat)

        beat()

    def _idle(self, lasts_s: float) -> None:
        """Do nothing for a while, and tell which share of a processor that took."""

        def begin() -> None:
            began_s, used_s = time.monotonic(), time.process_time()

            def told() -> None:
                share = (time.process_time() - used_s) / (time.monotonic() - began_s)
                pid = os.getpid()
                _tell(
                    share=share,
                    memory_bytes=memory_bytes(pid),
                    private_bytes=private_bytes(pid),
                )
                self._obey()

            self._window.after(round(lasts_s * 1000), told)

        self._window.after(SETTLES_MS, begin)

    def _scroll(self) -> None:
        """Scroll up step by step, and time each until it is drawn."""
        text = self._window.room.timeline.pane.text
        frames_ms = []
        for _ in range(SCROLL_STEPS):
            began_ns = time.perf_counter_ns()
            text.event_generate("<Button-4>", x=50, y=50)
            self._window.update()
            frames_ms.append((time.perf_counter_ns() - began_ns) / 1e6)
        shown = self._window.room.timeline.shown()
        _tell(frames_ms=sorted(frames_ms), first_id=shown[0][0])


def _tell(**told: object) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
