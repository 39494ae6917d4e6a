"""Whether what this file of the solution says holds together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jalon.run.known import Known
from jalon.run.updates.spec import Plan, UpdatesFile
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.text import N_, Text


def check_updates(written: UpdatesFile, known: Known) -> Iterator[Remark]:
    """Everything wrong or strange in it."""
    yield from _twice([key.id for key in written.keys], "keys")
    yield from _twice([plan.id for plan in written.plans], "plans")
    for number, plan in enumerate(written.plans):
        at: Path = ("plans", number)
        if plan.calendar is not None and plan.calendar not in known.calendars.ids:
            text = N_("There is no calendar {id} in calendars.yaml.")
            yield _remark("unknown-calendar", (*at, "calendar"), Text(text, {"id": plan.calendar}))
        for place, one in enumerate(plan.notify):
            if one not in known.recipients:
                text = N_("There is nobody and no group {id} in notifications.yaml.")
                path = (*at, "notify", place)
                yield _remark("unknown-recipient", path, Text(text, {"id": one}))
        yield from _falling(plan, at)


def _twice(ids: Sequence[str], part: str) -> Iterator[Remark]:
    for number, one in enumerate(ids):
        if one in ids[:number]:
            text = Text(N_("{id} is there already."), {"id": one})
            yield _remark("duplicate", (part, number, "id"), text)


def _falling(plan: Plan, at: Path) -> Iterator[Remark]:
    """A share counts from the beginning: one that is not larger than the last adds nobody."""
    before = 0.0
    for number, stage in enumerate(plan.stages):
        if stage.percent is not None:
            if stage.percent <= before:
                text = N_("Shares count from the beginning: this stage adds no device.")
                where = (*at, "stages", number, "percent")
                yield _remark("empty-stage", where, Text(text), Severity.WARNING)
            before = stage.percent


def _remark(rule: str, path: Path, text: Text, severity: Severity = Severity.ERROR) -> Remark:
    return Remark(f"updates.{rule}", severity, Mark("updates", path), text)
