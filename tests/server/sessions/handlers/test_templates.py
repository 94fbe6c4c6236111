"""Templates are shared by the administrators, and nobody else's to know."""

import pytest

from protocol.limits import MAX_TEMPLATE_NAME_CHARS, MAX_TEMPLATES
from protocol.messages import (
    Audit,
    Done,
    GetAudit,
    Priority,
    RemoveTemplate,
    Role,
    SaveTemplate,
    SetRole,
    Template,
    Templates,
    YouChanged,
)
from protocol.refusals import Refusal
from tests.server.conftest import ADMIN, PASSWORD, Connect
from tests.support.wire import WireClient

DRILL = Template(0, "Drill", "The drill is at eleven.", Priority.URGENT, ("Here", "Away"), 60_000)


@pytest.fixture
def alice(connect: Connect) -> WireClient:
    client = connect()
    client.sign_in(ADMIN, PASSWORD)
    assert client.expect(Templates).templates == ()
    return client


def save(client: WireClient, template: Template) -> tuple[Template, ...]:
    client.ask(SaveTemplate(client.number(), template), Done)
    return client.expect(Templates).templates


def test_they_are_told_to_all_administrators_at_once_and_at_sign_in(
    alice: WireClient, connect: Connect
) -> None:
    other = connect()
    other.sign_in(ADMIN, PASSWORD)
    assert other.expect(Templates).templates == ()
    (kept,) = save(alice, DRILL)
    assert kept.id and (kept.name, kept.answers) == ("Drill", ("Here", "Away"))
    assert (kept.priority, kept.lifetime_ms) == (Priority.URGENT, 60_000)
    assert other.expect(Templates).templates == (kept,)
    late = connect()
    late.sign_in(ADMIN, PASSWORD)
    assert late.expect(Templates).templates == (kept,)
    other.ask(RemoveTemplate(other.number(), kept.id), Done)
    assert alice.expect(Templates).templates == ()


def test_one_is_changed_in_place_and_one_of_the_same_name_is_replaced(alice: WireClient) -> None:
    (first,) = save(alice, DRILL)
    (renamed,) = save(alice, Template(first.id, "Fire drill", "At noon."))
    assert renamed == Template(first.id, "Fire drill", "At noon.")
    (replaced,) = save(alice, Template(0, " ＦＩＲＥ  drill ", "At one."))
    assert replaced == Template(first.id, "ＦＩＲＥ drill", "At one.")
    both = save(alice, Template(0, "Another", "x"))
    assert [one.name for one in both] == ["Another", "ＦＩＲＥ drill"]
    (one,) = save(alice, Template(both[0].id, "fire drill", "merged"))
    assert (one.id, one.text) == (first.id, "merged")


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (Template(0, " \u200b ", "x"), Refusal.TEMPLATE_NAME_INVALID),
        (Template(0, "x" * (MAX_TEMPLATE_NAME_CHARS + 1), "x"), Refusal.TEMPLATE_NAME_INVALID),
        (Template(0, "a\x07", "x"), Refusal.TEMPLATE_NAME_INVALID),
        (Template(0, "Drill", " "), Refusal.TEXT_EMPTY),
        (Template(0, "Drill", "x" * 4001), Refusal.TEXT_TOO_LONG),
        (Template(0, "Drill", "x", answers=("one",)), Refusal.ANSWERS_INVALID),
        (Template(7, "Drill", "x"), Refusal.NOT_FOUND),
    ],
)
def test_p10_what_could_not_be_posted_is_no_template(
    alice: WireClient, template: Template, code: Refusal
) -> None:
    assert alice.refusal(SaveTemplate(alice.number(), template)).code == code


def test_p10_there_is_an_end_of_them(alice: WireClient) -> None:
    for number in range(MAX_TEMPLATES):
        save(alice, Template(0, f"number {number}", "x" * 4000))
    refused = alice.refusal(SaveTemplate(alice.number(), DRILL))
    assert refused.code == Refusal.TOO_MANY_TEMPLATES
    assert len(save(alice, Template(0, "NUMBER 7", "y"))) == MAX_TEMPLATES, "in its place"
    assert alice.refusal(RemoveTemplate(alice.number(), 999)).code == Refusal.NOT_FOUND


def test_p6_members_neither_hear_of_them_nor_change_them(
    alice: WireClient, connect: Connect
) -> None:
    bob = connect()
    me = bob.register("bob", PASSWORD).person
    save(alice, DRILL)
    assert bob.refusal(SaveTemplate(bob.number(), DRILL)).code == Refusal.NOT_PERMITTED
    assert bob.refusal(RemoveTemplate(bob.number(), 1)).code == Refusal.NOT_PERMITTED
    bob.barrier_despite_refusals()
    assert not [one for one in bob.heard if isinstance(one, Templates)]
    alice.ask(SetRole(alice.number(), me.id, Role.ADMIN), Done)
    bob.expect(YouChanged)
    assert [one.name for one in bob.expect(Templates).templates] == ["Drill"]


def test_who_changed_them_is_on_record(alice: WireClient) -> None:
    (kept,) = save(alice, DRILL)
    alice.ask(RemoveTemplate(alice.number(), kept.id), Done)
    entries = alice.ask(GetAudit(alice.number(), 0, 2), Audit).entries
    assert [(one.action, one.subject) for one in entries] == [
        ("template_removed", "Drill"),
        ("template_saved", "Drill"),
    ]
