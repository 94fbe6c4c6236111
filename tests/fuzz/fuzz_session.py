#!/usr/bin/env python3
"""Fuzz whole sessions: `python tests/fuzz/fuzz_session.py -runs=100000 FOLDER`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.fuzz.runner import run

    run("session", "tests.fuzz.talking", ["protocol", "server"])
