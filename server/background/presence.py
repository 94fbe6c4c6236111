"""Announce how many are here, not more often than people can read it."""

from collections.abc import Callable

from server.transport.reactor import Reactor

PRESENCE_EVERY_S = 1.0
"""How often the number online is told at most, whatever comes and goes."""

LISTENERS_A_SECOND = 2_500
"""How many are told it in a second at most: in a large room somebody always comes or
goes, and to say so must not keep anybody busy."""


class PresenceAnnouncer:
    """Calls `announce` a while after the first of several changes; `count_listeners` says
    how many are told. Used from the reactor's thread only."""

    def __init__(
        self, reactor: Reactor, announce: Callable[[], None], count_listeners: Callable[[], int]
    ) -> None:
        self._reactor = reactor
        self._announce = announce
        self._count_listeners = count_listeners
        self._is_due = False

    def on_changed(self) -> None:
        """Announce it soon: the number online may have changed."""
        if not self._is_due:
            self._is_due = True
            wait_s = max(PRESENCE_EVERY_S, self._count_listeners() / LISTENERS_A_SECOND)
            self._reactor.call_later(wait_s, self._on_due)

    def _on_due(self) -> None:
        self._is_due = False
        self._announce()
