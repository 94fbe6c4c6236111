"""`serve`: the room, until it is stopped."""

import sqlite3
import sys
from pathlib import Path

import click

from server.certificates import CertificateError
from server.cli.common import data_option, fail, json_option, load_settings, say
from server.domain.errors import RequestRefused
from server.domain.store import CorruptRoom, SchemaTooNew
from server.operations import logs
from server.operations.lock import AlreadyServing
from server.settings import SettingsError


@click.command(help="Serve the room until Ctrl+C or SIGTERM.")
@data_option
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=int, help="The TCP port to listen on; 0: any that is free.")
@click.option("--log-level", help="debug, info, warning or error.")
@json_option
def serve(
    data_dir: Path, host: str | None, port: int | None, log_level: str | None, as_json: bool
) -> None:
    def announce(host: str, port: int) -> None:
        say({"host": host, "port": port}, as_json, f"Rostrum is listening on {host}:{port}")
        sys.stdout.flush()

    try:
        chosen = load_settings(data_dir, host=host, port=port, log_level=log_level)
        logs.start(chosen.log_level, chosen.log_format)
        from server import composition  # the rest need not be loaded to show an error

        composition.serve(chosen, data_dir, announce)
    except FileNotFoundError:
        fail(f"there is no room in {data_dir}; make one: rostrum-server init")
    except (
        *(AlreadyServing, CertificateError, SettingsError),
        *(CorruptRoom, SchemaTooNew, RequestRefused),
    ) as error:
        fail(str(error))
    except sqlite3.Error as error:
        fail(f"the room in {data_dir} can't be opened: {error}")
    except OSError as error:
        if error.filename is not None:  # of a file, that is, and not of a socket
            fail(str(error))
        fail(f"can't listen on {chosen.host}:{chosen.port}: {error.strerror or error}")
