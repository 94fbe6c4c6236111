"""Sounds, by the system's own player, on a thread of its own.

Windows and macOS bring a player. On Linux it is the first of those that desktops have.
None is no error: nothing is heard.
"""

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app import assets
from app.desktop.worker import Worker

log = logging.getLogger(__name__)

PLAYERS = {"darwin": ("afplay",), "linux": ("pw-play", "paplay", "aplay")}

LONGEST_S = 10.0
"""A player that takes longer is ended."""

Play = Callable[[Path], None]


class Sounds:
    """Main thread only; the sounds are played on another."""

    def __init__(self, play: Play | None = None) -> None:
        self._play = play or play_file
        self._worker = Worker("sounds")

    def play(self, name: str) -> None:
        """Let this sound of `assets/sounds` be heard, without its ending."""
        self._worker.do(lambda: self._hear(assets.path(f"sounds/{name}.wav")))

    def close(self) -> None:
        """Play nothing more."""
        self._worker.stop()

    def _hear(self, path: Path) -> None:
        try:
            self._play(path)
        except (OSError, subprocess.SubprocessError) as error:
            log.info("a sound was not heard: %s", error)


def play_file(path: Path) -> None:
    """Play a WAV file to its end. Raises OSError where that is not possible."""
    if sys.platform == "win32":
        import winsound

        # No other sound of the system's in its place if this one can't be played.
        try:
            winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_NODEFAULT)
        except RuntimeError as error:  # that is how it tells
            raise OSError(str(error)) from error
        return
    players = PLAYERS.get(sys.platform, PLAYERS["linux"])
    player = next((found for name in players if (found := shutil.which(name))), None)
    if player is None:
        raise FileNotFoundError(f"there is none of {', '.join(players)} here")
    subprocess.run(
        [player, str(path)],
        timeout=LONGEST_S,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
