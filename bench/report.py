"""What was measured: a table to read, JSON to compare by, and plots."""

import datetime
import json
import os
import platform
import sqlite3
import ssl
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from protocol.version import VERSION

PLOT_DPI = 120


@dataclass(frozen=True)
class Figure:
    """One number. `low` and `high` are the least and the most of several rounds, where
    there were several and `value` is the one in the middle."""

    whose: str
    """The server, or what else was measured."""
    value: float | None
    """None: there is none, and `note` says why."""
    low: float | None = None
    high: float | None = None
    note: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that so large a share of them, from 0 to 1, do not exceed."""
    return sorted(values)[round(share * (len(values) - 1))]


@dataclass
class Section:
    """The figures of one kind, in one unit, and what is asked of them."""

    title: str
    unit: str
    figures: list[Figure] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    """What is aimed at, and what was reached, in words."""

    def add(
        self,
        whose: str,
        value: float | None,
        rounds: Sequence[float] = (),
        note: str = "",
    ) -> None:
        """Add a figure, with what several rounds gave."""
        low, high = (min(rounds), max(rounds)) if rounds else (None, None)
        self.figures.append(Figure(whose, value, low, high, note))

    def aim(self, text: str, is_reached: bool | None) -> None:
        """Add a target; None: it could not be told."""
        words = {True: "reached", False: "NOT reached", None: "could not be told"}
        self.targets.append(f"{text}: {words[is_reached]}")

    def value_of(self, start: str) -> float | None:
        """Return the value of the first figure whose name starts so."""
        return next((one.value for one in self.figures if one.whose.startswith(start)), None)

    def table(self) -> str:
        """Return the figures in columns, for a screen."""
        width = max((len(one.whose) for one in self.figures), default=0)
        lines = [f"{self.title} ({self.unit})"]
        for one in self.figures:
            value = "–" if one.value is None else _number(one.value)
            spread = ""
            if one.low is not None and one.high is not None:
                spread = f"{_number(one.low)} to {_number(one.high)}"
            lines.append(f"  {one.whose:<{width}}  {value:>9}  {spread:<19} {one.note}".rstrip())
        lines += [f"  target: {target}" for target in self.targets]
        return "\n".join(lines)


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "rostrum": VERSION,
        "commit": _told("git", "rev-parse", "--short", "HEAD"),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "openssl": ssl.OPENSSL_VERSION,
    }


def save(sections: Sequence[Section], folder: Path) -> list[Path]:
    """Write the figures as JSON, and each section as a plot where matplotlib is there.
    What is there of other measurements stays. Returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    measured_on = machine()
    told = {section["title"]: section for section in kept}
    told |= {one.title: asdict(one) | {"measured_on": measured_on} for one in sections}
    text = json.dumps(list(told.values()), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return [path, *_plot(sections, folder)]


def _plot(sections: Iterable[Section], folder: Path) -> list[Path]:
    try:
        import matplotlib
    except ImportError:
        return []
    matplotlib.use("Agg")
    from matplotlib import pyplot

    paths = []
    for section in sections:
        shown = [one for one in section.figures if one.value is not None][::-1]
        if len(shown) < 2:
            continue  # one bar shows nothing that the table does not
        figure, axes = pyplot.subplots(figsize=(8, 0.45 * len(shown) + 1.2), layout="constrained")
        values = [one.value or 0.0 for one in shown]
        colors = ["#4361a8" if one.whose.startswith("Rostrum") else "#b4bac6" for one in shown]
        axes.barh([one.whose for one in shown], values, color=colors, height=0.6)
        for place, (one, value) in enumerate(zip(shown, values, strict=True)):
            end = value
            if one.low is not None and one.high is not None:
                axes.plot([one.low, one.high], [place, place], color="#1f2430", linewidth=1)
                end = max(value, one.high)
            axes.annotate(
                _number(value),
                (end, place),
                xytext=(5, 0),
                textcoords="offset points",
                verticalalignment="center",
            )
        axes.set_title(section.title, loc="left", fontsize=11)
        axes.set_xlabel(section.unit)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.12)
        path = folder / f"{_slug(section.title)}.png"
        figure.savefig(path, dpi=PLOT_DPI)
        pyplot.close(figure)
        paths.append(path)
    return paths


def _number(value: float) -> str:
    """Return three figures that count, without an exponent."""
    if value == 0:
        return "0"
    digits = max(0, 2 - _exponent(value))
    return f"{value:,.{digits}f}"


def _exponent(value: float) -> int:
    return int(f"{value:e}".rpartition("e")[2])


def _slug(title: str) -> str:
    return "-".join("".join(char if char.isalnum() else " " for char in title.lower()).split())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")


def _told(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "?"
    return done.stdout.strip() or "?"
