"""What every view is made with."""

from dataclasses import dataclass

from app.clock import Clock
from app.i18n import Translator
from app.models.connection.account import Account, FormError
from app.models.connection.status import Status
from app.models.listing import Reason
from app.models.operation import Operation
from app.models.settings import Settings
from app.views.kit.avatar import Avatars
from app.views.wording import pages as words
from app.views.wording.pages import Tone
from app.views.wording.states import form_error


@dataclass(frozen=True)
class ViewContext:
    """The models that all views follow, and how they say and show things."""

    i18n: Translator
    avatars: Avatars
    status: Status
    account: Account
    settings: Settings
    clock: Clock

    def t(self, key: str, **params: object) -> str:
        """Return the sentence of this key, as `Translator.t`."""
        return self.i18n.t(key, **params)

    def moment(self, at_ms: int, is_within: bool = False) -> str:
        """Return a moment in milliseconds since 1970 as people tell it today."""
        return words.moment(self.i18n, at_ms, self.clock.now(), is_within)

    def refusal(self, reason: Reason) -> str:
        """Return why the server did not do something."""
        return words.refusal(self.i18n, reason, self.status.limits, self.clock.now())

    def form_error(self, error: FormError) -> str:
        """Return the sentence to stand beside the refused field."""
        return form_error(self.i18n, error, self.status.limits, self.clock.now())

    def operation_words(self, operation: Operation) -> tuple[Tone, str]:
        """Return how an operation stands, and whether that is good."""
        return words.operation_words(self.i18n, operation, self.status.limits, self.clock.now())

    @property
    def is_reachable(self) -> bool:
        """Whether the server can be asked for something now."""
        return words.is_reachable(self.status)

    @property
    def may_administer(self) -> bool:
        """Whether the administrators' pages are shown, a courtesy (P6)."""
        return words.may_administer(self.account)
