"""The operator's commands: `python -m server init` and `serve`."""

import logging
import os
import secrets
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

import click
import msgspec
import platformdirs

from protocol import joincode
from protocol.joincode import JoinCode
from server import settings
from server.accounts import check_display_name, check_password, check_username
from server.lock import AlreadyServing
from server.rejection import Rejected
from server.settings import Settings, SettingsError
from server.setup import RoomExists, make_room, require_no_room
from server.storage import CorruptRoom, SchemaTooNew
from server.storage.sqlite import FILE_NAME as DATABASE_NAME
from server.tls import CertificateError, fingerprint_in_use

DEFAULT_DATA_DIR = Path(platformdirs.user_data_dir("Rostrum Server", appauthor=False))

GENERATED_PASSWORD_BYTES = 12
"""96 random bits: 16 characters to type."""

data_option = click.option(
    "--data",
    "data_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_DATA_DIR,
    show_default=True,
    help="The data folder.",
)


@click.group(help="The Rostrum server: one room for an organisation's desktops.")
def main() -> None:
    # A console may be unable to show some characters (cp1252, cp936): show
    # them escaped rather than fail.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


@main.command(help="Make a room: data folder, settings and first administrator.")
@data_option
@click.option("--room-name", help="What the room is called.")
@click.option("--description", help="One line under the name on the sign-in page.")
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=int, help="The TCP port to listen on.")
@click.option("--public-host", help="The name or address by which clients reach this machine.")
@click.option("--registration", help="Who may create an account: open or closed.")
@click.option("--tls/--no-tls", default=None, help="Encrypt all that is said; on by default.")
@click.option(
    "--allow-plaintext",
    is_flag=True,
    default=None,
    help="Allow --no-tls at an address that others can reach.",
)
@click.option("--admin", help="The first administrator's username.")
@click.option("--admin-display-name", help="The name that everyone sees.")
@click.option(
    "--admin-password-file",
    type=click.File("rb"),
    help="A file in UTF-8 whose first line is the password; - for standard input. Neither a flag "
    "nor a variable takes the password itself: others on the machine may see a process's "
    "arguments, and its environment goes to all that it starts.",
)
@click.option("--generate-password", is_flag=True, help="Make up a password and print it once.")
def init(
    data_dir: Path,
    room_name: str | None,
    description: str | None,
    host: str | None,
    port: int | None,
    public_host: str | None,
    registration: str | None,
    tls: bool | None,
    allow_plaintext: bool | None,
    admin: str | None,
    admin_display_name: str | None,
    admin_password_file: BinaryIO | None,
    generate_password: bool,
) -> None:
    given = {
        "room_name": room_name,
        "description": description,
        "host": host,
        "port": port,
        "public_host": public_host,
        "registration": registration,
        "tls": tls,
        "allow_plaintext": allow_plaintext,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    with _init_errors():
        require_no_room(data_dir)
        settings.check_chosen(chosen)
    if admin is None:
        if room_name is None and not (data_dir / settings.FILE_NAME).exists():
            chosen["room_name"] = _prompt("The room's name", _check_room_name)
        admin = _prompt("The first administrator's username", check_username)
        admin_display_name = admin_display_name or _prompt(
            "The name that everyone sees", check_display_name, default=admin
        )
    if admin_password_file is not None:
        password = _first_line(admin_password_file)
    elif generate_password or not _is_interactive():
        generate_password = True
        password = secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)
    else:
        password = _prompt_password(admin)
    with _init_errors():
        user = make_room(data_dir, chosen, admin, admin_display_name or "", password)
    click.echo(f"The room is in {data_dir}")
    click.echo(f"Administrator: {user.username}")
    if generate_password:
        click.echo(f"Password, shown only now: {password}")
    if (code := _join_code_if_any(data_dir)) is not None:
        click.echo(f"Join code, for everyone's client: {code}")
    click.echo(f'Start it with: rostrum-server serve --data "{data_dir}"')


