"""The fuzzers' corpora as they are kept here: one text file each, one input a
line, in base64. Every test run replays them.

    python tests/fuzz/kept.py decoder FOLDER

keeps what lies in a fuzzer's corpus folder; let libFuzzer's -merge=1 pick first
what covers the same code with the fewest and shortest inputs.
"""

import base64
import hashlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def read(name: str) -> list[bytes]:
    """The inputs kept for this fuzzer."""
    lines = (HERE / f"{name}.corpus").read_text(encoding="ascii").splitlines()
    return [base64.b64decode(line) for line in lines]


def unpack(name: str, folder: Path) -> None:
    """One file each, as libFuzzer wants them, in a folder that may not exist yet."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for data in read(name):
            (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def keep(name: str, folder: Path) -> None:
    """Keep what lies in this folder, the shortest first."""
    inputs = sorted((path.read_bytes() for path in folder.iterdir()), key=lambda d: (len(d), d))
    text = "".join(base64.b64encode(data).decode("ascii") + "\n" for data in inputs)
    (HERE / f"{name}.corpus").write_text(text, encoding="ascii", newline="\n")


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]))
