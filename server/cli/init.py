"""`init`: a new room."""

import contextlib
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from server import settings
from server.certificates import CertificateError
from server.cli.common import (
    data_option,
    fail,
    first_line,
    json_option,
    load_settings,
    say,
    told_errors,
)
from server.cli.invites import join_code_with, warn_of
from server.domain.accounts import check_password, check_username
from server.domain.errors import RequestRefused
from server.settings import SettingsError
from server.setup import RoomExists, make_room, make_room_by_invite, require_no_room

GENERATED_PASSWORD_BYTES = 12
"""96 random bits: 16 characters to type."""


@click.command(
    help="Make a room: data folder, settings, certificate, and a code for its first administrator."
)
@data_option
@click.option("--room-name", help="What the room is called.")
@click.option("--description", help="One line under the name on the sign-in page.")
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=int, help="The TCP port to listen on.")
@click.option("--public-host", help="The name or address by which clients reach this machine.")
@click.option(
    "--public-port", type=int, help="The port by which they do, where a router leads from another."
)
@click.option("--registration", help="Who may create an account: invite, approval, open, closed.")
@click.option("--tls/--no-tls", default=None, help="Encrypt all that is said; on by default.")
@click.option(
    "--allow-plaintext",
    is_flag=True,
    default=None,
    help="Allow --no-tls at an address that others can reach.",
)
@click.option(
    "--admin",
    help="The first administrator's username. Without it, a join code is printed whose bearer "
    "becomes that.",
)
@click.option("--admin-display-name", help="The name that everyone sees.")
@click.option(
    "--admin-password-file",
    type=click.File("rb"),
    help="A file in UTF-8 whose first line is the password; - for standard input. Neither a flag "
    "nor a variable takes the password itself: others on the machine may see a process's "
    "arguments, and its environment goes to all that it starts.",
)
@click.option("--generate-password", is_flag=True, help="Make up a password and print it once.")
@json_option
def init(
    data_dir: Path,
    room_name: str | None,
    description: str | None,
    host: str | None,
    port: int | None,
    public_host: str | None,
    public_port: int | None,
    registration: str | None,
    tls: bool | None,
    allow_plaintext: bool | None,
    admin: str | None,
    admin_display_name: str | None,
    admin_password_file: BinaryIO | None,
    generate_password: bool,
    as_json: bool,
) -> None:
    given = {
        "room_name": room_name,
        "description": description,
        "host": host,
        "port": port,
        "public_host": public_host,
        "public_port": public_port,
        "registration": registration,
        "tls": tls,
        "allow_plaintext": allow_plaintext,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    with _init_errors():
        require_no_room(data_dir)
        settings.check_chosen(chosen)
    may_ask = _is_interactive() and not as_json
    if room_name is None and may_ask and not (data_dir / settings.FILE_NAME).exists():
        chosen["room_name"] = _prompt("The room's name", _check_room_name)
    if admin is None:
        told = _init_by_invite(data_dir, chosen)
        lines = [
            f"Join code of the first administrator, shown only now: {told['join_code']}",
            "Paste it into the client; print codes for others with: rostrum-server invite",
        ]
    else:
        password, is_made_up = _password(admin, admin_password_file, generate_password, may_ask)
        told = _init_with_account(data_dir, chosen, admin, admin_display_name or "", password)
        lines = [f"Administrator: {told['administrator']}"]
        if is_made_up:
            told["password"] = password
            lines.append(f"Password, shown only now: {password}")
        if "join_code" in told:
            lines.append(f"Join code, for everyone's client: {told['join_code']}")
    start = f'Start it with: rostrum-server serve --data "{data_dir}"'
    told["data_dir"] = str(data_dir)
    if "join_code" in told:
        with _init_errors():
            warn_of(load_settings(data_dir))
    say(told, as_json, "\n".join([f"The room is in {data_dir}", *lines, start]))


def _init_by_invite(data_dir: Path, chosen: Mapping[str, object]) -> dict[str, str]:
    with _init_errors():
        asked = settings.check_chosen(chosen)
        if not (asked.public_port or asked.port):
            raise SettingsError("port = 0 is another one at each start; choose one")
        code = make_room_by_invite(
            data_dir,
            chosen,
            lambda secret: join_code_with(load_settings(data_dir), data_dir, secret),
        )
        return {"join_code": code}


def _password(
    admin: str, password_file: BinaryIO | None, generate_password: bool, may_ask: bool
) -> tuple[str, bool]:
    """Return the first administrator's, and whether it was made up."""
    if password_file is not None:
        return first_line(password_file), False
    if generate_password or not may_ask:
        return secrets.token_urlsafe(GENERATED_PASSWORD_BYTES), True
    with _init_errors():
        admin = check_username(admin)
    return _prompt_password(admin), False


def _init_with_account(
    data_dir: Path, chosen: Mapping[str, object], admin: str, display_name: str, password: str
) -> dict[str, str]:
    with _init_errors():
        user = make_room(data_dir, chosen, admin, display_name, password)
    told = {"administrator": user.username}
    with contextlib.suppress(CertificateError, SettingsError):
        told["join_code"] = join_code_with(load_settings(data_dir), data_dir)
    return told


@contextmanager
def _init_errors() -> Iterator[None]:
    with told_errors():
        try:
            yield
        except RoomExists as error:
            fail(str(error))


def _prompt(text: str, check: Callable[[str], str], default: str | None = None) -> str:
    """Ask until the answer passes the check."""

    def checked(answer: str) -> str:
        try:
            return check(answer)
        except (RequestRefused, SettingsError) as error:
            raise click.UsageError(str(error)) from error

    answer: str = click.prompt(text, default=default, value_proc=checked)
    return answer


def _prompt_password(username: str) -> str:
    while True:
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            check_password(password, username)
        except RequestRefused as error:
            click.echo(f"Error: {error}")
        else:
            return password


def _check_room_name(name: str) -> str:
    return settings.check_chosen({"room_name": name}).room_name


def _is_interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
