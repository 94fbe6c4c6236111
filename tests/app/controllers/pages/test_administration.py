"""What an administrator does to people, invites and the log, and what the
client makes of the answers."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from app.controllers.common.loading import SEARCH_DELAY_S
from app.controllers.pages.administration import PAGE_ITEMS, Administration
from app.models.listing import Reason
from app.models.operation import OperationStatus
from app.models.pages.page_model import IssuedCode
from protocol.messages import (
    AccountState,
    Audit,
    Awaiting,
    CreateInvite,
    Done,
    GetAudit,
    GetInvites,
    GetPeople,
    InviteCreated,
    Invites,
    Member,
    People,
    Person,
    Refused,
    RemovePerson,
    ResetCode,
    ResetPassword,
    RevokeInvite,
    Role,
    SetRole,
    SetState,
    WireMessage,
    YouChanged,
)
from protocol.refusals import Refusal
from tests.app.controllers.play import ALICE, Play
from tests.support.pages import entry, invite, member, pending

EVERYONE = tuple(member(number) for number in range(1, 121))


@pytest.fixture
def play(play: Play) -> Play:
    """An administrator is signed in."""
    play.sign_in()
    return play


def desk(play: Play) -> Administration:
    return play.client.administration


def give_people(
    play: Play, everyone: tuple[Member, ...] = EVERYONE, awaiting: int = 0
) -> GetPeople:
    """Answer the `GetPeople` that is heard next as a server would."""
    asked = play.hear_a(GetPeople)
    told = everyone[asked.offset : asked.offset + asked.limit]
    play.say(People(asked.request, told, len(everyone), awaiting))
    return asked


# --- the list --------------------------------------------------------------------------


def test_people_are_fetched_page_by_page_as_one_scrolls(play: Play) -> None:
    listing, loading = play.client.pages.people.listing, desk(play).people.list
    loading.open()
    for held in (50, 100, 120):
        asked = give_people(play)
        assert (asked.offset, asked.limit) == (len(listing.items), PAGE_ITEMS)
        play.until(lambda held=held: len(listing.items) == held and not listing.is_loading)  # type: ignore[misc]
        loading.more()
        loading.more()
    assert listing.items == EVERYONE and not listing.has_more
    loading.reload()
    assert play.hear_a(GetPeople).offset == 0, "the end asked for nothing"


def test_nothing_is_asked_for_while_nobody_looks(play: Play) -> None:
    loading = desk(play).people.list
    loading.reload()
    loading.open()
    loading.close()
    play.hear_a(GetPeople)
    loading.reload()
    play.say(Awaiting(3))
    play.settle()
    assert not play.client.pages.people.listing.is_loading
    loading.open()
    play.hear_a(GetPeople)


def test_a_search_is_asked_when_the_typing_pauses(play: Play) -> None:
    listing, loading = play.client.pages.people.listing, desk(play).people.list
    loading.open()
    give_people(play)
    play.until(lambda: listing.is_known)
    for typed in ("b", "be", " ben\t"):
        loading.search(typed)
    assert listing.search == "" and SEARCH_DELAY_S == 0.3
    assert play.hear_a(GetPeople).search == "ben"
    loading.search("x" * 200)
    assert len(play.hear_a(GetPeople).search) == 100


def test_the_answer_to_an_older_search_is_passed_over(play: Play) -> None:
    listing, loading = play.client.pages.people.listing, desk(play).people.list
    loading.open()
    first = play.hear_a(GetPeople)
    loading.search("ben")
    second = play.hear_a(GetPeople)
    play.say(People(second.request, (EVERYONE[4],), 1, 0))
    play.say(People(first.request, EVERYONE[:50], 120, 0))
    play.settle()
    assert listing.items == (EVERYONE[4],)
    loading.close()
    assert listing.search == "" and not listing.is_known


def test_somebody_new_moves_the_pages_and_shows_nobody_twice(play: Play) -> None:
    listing, loading = play.client.pages.people.listing, desk(play).people.list
    loading.open()
    give_people(play)
    play.until(lambda: listing.is_known)
    loading.more()
    give_people(play, (pending(500), *EVERYONE))
    play.until(lambda: len(listing.items) == 99)
    ids = [item.id for item in listing.items]
    assert len(set(ids)) == len(ids)


def test_an_answer_that_brings_nothing_new_is_not_asked_for_again(play: Play) -> None:
    listing, loading = play.client.pages.people.listing, desk(play).people.list
    loading.open()
    give_people(play)
    play.until(lambda: listing.is_known)
    loading.more()
    asked = play.hear_a(GetPeople)
    play.say(People(asked.request, EVERYONE[:50], 120, 0))
    play.settle()
    assert not listing.is_loading and len(listing.items) == 50


def test_a_list_that_is_looked_at_is_fetched_again_after_a_break(play: Play) -> None:
    listing = play.client.pages.people.listing
    desk(play).people.list.open()
    give_people(play)
    play.until(lambda: listing.is_known)
    desk(play).people.list.more()
    give_people(play)
    play.until(lambda: len(listing.items) == 100)
    play.break_off()
    assert len(listing.items) == 100 and not listing.is_loading, "it is shown on"
    play.greet()
    play.resume()
    changed = (member(1, "Renamed"), *EVERYONE[1:])
    give_people(play, changed)
    give_people(play, changed)
    play.until(lambda: listing.items[0].display_name == "Renamed")
    assert len(listing.items) == 100


# --- what is done to people --------------------------------------------------------------

DEEDS: list[tuple[str, Callable[[Administration], None], WireMessage]] = [
    ("promote", lambda a: a.people.set_role(member(4), Role.ADMIN), SetRole(1, 4, Role.ADMIN)),
    ("demote", lambda a: a.people.set_role(member(4), Role.MEMBER), SetRole(1, 4, Role.MEMBER)),
    (
        "accept",
        lambda a: a.people.set_state(pending(4), AccountState.ACTIVE),
        SetState(1, 4, AccountState.ACTIVE),
    ),
    (
        "enable",
        lambda a: a.people.set_state(member(4, state=AccountState.DISABLED), AccountState.ACTIVE),
        SetState(1, 4, AccountState.ACTIVE),
    ),
    (
        "disable",
        lambda a: a.people.set_state(member(4), AccountState.DISABLED),
        SetState(1, 4, AccountState.DISABLED),
    ),
    ("remove", lambda a: a.people.remove(member(4)), RemovePerson(1, 4)),
    ("decline", lambda a: a.people.remove(pending(4)), RemovePerson(1, 4)),
]


@pytest.mark.parametrize(("deed", "act", "expected"), DEEDS, ids=[deed for deed, *_ in DEEDS])
def test_a_deed_is_asked_for_and_told(
    play: Play, deed: str, act: Callable[[Administration], None], expected: WireMessage
) -> None:
    operation = play.client.pages.people.operation
    act(desk(play))
    act(desk(play))  # one at a time
    heard = play.hear_a(type(expected))
    request = heard.request  # type: ignore[attr-defined]
    fields = [getattr(heard, name) for name in heard.__struct_fields__[1:]]
    assert fields == [getattr(expected, name) for name in expected.__struct_fields__[1:]]
    assert (
        operation.is_under_way
        and operation.deed == deed
        and operation.params == {"name": "Person 4"}
    )
    desk(play).people.list.open()
    play.hear_a(GetPeople)
    play.say(Done(request))
    play.hear_a(GetPeople)  # to show what has changed
    assert operation.status is OperationStatus.DONE


@pytest.mark.parametrize("code", [Refusal.LAST_ADMINISTRATOR, Refusal.NOT_PERMITTED, "new_one"])
def test_a_refusal_is_told(play: Play, code: str) -> None:
    desk(play).people.set_role(member(4), Role.MEMBER)
    play.say(Refused(play.hear_a(SetRole).request, code))
    operation = play.client.pages.people.operation
    play.until(lambda: operation.status is OperationStatus.REFUSED)
    assert operation.reason == Reason(code)


def test_who_is_not_there_any_more_goes_from_the_list(play: Play) -> None:
    desk(play).people.list.open()
    give_people(play)
    desk(play).people.remove(member(4))
    play.say(Refused(play.hear_a(RemovePerson).request, Refusal.NOT_FOUND))
    give_people(play, EVERYONE[:3])
    play.until(lambda: play.client.pages.people.listing.items == EVERYONE[:3])


def test_a_break_before_the_answer_leaves_it_open(play: Play) -> None:
    desk(play).people.remove(member(4))
    play.hear_a(RemovePerson)
    play.break_off()
    assert play.client.pages.people.operation.status is OperationStatus.LOST
    desk(play).people.remove(member(4))
    assert play.client.pages.people.operation.status is OperationStatus.LOST, (
        "nothing is done offline"
    )


def test_a_reset_code_is_told_once_and_goes_with_the_session(play: Play) -> None:
    desk(play).people.reset_password(member(4, "Ben Osei"))
    play.say(ResetCode(play.hear_a(ResetPassword).request, "K7QM-2XVN-PD4R", 99))
    code = play.client.pages.people.one_time_code
    play.until(lambda: code.issued is not None)
    assert code.issued == IssuedCode("K7QM-2XVN-PD4R", 99, "Ben Osei")
    play.client.session.sign_out()
    assert code.issued is None


# --- who waits ---------------------------------------------------------------------------


def test_who_waits_is_counted_from_pushes_and_answers(play: Play) -> None:
    awaiting = play.client.pages.awaiting
    play.say(Awaiting(2))
    play.until(lambda: awaiting.people == 2)
    desk(play).people.list.open()
    give_people(play, awaiting=5)
    play.until(lambda: awaiting.people == 5)
    play.say(Awaiting(1))
    give_people(play, awaiting=1)
    play.until(lambda: awaiting.people == 1)
    play.break_off()
    play.greet()
    play.resume()
    play.hear_a(GetPeople)
    assert awaiting.people == 0, "the server tells it after sign-in where anybody waits"


def test_who_is_no_administrator_any_more_keeps_nothing_of_it(play: Play) -> None:
    pages = play.client.pages
    desk(play).people.list.open()
    give_people(play, awaiting=4)
    play.until(lambda: pages.people.listing.is_known)
    play.say(YouChanged(Person(1, "alice", "Amelia Hart", Role.MEMBER)))
    play.until(lambda: not play.client.account.may_post)
    assert pages.people.listing.items == () and pages.awaiting.people == 0


def test_signed_out_nothing_is_left_and_no_late_push_counts(play: Play) -> None:
    pages = play.client.pages
    desk(play).people.list.open()
    give_people(play, awaiting=4)
    play.until(lambda: pages.people.listing.is_known)
    play.client.session.sign_out()
    play.peer.say(Awaiting(9))
    play.peer.say(YouChanged(ALICE))
    play.headless.turn(0.2)
    assert pages.people.listing.items == () and pages.awaiting.people == 0
    assert play.client.account.person is None


# --- invites -----------------------------------------------------------------------------


def test_an_invite_is_made_and_its_join_code_told_once(play: Play) -> None:
    pages = play.client.pages
    desk(play).invites.list.open()
    play.say(Invites(play.hear_a(GetInvites).request, (invite(1),)))
    desk(play).invites.create(Role.ADMIN, 30, 7, " Class 7b\n")
    asked = play.hear_a(CreateInvite)
    assert (asked.role, asked.uses, asked.note) == (Role.ADMIN, 30, "Class 7b")
    assert asked.valid_for_ms == 7 * 24 * 3600 * 1000
    made = invite(2, "Class 7b")
    play.say(InviteCreated(asked.request, made, "rostrum1.abc"))
    play.say(Invites(play.hear_a(GetInvites).request, (made, invite(1))))
    play.until(lambda: pages.invites.listing.items == (made, invite(1)))
    assert pages.invites.one_time_code.issued == IssuedCode(
        "rostrum1.abc", made.expires_at_ms, "Class 7b"
    )
    assert pages.invites.operation.status is OperationStatus.DONE


def test_an_invite_is_revoked(play: Play) -> None:
    desk(play).invites.revoke(invite(7))
    revoke = play.hear_a(RevokeInvite)
    assert revoke.invite_id == 7
    play.say(Done(revoke.request))
    play.until(lambda: play.client.pages.invites.operation.status is OperationStatus.DONE)


# --- the log -------------------------------------------------------------------------------

LOG = tuple(entry(number) for number in range(450, 0, -1))


def give_log(play: Play) -> GetAudit:
    asked = play.hear_a(GetAudit)
    older = [e for e in LOG if not asked.before_id or e.id < asked.before_id]
    play.say(Audit(asked.request, tuple(older[: asked.limit]), len(older) > asked.limit))
    return asked


def test_the_log_is_read_backwards(play: Play) -> None:
    listing, loading = play.client.pages.audit.listing, desk(play).audit.list
    loading.open()
    assert give_log(play).before_id == 0
    play.until(lambda: listing.items == LOG[:50])
    loading.more()
    assert give_log(play).before_id == LOG[49].id
    play.until(lambda: listing.items == LOG[:100])


def test_all_of_it_is_saved(play: Play, tmp_path: Path) -> None:
    operation = play.client.pages.audit.operation
    path = tmp_path / "log.csv"
    desk(play).audit.save(path)
    assert operation.is_under_way
    desk(play).audit.save(tmp_path / "second.csv")
    assert [give_log(play).before_id for _ in range(3)] == [0, 251, 51]
    play.until(lambda: operation.status is OperationStatus.DONE)
    assert operation.params == {"n": 450, "file": "log.csv", "search": ""}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows[1:]] == [str(e.id) for e in LOG]
    assert [left.name for left in tmp_path.glob("*.csv*")] == ["log.csv"]


def test_what_was_searched_for_is_saved_alone(play: Play, tmp_path: Path) -> None:
    desk(play).audit.list.open()
    give_log(play)
    desk(play).audit.list.search("bob")
    assert play.hear_a(GetAudit).search == "bob"
    desk(play).audit.save(tmp_path / "log.csv")
    assert play.hear_a(GetAudit).search == "bob"
    assert play.client.pages.audit.operation.deed == "save_found"


@pytest.mark.parametrize("how", ["break", "refusal", "sign out", "close"])
def test_half_a_log_is_not_left(play: Play, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    operation = play.client.pages.audit.operation
    desk(play).audit.save(folder / "log.csv")
    give_log(play)
    request = play.hear_a(GetAudit).request
    if how == "break":
        play.break_off()
        assert operation.status is OperationStatus.LOST
    elif how == "refusal":
        play.say(Refused(request, Refusal.INTERNAL))
        play.until(lambda: operation.reason == Reason("internal"))
    elif how == "close":
        play.client.close()
    else:
        play.client.session.sign_out()
        assert operation.status is OperationStatus.NONE
    assert list(folder.iterdir()) == []


def test_a_file_that_can_not_be_written_is_told(play: Play, tmp_path: Path) -> None:
    operation = play.client.pages.audit.operation
    desk(play).audit.save(tmp_path / "nowhere" / "log.csv")
    assert operation.reason == Reason("file_not_written")
    taken = tmp_path / "taken.csv"
    taken.mkdir()
    desk(play).audit.save(taken)
    for _ in range(3):
        give_log(play)
    play.until(lambda: operation.status is OperationStatus.REFUSED)
    assert operation.reason == Reason("file_not_written")
    assert [left.name for left in tmp_path.glob("taken*")] == ["taken.csv"]
