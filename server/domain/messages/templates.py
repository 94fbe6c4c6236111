"""Templates for what is announced again and again, shared by the administrators: the
deeds. Each deed is whole within one transaction, as those of
message_actions.py are. All raise `RequestRefused`.
"""

import unicodedata

import msgspec

from protocol.limits import MAX_TEMPLATE_NAME_CHARS, MAX_TEMPLATES
from protocol.messages import Template
from protocol.refusals import Refusal
from server.domain.administration import NotFound
from server.domain.audit import Actor, AuditAction
from server.domain.errors import RequestRefused
from server.domain.messages.history import Draft, check_draft, is_no_text, is_visible
from server.domain.permissions import require_account
from server.domain.store import Store
from server.domain.user import Action, search_key


def save(store: Store, actor: Actor, template: Template, max_chars: int, now_ms: int) -> None:
    """Keep a template, as a new one where its id is 0; one of the same name is replaced."""
    require_account(store, actor, Action.POST)
    checked = _check(template, max_chars, now_ms)
    there = store.templates.all()
    if checked.id and store.templates.by_id(checked.id) is None:
        raise NotFound("template")
    same = [one for one in there if search_key(one.name) == search_key(checked.name)]
    if same and same[0].id != checked.id:
        if checked.id:
            store.templates.remove(checked.id)
        checked = msgspec.structs.replace(checked, id=same[0].id)
    elif not checked.id and len(there) >= MAX_TEMPLATES:
        raise RequestRefused(
            Refusal.TOO_MANY_TEMPLATES, f"at most {MAX_TEMPLATES} templates are kept"
        )
    store.templates.put(checked)
    store.audit.append(actor, AuditAction.TEMPLATE_SAVED, now_ms, subject=checked.name)


def remove(store: Store, actor: Actor, template_id: int, now_ms: int) -> None:
    """Let go of a template."""
    require_account(store, actor, Action.POST)
    template = store.templates.by_id(template_id)
    if template is None:
        raise NotFound("template")
    store.templates.remove(template_id)
    store.audit.append(actor, AuditAction.TEMPLATE_REMOVED, now_ms, subject=template.name)


def _check(template: Template, max_chars: int, now_ms: int) -> Template:
    """Return the template as it is stored: what is made of it could be posted as it is."""
    name = unicodedata.normalize("NFC", " ".join(template.name.split()))
    if not (
        any(map(is_visible, name))
        and not any(map(is_no_text, name))
        and len(name) <= MAX_TEMPLATE_NAME_CHARS
    ):
        raise RequestRefused(
            Refusal.TEMPLATE_NAME_INVALID,
            f"1 to {MAX_TEMPLATE_NAME_CHARS} characters, of which one can be seen",
        )
    draft = check_draft(
        Draft(template.text, template.priority, template.answers), max_chars, now_ms
    )
    return Template(
        template.id, name, draft.text, draft.priority, draft.answers, template.lifetime_ms
    )
