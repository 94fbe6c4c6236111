"""Runs a coverage-guided fuzzer (atheris, libFuzzer) over one of the checks.

The arguments are libFuzzer's own (llvm.org/docs/LibFuzzer.html): options such
as `-runs=100000` or `-max_total_time=300`, then the folder of the corpus, to
which it adds. An empty folder begins with what is kept in this one.

atheris is no dependency of the project: `pip install atheris` where fuzzing is
wanted. What it found is run by every test run, without it.
"""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz import kept


def run(name: str, module: str, instrumented: Sequence[str]) -> None:
    """Fuzz `one_input` of this module, guided by the coverage of the packages
    that are to be instrumented. Ends the process."""
    atheris = importlib.import_module("atheris")
    for argument in sys.argv[1:]:
        if not argument.startswith("-"):
            kept.unpack(name, Path(argument))
    with atheris.instrument_imports(include=list(instrumented), enable_loader_override=False):
        one_input = importlib.import_module(module).one_input
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
