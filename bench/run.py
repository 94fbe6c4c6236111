"""How large a run is, and what all measurements share."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load.generator import build


@dataclass(frozen=True)
class Run:
    """What a measurement is given. `program` is the load generator in C; None: there is no
    compiler, and the one in Python is used."""

    members: int
    """In the large room."""
    fewer: int
    """In the small one."""
    rounds: int
    pace_s: float
    """For how long messages come at a steady pace."""
    depth: int
    """Messages in a deep room."""
    program: Path | None
    folder: Path
    """A temporary one."""

    def new_folder(self) -> Path:
        """Return an empty folder, for one server."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    @property
    def generator(self) -> str:
        """What the load generator is written in."""
        return "C" if self.program is not None else "Python, as there is no compiler"


@contextmanager
def prepare(quick: bool) -> Iterator[Run]:
    """Build the load generator, and make a folder that goes with the run."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        program = build("load", folder)
        if quick:
            yield Run(1_000, 100, 3, 3.0, 20_000, program, folder)
        else:
            yield Run(10_000, 1_000, 7, 30.0, 1_000_000, program, folder)
