"""The administrators' templates: as they are told, kept for when there is no connection,
and changed."""

from app.models.connection.status import Phase
from app.models.operation import OperationStatus
from app.models.room.outbox_item import Draft
from app.models.room.templates import draft_of
from protocol.messages import (
    Done,
    Person,
    Priority,
    Refused,
    RemoveTemplate,
    Role,
    SaveTemplate,
    Template,
    Templates,
    YouChanged,
)
from tests.app.controllers.play import ALICE, Play

DRILL = Template(3, "Drill", "At eleven.", Priority.URGENT, ("",), 60_000)


def test_they_are_shown_as_they_are_told_and_kept(play: Play) -> None:
    play.sign_in(ALICE)
    model = play.client.pages.templates
    play.say(Templates((DRILL,)))
    play.until(lambda: model.all == (DRILL,))
    assert draft_of(DRILL) == Draft("At eleven.", Priority.URGENT, ("",), 0, 60_000)
    cache = play.client.kept.cache
    assert cache is not None and cache.templates == (DRILL,)
    play.break_off()
    assert model.all == (DRILL,), "also without a connection"
    play.greet()
    play.resume(ALICE)
    play.say(Templates(()))
    play.until(lambda: model.all == ())


def test_one_who_is_no_administrator_any_more_has_none(play: Play) -> None:
    play.sign_in(ALICE)
    play.say(Templates((DRILL,)), YouChanged(Person(1, "alice", "Amelia Hart", Role.MEMBER)))
    play.settle()
    assert play.client.pages.templates.all == ()


def test_saved_and_removed_and_how_that_went(play: Play) -> None:
    play.sign_in(ALICE)
    play.until_phase(Phase.LIVE)
    operation = play.client.pages.message_actions.operation
    play.client.templates.save("  Fire   drill ", Draft("At noon. \n", Priority.IMPORTANT))
    asked = play.hear_a(SaveTemplate)
    assert asked.template == Template(0, "Fire drill", "At noon.", Priority.IMPORTANT)
    play.say(Done(asked.request))
    play.until(lambda: operation.status is OperationStatus.DONE)
    assert operation.params == {"name": "Fire drill"}
    play.client.templates.remove(DRILL)
    removal = play.hear_a(RemoveTemplate)
    assert removal.template_id == 3
    play.say(Refused(removal.request, "not_found"))
    play.until(lambda: operation.status is OperationStatus.REFUSED)
