"""What the desktop offers, as the page of settings shows it."""

from app.models.observable import Observable


class DesktopModel(Observable):
    """Whether there is a tray, and whether the program starts with the system.
    Controllers write. Main thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._has_tray = False
        self._starts: bool | None = None
        self._has_failed = False

    @property
    def has_tray(self) -> bool:
        return self._has_tray

    @property
    def starts(self) -> bool | None:
        """Whether the program starts with the system; None: that is not known, or not
        to be had."""
        return self._starts

    @property
    def has_failed(self) -> bool:
        """Whether the system did not take the last change of it."""
        return self._has_failed

    def set_tray(self, has_tray: bool) -> None:
        """Note whether there is a tray."""
        if has_tray != self._has_tray:
            self._has_tray = has_tray
            self._changed()

    def set_starts(self, starts: bool | None, has_failed: bool = False) -> None:
        """Note whether it starts with the system, and whether it does against the
        person's will."""
        if (starts, has_failed) != (self._starts, self._has_failed):
            self._starts, self._has_failed = starts, has_failed
            self._changed()
