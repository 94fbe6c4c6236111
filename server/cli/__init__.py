"""The operator's commands, `rostrum-server …`; one module for each group."""

import sys

import click

from server.cli import init, invites, people, records, serve


@click.group(help="The Rostrum server: one room for an organisation's desktops.")
def main() -> None:
    # A console may be unable to show some characters (cp1252, cp936): show
    # them escaped rather than fail.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


main.add_command(init.init)
main.add_command(serve.serve)
main.add_command(invites.join_code)
main.add_command(invites.invite)
main.add_command(people.user)
main.add_command(people.sessions)
main.add_command(records.audit)
main.add_command(records.export)
main.add_command(records.backup)
main.add_command(records.restore)
main.add_command(records.verify)
