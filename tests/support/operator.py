"""The operator, who types the server's commands."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from server.cli import main


class Operator:
    """At the server's own machine."""

    def __init__(self, data_dir: Path) -> None:
        self._data = ["--data", str(data_dir)]

    def run(self, *words: str, say: str | None = None) -> Result:
        return CliRunner().invoke(main, [*words, *self._data], input=say)

    def do(self, *words: str, say: str | None = None) -> str:
        done = self.run(*words, say=say)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *words: str, say: str | None = None) -> Any:
        return json.loads(self.do(*words, "--json", say=say))

    def refused(self, *words: str) -> str:
        done = self.run(*words)
        assert done.exit_code == 1, done.output
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.stderr