@main.command(help="Serve the room until Ctrl+C or SIGTERM.")
@data_option
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=int, help="The TCP port to listen on; 0: any that is free.")
@click.option("--log-level", help="debug, info, warning or error.")
def serve(data_dir: Path, host: str | None, port: int | None, log_level: str | None) -> None:
    flags = {"host": host, "port": port, "log_level": log_level}
    try:
        chosen = settings.load(data_dir, os.environ, flags)
        _log(chosen)
        from server import service  # the rest need not be loaded to show an error

        service.serve(chosen, data_dir)
    except FileNotFoundError:
        _fail(f"there is no room in {data_dir}; make one: rostrum-server init")
    except (
        *(AlreadyServing, CertificateError, SettingsError),
        *(CorruptRoom, SchemaTooNew, Rejected),
    ) as error:
        _fail(str(error))
    except sqlite3.Error as error:
        _fail(f"the room in {data_dir} can't be opened: {error}")
    except OSError as error:
        _fail(f"can't listen on {chosen.host}:{chosen.port}: {error.strerror or error}")


@main.command(
    "join-code", help="Print the code that leads a client to this room and makes it know it."
)
@data_option
@click.option("--host", help="The name or address by which clients reach this machine.")
@click.option("--port", type=int, help="The TCP port by which they do.")
def join_code(data_dir: Path, host: str | None, port: int | None) -> None:
    try:
        _require_room(data_dir)
        chosen = settings.load(data_dir, os.environ, {"public_host": host, "port": port})
        click.echo(_join_code(chosen, data_dir))
    except (CertificateError, SettingsError) as error:
        _fail(str(error))


def _join_code(chosen: Settings, data_dir: Path) -> str:
    fingerprint = fingerprint_in_use(chosen, data_dir)
    if not fingerprint:
        raise SettingsError("a join code is for TLS, which tls = false switches off")
    if not chosen.port:
        raise SettingsError("port = 0 is another one at each start; choose one for a join code")
    host = chosen.public_host or _reachable_host(chosen)
    try:
        return joincode.write(msgspec.convert((host, chosen.port, fingerprint), JoinCode))
    except msgspec.ValidationError as error:
        raise SettingsError(f"public_host = {host!r}: {error}") from None


def _join_code_if_any(data_dir: Path) -> str | None:
    try:
        return _join_code(settings.load(data_dir, os.environ, {}), data_dir)
    except (CertificateError, SettingsError):
        return None


def _reachable_host(chosen: Settings) -> str:
    """Where it listens; this machine's name, where that is everywhere."""
    is_everywhere = chosen.host in ("0.0.0.0", "::")
    return socket.gethostname() if is_everywhere else chosen.host


def _require_room(data_dir: Path) -> None:
    if not (data_dir / DATABASE_NAME).exists():
        _fail(f"there is no room in {data_dir}; make one: rostrum-server init")


def _log(chosen: Settings) -> None:
    logging.basicConfig(
        level=chosen.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


@contextmanager
def _init_errors() -> Iterator[None]:
    try:
        yield
    except Rejected as error:
        _fail(f"{error.code.replace('_', ' ')}: {error.detail}")
    except (RoomExists, SettingsError, CorruptRoom, SchemaTooNew, OSError, UnicodeError) as error:
        _fail(str(error))


def _prompt(text: str, check: Callable[[str], str], default: str | None = None) -> str:
    """Ask until the answer passes the check."""

    def checked(answer: str) -> str:
        try:
            return check(answer)
        except (Rejected, SettingsError) as error:
            raise click.UsageError(str(error)) from error

    answer: str = click.prompt(text, default=default, value_proc=checked)
    return answer


def _prompt_password(username: str) -> str:
    while True:
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            check_password(password, username)
        except Rejected as error:
            click.echo(f"Error: {error}")
        else:
            return password


def _check_room_name(name: str) -> str:
    return settings.check_chosen({"room_name": name}).room_name


def _first_line(file: BinaryIO) -> str:
    try:
        # Windows' tools may begin the text with a byte order mark.
        return file.readline().decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        _fail("the password is not in UTF-8")


def _is_interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _fail(text: str) -> NoReturn:
    click.echo(f"rostrum-server: {text}", err=True)
    sys.exit(1)
