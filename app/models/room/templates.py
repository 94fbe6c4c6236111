"""The templates that the administrators share."""

from app.models.room.cache import Cache
from app.models.room.outbox_item import Draft
from app.models.room.told import Told
from protocol.messages import Template


class Templates(Told[Template]):
    """By their names."""

    def __init__(self) -> None:
        super().__init__(lambda cache: cache.templates, Cache.set_templates)


def draft_of(template: Template) -> Draft:
    """Return what is to be written, as the template has it."""
    return Draft(
        template.text, template.priority, template.answers, lifetime_ms=template.lifetime_ms
    )


def template_of(name: str, draft: Draft) -> Template:
    """Return a new template of what is written."""
    return Template(0, name, draft.text, draft.priority, draft.answers, draft.lifetime_ms)
