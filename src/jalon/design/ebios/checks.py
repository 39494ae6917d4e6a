"""What `jalon check` says of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.design.blueprint import Blueprint
from jalon.design.ebios.coherence import check_coherence
from jalon.design.ebios.references import check_references
from jalon.design.ebios.study import is_begun, study
from jalon.design.ebios.treated import check_treated
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.text import N_, Text


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    if not is_begun(blueprint):
        yield from _missing(blueprint)
        return
    found = study(blueprint)
    lost = list(check_references(blueprint, found))
    yield from lost
    if any(remark.severity is Severity.ERROR for remark in lost):
        return
    yield from check_coherence(blueprint, found)
    yield from check_treated(blueprint, found, today)


def _missing(blueprint: Blueprint) -> Iterator[Remark]:
    """Where people or things can come to harm, a study is worth its time."""
    if not blueprint.about.requirements:
        return
    personal = any(one.personal_data for one in blueprint.architecture.flows)
    acting = any(thing.actions for thing in blueprint.things.values())
    if personal or acting:
        text = Text(
            N_("There is no risk study yet, though personal data or actuators are at stake.")
        )
        hint = Text(N_("“jalon design ebios” shows what follows from the files already."))
        at = Mark("solution", ("requirements",), on_key=True)
        yield Remark("ebios.absent", Severity.INFO, at, text, hint)
