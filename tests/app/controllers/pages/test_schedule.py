"""What is posted later: from the outbox to the server, and what administrators see and
change of it."""

from app.models.listing import Reason
from app.models.operation import OperationStatus
from app.models.room.outbox_item import Draft, PostState
from protocol.messages import (
    CancelScheduled,
    ChangeScheduled,
    Done,
    GetScheduled,
    Person,
    Post,
    Priority,
    Refused,
    Role,
    Schedule,
    Scheduled,
    ScheduledMessage,
    SendScheduled,
    Upcoming,
    YouChanged,
)
from protocol.refusals import Refusal
from tests.app.controllers.play import ALICE, Play

AT_MS = 4_000_000_000_000
DRILL = ScheduledMessage(7, 3, AT_MS, 1, "Amelia Hart", "The drill is at eleven.")
LATER = Draft("The drill is at eleven.", Priority.IMPORTANT, ("",), 0, 60_000, AT_MS)


def test_what_is_to_be_posted_later_goes_through_the_outbox_and_is_told(play: Play) -> None:
    play.sign_in(ALICE)
    play.client.posting.send(LATER)
    asked = play.hear_a(Schedule)
    (item,) = play.client.outbox.items
    assert asked == Schedule(
        asked.request,
        item.post_id,
        AT_MS,
        "The drill is at eleven.",
        Priority.IMPORTANT,
        ("",),
        60_000,
    )
    play.say(Done(asked.request))
    play.until(lambda: not play.client.outbox.items)
    operation = play.client.pages.message_actions.operation
    assert (operation.status, operation.deed) == (OperationStatus.DONE, "schedule")
    assert operation.params == {"at_ms": AT_MS}


def test_p2_after_a_break_the_same_one_is_scheduled_again(play: Play) -> None:
    play.sign_in(ALICE)
    play.client.posting.send(LATER)
    first = play.hear_a(Schedule)
    play.break_off()
    play.greet()
    play.resume(ALICE)
    again = play.hear_a(Schedule)
    assert (again.post_id, again.at_ms) == (first.post_id, first.at_ms)


def test_p10_what_is_refused_can_be_written_anew_and_holds_nothing_up(play: Play) -> None:
    play.sign_in(ALICE)
    play.client.posting.send(LATER)
    play.client.posting.send(Draft("Good morning."))
    asked = play.hear_a(Schedule)
    play.say(Refused(asked.request, Refusal.SCHEDULE_TIME_INVALID))
    assert play.hear_a(Post).text == "Good morning."
    refused = play.client.outbox.items[0]
    assert (refused.state, refused.reason) == (PostState.REFUSED, "schedule_time_invalid")
    assert play.client.posting.take_back(refused.post_id) == LATER


def test_the_page_lists_it_anew_whenever_it_has_changed(play: Play) -> None:
    play.sign_in(ALICE)
    schedule, model = play.client.schedule, play.client.pages.schedule
    schedule.list.open()
    asked = play.hear_a(GetScheduled)
    play.say(Scheduled(asked.request, (DRILL,), True))
    play.until(lambda: model.page.listing.items == (DRILL,))
    schedule.list.more()
    more = play.hear_a(GetScheduled)
    assert more.offset == 1
    play.say(Scheduled(more.request, ()), Upcoming(1, AT_MS, 1))
    play.until(lambda: model.upcoming == Upcoming(1, AT_MS, 1))
    assert play.hear_a(GetScheduled).offset == 0
    play.say(Upcoming(1, AT_MS, 1))
    assert play.hear_a(GetScheduled), "its text may have changed"


def test_changed_sent_and_cancelled_as_it_was_read(play: Play) -> None:
    play.sign_in(ALICE)
    schedule, operation = play.client.schedule, play.client.pages.schedule.page.operation
    schedule.change(DRILL, 3, Draft("At noon. \n", at_ms=AT_MS + 5))
    changed = play.hear_a(ChangeScheduled)
    assert changed == ChangeScheduled(changed.request, 7, 3, AT_MS + 5, "At noon.")
    play.say(Refused(changed.request, Refusal.CHANGED_MEANWHILE))
    play.until(lambda: operation.reason == Reason("changed_meanwhile"))
    schedule.send_now(DRILL)
    sent = play.hear_a(SendScheduled)
    assert (sent.scheduled_id, sent.version) == (7, 3)
    play.say(Done(sent.request))
    play.until(lambda: operation.status is OperationStatus.DONE)
    schedule.cancel(DRILL)
    cancelled = play.hear_a(CancelScheduled)
    assert (cancelled.scheduled_id, cancelled.version) == (7, 3)


def test_p6_one_who_is_no_administrator_any_more_knows_nothing_of_it(play: Play) -> None:
    play.sign_in(ALICE)
    model = play.client.pages.schedule
    play.say(Upcoming(2, AT_MS))
    play.until(lambda: model.upcoming.count == 2)
    model.page.listing.show((DRILL,), False)
    play.say(YouChanged(Person(1, "alice", "Amelia Hart", Role.MEMBER)))
    play.until(lambda: model.upcoming.count == 0)
    assert model.page.listing.items == ()
