"""`python -m server` and the command `rostrum-server`."""

from server.cli import main

if __name__ == "__main__":
    main(prog_name="rostrum-server")
