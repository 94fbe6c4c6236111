"""Tells the server whether the person could see what is shown here, if the room asks."""

from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.requests import Requests
from app.models.connection.status import Status
from app.models.room.notifications import Notifications
from protocol.messages import Attending, Attention, SignedIn


class AttentionController(SignInPart):
    """What is told is what the system says, and that one asked not to be disturbed; of
    both what keeps a person more from seeing. Told with each sign-in, and when it
    changes."""

    def __init__(self, requests: Requests, status: Status, model: Notifications) -> None:
        self._requests = requests
        self._status = status
        self._model = model
        self._told: Attention | None = None
        """What the server knows; None: nobody is signed in."""
        model.subscribe(self._tell)

    def begin(self, signed_in: SignedIn) -> None:
        """Tell it on this link, where it is more than the server takes for granted."""
        self._told = Attention.HERE
        self._tell()

    def end(self) -> None:
        """Tell nobody: the link is gone."""
        self._told = None

    def _tell(self) -> None:
        room = self._status.room
        if self._told is None or room is None or not room.asks_attention:
            return
        paused = Attention.HERE if self._model.quiet_until is None else Attention.PAUSED
        attention = max(self._model.attention, paused)
        if attention is not self._told:
            self._told = attention
            self._requests.say(Attending(attention))
