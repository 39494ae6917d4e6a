"""Whether what this file of the solution says holds together."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.run.alarms.spec import AlarmsFile
from jalon.run.known import Known
from jalon.vocab.finding import Remark


def check_alarms(written: AlarmsFile, known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in it."""
    del written, known
    yield from ()
