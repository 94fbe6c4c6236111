"""The operator's commands: `python -m server init` and `serve`."""

import logging
import os
import secrets
import sqlite3
import sys
from pathlib import Path
from typing import NoReturn, TextIO

import click
import platformdirs

from server import settings
from server.lock import AlreadyServing
from server.rejection import Rejected
from server.settings import Settings, SettingsError
from server.setup import RoomExists, make_room
from server.storage import CorruptRoom, SchemaTooNew

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
@click.option("--registration", help="Who may create an account: open or closed.")
@click.option(
    "--allow-plaintext",
    is_flag=True,
    default=None,
    help="Allow an address that others can reach, without encryption.",
)
@click.option("--admin", help="The first administrator's username.")
@click.option("--admin-display-name", help="The name that everyone sees.")
@click.option(
    "--admin-password-file",
    type=click.File(encoding="utf-8"),
    help="A file whose first line is the password; - for standard input. There is no flag "
    "for the password itself: other users of the machine can see a process's arguments.",
)
@click.option(
    "--generate-password", is_flag=True, help="Make up a password and print it once."
)
def init(
    data_dir: Path,
    room_name: str | None,
    description: str | None,
    host: str | None,
    port: int | None,
    registration: str | None,
    allow_plaintext: bool | None,
    admin: str | None,
    admin_display_name: str | None,
    admin_password_file: TextIO | None,
    generate_password: bool,
) -> None:
    asked = admin is None
    room_name = room_name or (click.prompt("The room's name") if asked else None)
    admin = admin or click.prompt("The first administrator's username")
    if asked and not admin_display_name:
        admin_display_name = click.prompt("The name that everyone sees", default=admin)
    if admin_password_file is not None:
        password = admin_password_file.readline().rstrip("\r\n")
    elif generate_password or not _is_interactive():
        generate_password = True
        password = secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    given = {
        "room_name": room_name,
        "description": description,
        "host": host,
        "port": port,
        "registration": registration,
        "allow_plaintext": allow_plaintext,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    try:
        user = make_room(data_dir, chosen, admin, admin_display_name or "", password)
    except Rejected as error:
        _fail(f"{error.code.replace('_', ' ')}: {error.detail}")
    except (RoomExists, SettingsError, CorruptRoom, SchemaTooNew, OSError) as error:
        _fail(str(error))
    click.echo(f"The room is in {data_dir}")
    click.echo(f"Administrator: {user.username}")
    if generate_password:
        click.echo(f"Password, shown only now: {password}")
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
    except (AlreadyServing, SettingsError, CorruptRoom, SchemaTooNew, Rejected) as error:
        _fail(str(error))
    except sqlite3.Error as error:
        _fail(f"the room in {data_dir} can't be opened: {error}")
    except OSError as error:
        _fail(f"can't listen on {chosen.host}:{chosen.port}: {error.strerror or error}")


def _log(chosen: Settings) -> None:
    logging.basicConfig(
        level=chosen.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


def _is_interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _fail(text: str) -> NoReturn:
    click.echo(f"rostrum-server: {text}", err=True)
    sys.exit(1)
