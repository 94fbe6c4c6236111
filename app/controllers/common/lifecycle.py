"""What all controllers have in common that live with a sign-in."""

from protocol.messages import FromServer, SignedIn


class SignInPart:
    """Something that begins with a sign-in and ends with its link or its session.

    `app.controllers.client.Client` keeps all of them in one list and calls each of
    these; what does not concern a part it leaves as it is here.
    """

    def begin(self, signed_in: SignedIn) -> None:
        """Take up work: somebody is signed in on this link."""

    def end(self) -> None:
        """Let go of the link: it is gone, and whatever was asked on it forgotten."""

    def clear(self) -> None:
        """Forget what was this person's: nobody is signed in any more."""
        self.end()

    def on_push(self, message: FromServer) -> None:
        """Take what the server told without being asked, on the link in use."""
