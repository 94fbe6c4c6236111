"""The passwords that anyone would try first, because so many people chose them."""

from functools import cache
from pathlib import Path

PATH = Path(__file__).with_suffix(".txt")


def is_common(key: str) -> bool:
    """Tell whether this password, case folded, is a common one, or one of those with
    nothing but digits and signs around it that are no longer than itself."""
    common = _common()
    if key in common:
        return True
    core = _core(key)
    return len(core) * 2 >= len(key) and core in common


def _core(key: str) -> str:
    """Return what stands from the first letter to the last."""
    letters = [at for at, char in enumerate(key) if char.isalpha()]
    return key[letters[0] : letters[-1] + 1] if letters else ""


@cache
def _common() -> frozenset[str]:
    # Read when the first password is chosen: most starts of a server see none.
    lines = PATH.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
