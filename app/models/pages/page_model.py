"""One page of what the server lists, and what was done there."""

from typing import Generic

import msgspec

from app.models.listing import Item, Listing
from app.models.observable import Observable
from app.models.operation import Operation


class IssuedCode(msgspec.Struct, frozen=True):
    """A code to pass on. `name` is whom it is for, where it is for one."""

    code: str
    expires_at_ms: int
    name: str = ""


class OneTimeCode(Observable):
    """Hold the code that the server has just issued, and will not show again."""

    def __init__(self) -> None:
        super().__init__()
        self._issued: IssuedCode | None = None

    @property
    def issued(self) -> IssuedCode | None:
        """The code; None: there is none to pass on."""
        return self._issued

    def issue(self, issued: IssuedCode) -> None:
        """Hold this code until `forget`."""
        self._issued = issued
        self._changed()

    def forget(self) -> None:
        """Drop the code: it was passed on, or the session is over."""
        if self._issued is not None:
            self._issued = None
            self._changed()


class PageModel(Generic[Item]):
    """One page: its list, what was done there last, and what that told."""

    def __init__(self) -> None:
        self.listing: Listing[Item] = Listing()
        self.operation = Operation()
        self.one_time_code = OneTimeCode()

    def clear(self) -> None:
        """Forget everything: the session is over."""
        self.listing.clear()
        self.operation.clear()
        self.one_time_code.forget()
