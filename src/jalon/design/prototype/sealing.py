"""Raw samples as text, results as text, and the hashes that hold them together."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable

from jalon.design.prototype.verdicts import Sample
from jalon.design.spec.trials import TrialFile

HEADER = ("hypothesis", "device", "value", "of")


def raw_text(samples: Iterable[Sample]) -> str:
    """The samples as CSV, with LF ends and numbers that read back the same."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(HEADER)
    for one in samples:
        of = "" if one.of is None else f"{one.of:.9g}"
        table.writerow([one.hypothesis, one.device, f"{one.value:.9g}", of])
    return out.getvalue()


def samples_of(text: str) -> list[Sample]:
    """What `raw_text` wrote. Raises ValueError for anything else."""
    rows = csv.reader(io.StringIO(text))
    if tuple(next(rows, ())) != HEADER:
        raise ValueError(HEADER)
    found = []
    for hypothesis, device, value, of in rows:
        found.append(Sample(hypothesis, device, float(value), float(of) if of else None))
    return found


def digest(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def seal_of(trial: TrialFile) -> str:
    """What its `seal` has to be."""
    content = trial.model_dump(mode="json", exclude={"seal"})
    return digest(json.dumps(content, sort_keys=True, ensure_ascii=False))


def sealed(trial: TrialFile) -> TrialFile:
    """The same with its seal."""
    return trial.model_copy(update={"seal": seal_of(trial)})


def result_text(trial: TrialFile) -> str:
    """As it is written."""
    return json.dumps(trial.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
