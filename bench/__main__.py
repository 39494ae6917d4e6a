"""`python -m bench [part …]`: measure, print a table, keep it as JSON in `bench/out`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import (
    codecs,
    connects,
    design,
    links,
    pages,
    parts,
    rules,
    size,
    startup,
    store,
    throughput,
)
from bench.peers import mosquitto
from bench.report import Figure, machine, mosquitto_version, save, table

OUT = Path(__file__).parent / "out"


def _runs(rounds: int, quick: bool, work: Path) -> dict[str, Callable[[], list[Figure]]]:
    """What each part does, at full size or, `quick`, just large enough to see that it works."""
    devices = 100 if quick else 1_000
    load = throughput.Size(devices, 100 if quick else 400, rounds)
    steady = pages.Steady(devices, 2_000, 10, 2) if quick else pages.Steady()
    return {
        parts.PART: lambda: parts.run(work, devices, 2 if quick else 20, rounds, _tell),
        store.PART: lambda: store.run(work, 2 if quick else 14, 300, _tell),
        startup.PART: lambda: startup.run(work, devices, rounds, _tell),
        size.PART: lambda: size.run(work, devices, 1 if quick else 2, _tell),
        throughput.PART: lambda: throughput.run(work, load, _tell),
        pages.PART: lambda: pages.run(work, steady, rounds, _tell),
        connects.PART: lambda: connects.run(work, 300 if quick else 5_000, rounds, _tell),
        codecs.PART: lambda: codecs.run(2_000 if quick else 50_000, rounds, _tell),
        design.PART: lambda: design.run(work, (50, 20) if quick else (500, 200), rounds, _tell),
        rules.PART: lambda: rules.run(devices, 8 if quick else 60, rounds, _tell),
        links.PART: lambda: links.run(
            work, 2_000 if quick else 50_000, 200 if quick else 2_000, rounds, _tell
        ),
    }


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def main() -> int:
    """Exit code 1 when a goal was missed."""
    names = list(_runs(1, True, Path()))
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(names)}; all")
    parser.add_argument("--rounds", type=int, default=3, help="each part is done so often")
    parser.add_argument("--quick", action="store_true", help="small, to see that it works")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(names):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="jalon-bench-") as work:
        runs = _runs(chosen.rounds, chosen.quick, Path(work))
        for name in chosen.parts or names:
            figures += runs[name]()
    peer = mosquitto()
    lines = [
        machine() + (f", {mosquitto_version(peer)}" if peer else ", no Mosquitto"),
        f"load average of the machine at the end: {os.getloadavg()[0]:.1f} (1 min)",
        "",
        table(figures),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    _tell(f"kept in {save(figures, OUT)}")
    missed = [one.name for one in figures if one.verdict == "MISSED"]
    return 1 if missed and not chosen.quick else 0


if __name__ == "__main__":
    sys.exit(main())
