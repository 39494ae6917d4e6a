"""What the running solution says of the measures that were promised: `.jalon/measured.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

from jalon.app.blueprints import MEASURED as FILE
from jalon.app.clock import now_ms
from jalon.app.design.measuring import MEASURED, Look, lived, look_at
from jalon.app.local import data_folder, write_private
from jalon.app.solution import Solution, load
from jalon.design.prototype.verdicts import SUBJECTS, estimate
from jalon.design.spec.trials import Measured, MeasuredFile
from jalon.vocab.measure import Measure
from jalon.vocab.times import DAY_MS, from_ms

_CONFIDENCE = 95.0


def measure(folder: Path, days: int) -> MeasuredFile:
    """Measure everything that requirements and objectives promise and records can tell, of the
    last `days`, and keep it in the solution's data. Raises UsageError when it never ran."""
    solution = load(folder)
    end = now_ms()
    with look_at(solution, end - days * DAY_MS, end) as look:
        found = MeasuredFile(
            on=from_ms(end).date(), days=days, measured=list(_measured(solution, lived(look)))
        )
    data_folder(folder)
    write_private(folder / FILE, json.dumps(found.model_dump(mode="json"), indent=2).encode())
    return found


def _measured(solution: Solution, look: Look) -> Iterator[Measured]:
    about = solution.blueprint.about
    bounds = [one.measure for one in about.requirements]
    bounds += [one.measure for one in about.objectives]
    seen: set[tuple[str, str]] = set()
    for measure in [one for one in bounds if one is not None]:
        key = measure.subject, measure.statistic or ""
        if measure.subject in MEASURED and key not in seen:
            seen.add(key)
            yield from _one(measure, look)


def _one(measure: Measure, look: Look) -> Iterator[Measured]:
    samples = list(MEASURED[measure.subject](look))
    count, found = estimate(measure, samples, _CONFIDENCE)
    if found is None:
        return
    yield Measured(
        subject=measure.subject,
        statistic=measure.statistic or "",
        samples=count,
        unit=SUBJECTS[measure.subject][1],
        amount=float(f"{found.amount:.6g}"),
        low=None if math.isinf(found.low) else float(f"{found.low:.6g}"),
        high=None if math.isinf(found.high) else float(f"{found.high:.6g}"),
    )
