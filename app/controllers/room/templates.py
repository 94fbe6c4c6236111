"""The administrators' templates: kept as they are told, and changed."""

import msgspec

from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.operations import Operations
from app.controllers.common.reauthentication import Reauthentication
from app.models.operation import Operation
from app.models.room.outbox_item import Draft
from app.models.room.templates import Templates, template_of
from app.models.text import clean_text
from protocol import messages
from protocol.messages import (
    Done,
    FromServer,
    RemoveTemplate,
    Role,
    SaveTemplate,
    SignedIn,
    Template,
    YouChanged,
)


class TemplatesController(SignInPart):
    """How a change went is told where that of a message is."""

    def __init__(
        self, reauthentication: Reauthentication, model: Templates, operation: Operation
    ) -> None:
        self._model = model
        self._operations = Operations(reauthentication, operation)
        self._is_signed_in = False

    def begin(self, signed_in: SignedIn) -> None:
        """Take up work: somebody is signed in on this link."""
        self._is_signed_in = True
        self._operations.begin()
        if signed_in.person.role is not Role.ADMIN:
            self._model.set(())

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self._is_signed_in = False
        self._operations.end()

    def on_push(self, message: FromServer) -> None:
        """Take a push."""
        if not self._is_signed_in:
            return  # said before the sign-out arrived over there
        match message:
            case messages.Templates(templates):
                self._model.set(templates)
            case YouChanged(person) if person.role is not Role.ADMIN:
                self._model.set(())

    def save(self, name: str, draft: Draft) -> None:
        """Keep this as a template, in place of one of the same name."""
        kept = msgspec.structs.replace(draft, text=clean_text(draft.text))
        template = template_of(" ".join(name.split()), kept)
        self._operations.run(
            "save_template",
            lambda number: SaveTemplate(number, template),
            Done,
            name=template.name,
        )

    def remove(self, template: Template) -> None:
        """Let go of a template."""
        self._operations.run(
            "remove_template",
            lambda number: RemoveTemplate(number, template.id),
            Done,
            name=template.name,
        )
