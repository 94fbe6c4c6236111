"""The templates that the administrators share."""

from app.models.observable import Observable
from app.models.room.cache import Cache
from app.models.room.outbox_item import Draft
from protocol.messages import Template


class Templates(Observable):
    """As the server told them last, by their names; kept for when there is no connection.
    Main thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._cache: Cache | None = None
        self._all: tuple[Template, ...] = ()

    @property
    def all(self) -> tuple[Template, ...]:
        return self._all

    def open(self, cache: Cache | None) -> None:
        """Show what this cache kept; None: nobody is signed in."""
        self._cache = cache
        self._show(cache.templates if cache else ())

    def set(self, templates: tuple[Template, ...]) -> None:
        """Take the templates as they are now."""
        if self._cache is not None and templates != self._all:
            self._cache.set_templates(templates)
        self._show(templates)

    def _show(self, templates: tuple[Template, ...]) -> None:
        if templates != self._all:
            self._all = templates
            self._changed()


def draft_of(template: Template) -> Draft:
    """Return what is to be written, as the template has it."""
    return Draft(
        template.text, template.priority, template.answers, lifetime_ms=template.lifetime_ms
    )


def template_of(name: str, draft: Draft) -> Template:
    """Return a new template of what is written."""
    return Template(0, name, draft.text, draft.priority, draft.answers, draft.lifetime_ms)
