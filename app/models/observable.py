"""The one way in which a model says that it has changed."""

from collections.abc import Callable


class Observable:
    """Calls its listeners after each change; they read what they need.

    Main thread only. A listener that was added during a notification is first
    called at the next one; a removed one is not called any more.
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change. Returns what ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def _changed(self) -> None:
        for listener in list(self._listeners):
            if listener in self._listeners:
                listener()
