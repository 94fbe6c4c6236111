#!/usr/bin/env python3
"""Fuzz the decoder: `python tests/fuzz/fuzz_decoder.py -runs=1000000 FOLDER`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.fuzz.runner import run

    run("decoder", "tests.fuzz.decoding", ["protocol"])
