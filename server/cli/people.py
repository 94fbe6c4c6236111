"""`user` and `sessions`: accounts, and where they are signed in."""

import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from protocol.messages import AccountState, Role
from server.cli.common import (
    data_option,
    fail,
    find_user,
    first_line,
    json_option,
    now_ms,
    reading,
    room,
    say,
    told_errors,
    when,
)
from server.domain import administration
from server.domain.accounts import check_display_name, check_password, check_username
from server.domain.audit import OPERATOR, Actor
from server.domain.store import Store
from server.domain.user import User
from server.domain.users import new_reset_code
from server.operations.logs import one_line
from server.passwords import hash_password

GENERATED_PASSWORD_BYTES = 12
"""96 random bits: 16 characters to type."""

Deed = Callable[[Store, Actor, int, int], int | None]


class Listed(msgspec.Struct):
    """An account as it is printed."""

    id: int
    username: str
    display_name: str
    role: Role
    state: AccountState
    created_at_ms: int
    last_seen_ms: int


@click.group(help="List, add and change accounts, also while the server runs.")
def user() -> None:
    pass


@user.command("list", help="Show the accounts; those that await approval come first.")
@data_option
@json_option
@click.option("--search", default="", help="Only those with this in a name.")
def list_users(data_dir: Path, as_json: bool, search: str) -> None:
    with reading(data_dir) as store:
        page, _ = store.users.page(search, 0, sys.maxsize)
    found = [_listed(one) for one in page]
    say(found, as_json, "\n".join(map(_line, found)) or "There are no such accounts.")


@user.command("add", help="Add an account.")
@data_option
@json_option
@click.argument("username")
@click.option("--display-name", help="The name that everyone sees; the username without it.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.MEMBER.value,
    show_default=True,
)
@click.option(
    "--password-file",
    type=click.File("rb"),
    help="A file in UTF-8 whose first line is the password; - for standard input. Without it, one "
    "is made up and printed once.",
)
def add(
    data_dir: Path,
    as_json: bool,
    username: str,
    display_name: str | None,
    role: str,
    password_file: BinaryIO | None,
) -> None:
    generated = ""
    with told_errors():
        username = check_username(username)
        display_name = check_display_name(display_name or username)
        if password_file is not None:
            password = first_line(password_file)
        else:
            password = generated = secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)
        check_password(password, username)
    password_hash = hash_password(password)
    with room(data_dir) as store:
        added = administration.add_person(
            store, OPERATOR, username, display_name, Role(role), password_hash, now_ms()
        )
    line = f"Added {added.username} ({added.role.value})."
    if generated:
        line += f"\nPassword, shown only now: {generated}"
    say({"id": added.id, "username": added.username, "password": generated}, as_json, line)


def _changing(name: str, summary: str, done: str, deed: Deed) -> None:
    """Add a command that does one deed to one account."""

    @user.command(name, help=summary)
    @data_option
    @json_option
    @click.argument("username")
    def command(data_dir: Path, as_json: bool, username: str) -> None:
        with room(data_dir) as store:
            found = find_user(store, username)
            ended = deed(store, OPERATOR, found.id, now_ms()) or 0
        told = {"username": found.username, "done": name, "invites_ended": ended}
        say(told, as_json, f"{found.username} {done}.{_and_invites(ended)}")


def _and_invites(ended: int) -> str:
    return f" Invites of theirs that end with it: {ended}." if ended else ""


def _promote(store: Store, actor: Actor, user_id: int, now: int) -> int:
    return administration.set_role(store, actor, user_id, Role.ADMIN, now)


def _demote(store: Store, actor: Actor, user_id: int, now: int) -> int:
    return administration.set_role(store, actor, user_id, Role.MEMBER, now)


_changing("approve", "Accept an account.", "is accepted", administration.activate)
_changing("enable", "Put a disabled account in use.", "is in use", administration.activate)
_changing("disable", "Put an account out of use.", "is disabled", administration.disable)
_changing("promote", "Make somebody an administrator.", "is an administrator", _promote)
_changing("demote", "Make an administrator a member.", "is a member", _demote)


@user.command("remove", help="Remove an account for good; its messages stay, its name is free.")
@data_option
@json_option
@click.argument("username")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(data_dir: Path, as_json: bool, username: str, yes: bool) -> None:
    if not yes and not (sys.stdin is not None and sys.stdin.isatty()):
        fail("removing cannot be undone: give --yes, or run it at a terminal to be asked")
    if not yes:
        click.confirm(f"Remove {username} for good?", abort=True, err=True)
    with room(data_dir) as store:
        found = find_user(store, username)
        ended = administration.remove(store, OPERATOR, found.id, now_ms())
    told = {"username": found.username, "done": "remove", "invites_ended": ended}
    say(told, as_json, f"{found.username} is removed.{_and_invites(ended)}")


@user.command("reset", help="End an account's password; print a one-time code for a new one.")
@data_option
@json_option
@click.argument("username")
def reset(data_dir: Path, as_json: bool, username: str) -> None:
    code = new_reset_code()
    with room(data_dir) as store:
        found = find_user(store, username)
        expires = administration.reset_password(store, OPERATOR, found.id, code, now_ms())
    say(
        {"username": found.username, "code": code, "expires_at_ms": expires},
        as_json,
        f"Reset code for {found.username}, shown only now, until {when(expires)}: {code}",
    )


@click.group(help="Show where people are signed in, and sign them out there.")
def sessions() -> None:
    pass


@sessions.command("list", help="Show one person's sessions, or everyone's.")
@data_option
@json_option
@click.argument("username", required=False)
def list_sessions(data_dir: Path, as_json: bool, username: str | None) -> None:
    with reading(data_dir) as store:
        owners = (
            [find_user(store, username)] if username else store.users.page("", 0, sys.maxsize)[0]
        )
        found = [
            {
                "id": one.id,
                "username": owner.username,
                "device": one.device,
                "address": one.address,
                "created_at_ms": one.created_at_ms,
                "last_used_ms": one.last_used_ms,
            }
            for owner in owners
            for one in store.sessions.of(owner.id)
        ]
    lines = [
        one_line(
            f"{one['id']}  {one['username']}  {one['device'] or '-'}  {one['address'] or '-'}  "
            f"last used {when(int(str(one['last_used_ms'])))}"
        )
        for one in found
    ]
    say(found, as_json, "\n".join(lines) or "Nobody is signed in.")


@sessions.command("end", help="Sign somebody out: of one session, or everywhere.")
@data_option
@json_option
@click.argument("username")
@click.option(
    "--id", "number", type=click.IntRange(1), help="The session's number, as list shows it."
)
@click.option("--all", "everywhere", is_flag=True, help="Every session of this person.")
def end(data_dir: Path, as_json: bool, username: str, number: int | None, everywhere: bool) -> None:
    if (number is None) != everywhere:
        fail("give either --id or --all")
    with room(data_dir) as store:
        found = find_user(store, username)
        ended = administration.end_sessions(store, OPERATOR, found.id, number or 0, now_ms())
    say({"username": found.username, "ended": ended}, as_json, f"Sessions ended: {ended}.")


def _listed(one: User) -> Listed:
    return Listed(
        one.id,
        one.username,
        one.display_name,
        one.role,
        AccountState(one.state.value),
        one.created_at_ms,
        one.last_seen_ms,
    )


def _line(one: Listed) -> str:
    state = "" if one.state is AccountState.ACTIVE else f"  {one.state.value}"
    seen = f"last seen {when(one.last_seen_ms)}"
    return one_line(f"{one.username}  {one.display_name}  {one.role.value}{state}  {seen}")
