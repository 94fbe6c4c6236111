"""Run the measurements that are named, or all: `python dev.py bench [name …]`."""

import argparse

from bench import post_path

MEASUREMENTS = {"post-path": post_path.main}


def main() -> None:
    """Print what each measurement finds."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure speed and memory.")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(MEASUREMENTS))
    names = parser.parse_args().names or list(MEASUREMENTS)
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    for name in names:
        print(f"-- {name}", flush=True)
        MEASUREMENTS[name]()


if __name__ == "__main__":
    main()
