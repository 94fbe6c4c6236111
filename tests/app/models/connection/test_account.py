"""Who is signed in, and what became of the form."""

from app.models.connection.account import Account, Field, FormError
from protocol.messages import Person, Role

ADMIN = Person(1, "amelia", "Amelia", Role.ADMIN)
MEMBER = Person(2, "bob", "Bob", Role.MEMBER)


def test_the_form_is_busy_until_its_answer_and_an_error_stays_until_the_next() -> None:
    account = Account()
    error = FormError(Field.PASSWORD, "wrong_credentials")
    account.attempt()
    assert account.busy
    account.refuse(error)
    assert not account.busy and account.error == error
    account.attempt()
    assert account.error is None
    account.sign_in(MEMBER)
    assert (account.person, account.busy, account.error) == (MEMBER, False, None)


def test_who_may_post_follows_the_role() -> None:
    account = Account()
    assert not account.may_post
    for person, may_post in ((MEMBER, False), (ADMIN, True), (MEMBER, False)):
        account.sign_in(person)
        assert account.may_post is may_post
    account.sign_out(FormError(Field.FORM, "signed_out"))
    assert account.person is None and not account.may_post


def test_only_changes_are_told() -> None:
    account = Account()
    calls: list[None] = []
    account.subscribe(lambda: calls.append(None))
    account.refuse(None)
    account.sign_out()
    assert calls == []
    account.attempt()
    account.attempt()
    assert len(calls) == 1
