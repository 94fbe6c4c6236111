"""Run the measurements that are named, or all: `python dev.py bench [name …]`."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from bench import (
    client,
    confirming,
    depth,
    fairness,
    fanout,
    files,
    idle,
    post_path,
    posts,
    searching,
    storm,
)
from bench.report import Section, machine, save
from bench.run import Run, prepare

RESULTS = Path(__file__).parent / "results"

MEASUREMENTS: dict[str, Callable[[Run], list[Section]]] = {
    "burst": fanout.measure_bursts,
    "pace": fanout.measure_pace,
    "fairness": fairness.measure,
    "posts": posts.measure,
    "post-path": post_path.measure,
    "storm": storm.measure,
    "depth": depth.measure,
    "search": searching.measure,
    "files": files.measure,
    "confirming": confirming.measure,
    "client": client.measure,
    "idle": idle.measure,
}


def main() -> None:
    """Measure, print a table of what was found, and write it down."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure speed and memory.")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(MEASUREMENTS))
    parser.add_argument("--quick", action="store_true", help="smaller rooms; under two minutes")
    parser.add_argument("--out", type=Path, help="where the results go (bench/results)")
    options = parser.parse_args()
    names = options.names or list(MEASUREMENTS)
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    print("; ".join(f"{key}: {value}" for key, value in machine().items()), flush=True)
    sections: list[Section] = []
    with prepare(options.quick) as run:
        for name in names:
            began_s = time.monotonic()
            for section in MEASUREMENTS[name](run):
                sections.append(section)
                print(f"\n{section.table()}", flush=True)
            print(f"  ({name}: {time.monotonic() - began_s:.0f} s)", flush=True)
    out = options.out or RESULTS / ("quick" if options.quick else "full")
    for path in save(sections, out):
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
