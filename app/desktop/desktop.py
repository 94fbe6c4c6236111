"""All of the desktop's parts, begun and ended together."""

from pathlib import Path

from app.desktop import autostart
from app.desktop.attention import AttentionWatch
from app.desktop.events import Inbox
from app.desktop.network_changes import NetworkChanges
from app.desktop.notifier import Notifier
from app.desktop.sounds import Sounds
from app.desktop.tray import Tray


class Desktop:
    """Main thread only. What happens waits in `inbox` for the pump."""

    def __init__(self, inbox: Inbox, data_dir: Path | None = None) -> None:
        """`data_dir`: the folder that was asked for at the start, if one was."""
        self.inbox = inbox
        self.tray = Tray(inbox.put)
        self.notifier = Notifier(inbox.put)
        self.sounds = Sounds()
        self.autostart: autostart.Autostart = autostart.of_system(autostart.command(data_dir))
        self._network_changes = NetworkChanges(inbox.put)
        self._attention = AttentionWatch(inbox.put)

    def start(self) -> None:
        """Begin to watch what happens around the window."""
        self._network_changes.start()
        self._attention.start()

    def close(self) -> None:
        """Take everything away that would be left: icon and notifications."""
        self._attention.close()
        self.sounds.close()
        self.notifier.close()
        self.tray.close()
