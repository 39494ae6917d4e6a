"""Needs as they stand in a folder; reviews and results written into it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jalon.adapters.folder import edit, yaml_write
from jalon.app.fleet_files import editing
from jalon.app.solution import Solution, check, load
from jalon.app.test_results import BY_HAND
from jalon.design.blueprint import Blueprint
from jalon.design.needs.coverage import Coverage, coverage
from jalon.design.needs.items import Item, items
from jalon.design.needs.known import known_values
from jalon.design.needs.reviewed import ReviewState, review_now, reviews
from jalon.design.spec.reviews import Review
from jalon.design.spec.tests import Case, Verdict
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Finding
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

REVIEWS = "reviews.yaml"
_RULES = ("needs.", "tests.")
_HEAD = """\
# yaml-language-server: $schema=.jalon/schemas/reviews.schema.json
#
# What was read and agreed, as it was then. This file is written by `jalon design review`; comments
# other than these are not kept. Older reviews are in the history of git.

"""


@dataclass(frozen=True, slots=True)
class NeedsState:
    """The needs of a solution, what is strange about them, and how far they are covered."""

    solution: Solution
    findings: Sequence[Finding]
    coverage: Coverage


def needs_of(folder: Path) -> NeedsState:
    """Raises SolutionError when the folder has errors, UsageError when there is none."""
    solution = load(folder)
    findings = [one for one in check(folder) if one.rule.startswith(_RULES)]
    blueprint = solution.blueprint
    return NeedsState(solution, findings, coverage(blueprint, known_values(blueprint)))


def review(
    folder: Path, wanted: Sequence[str], by: str, on: date, *, everything: bool = False
) -> list[str]:
    """Note that `by` has read these items as they are now; with `everything`, all needs that are
    not reviewed as they stand. The keys of what was noted.

    Raises UsageError for an item that is not there, SolutionError when the folder has errors.
    """
    with editing(folder) as draft:
        blueprint = load(folder).blueprint
        keys = _due(blueprint) if everything else [_key(blueprint, word) for word in wanted]
        if keys:
            written = review_now(blueprint, keys, by, on)
            draft.put(REVIEWS, _HEAD.encode() + reviews_text(written).encode())
            draft.commit()
        return keys


def reviews_text(written: Iterable[Review]) -> str:
    """The list as YAML."""
    entries = [
        {
            "item": one.item,
            "by": one.by,
            "on": one.on.isoformat(),
            "fingerprint": one.fingerprint,
            "links": one.links,
        }
        for one in written
    ]
    lines = [f"  - {yaml_write.item(entry, '  ', chr(10))}\n" for entry in entries]
    return "reviews:\n" + "".join(lines) if lines else "reviews: []\n"


def _due(blueprint: Blueprint) -> list[str]:
    """Needs that nobody read as they are, and everything else whose review no longer holds."""
    known, states = items(blueprint), reviews(blueprint)
    return [
        key
        for key, standing in states.items()
        if standing.state in (ReviewState.CHANGED, ReviewState.SUSPECT)
        or (standing.state is ReviewState.NEVER and known[key].at.part == "solution")
    ]


def _key(blueprint: Blueprint, word: str) -> str:
    """The item meant by `requirement.R-1`, or by `R-1` where no other kind has that id."""
    known = items(blueprint)
    if word in known:
        return word
    found = [item.key for item in known.values() if item.id == word]
    if len(found) == 1:
        return found[0]
    if found:
        message = N_("“{id}” may be one of: {keys}.")
        raise UsageError(Text(message, {"id": word, "keys": ", ".join(found)}))
    hint = nearest(word, [*known, *(one.id for one in known.values())])
    message = N_("There is nothing to review with the id “{id}”. {hint}")
    raise UsageError(Text(message, {"id": word, "hint": hint}))


def reviewable(blueprint: Blueprint) -> list[tuple[Item, ReviewState]]:
    """Every item and the state of its review."""
    states = reviews(blueprint)
    return [(item, states[key].state) for key, item in items(blueprint).items()]


def record(
    folder: Path, case_id: str, verdict: Verdict, *, by: str, on: date, note: str = ""
) -> None:
    """Add a run of a case by hand. Raises UsageError for an unknown case."""
    with editing(folder) as draft:
        known = {case.id for _file, case in every_case(load(folder).blueprint)}
        if case_id not in known:
            message = N_("There is no test case “{id}”. {hint}")
            raise UsageError(Text(message, {"id": case_id, "hint": nearest(case_id, known)}))
        entry = {
            "case": case_id,
            "verdict": verdict.value,
            "on": on.isoformat(),
            "by": by,
            "note": note,
        }
        draft.put(BY_HAND, edit.entry_added(draft.read(BY_HAND), ("results",), entry))
        draft.commit()


def every_case(blueprint: Blueprint) -> list[tuple[str, Case]]:
    """The file, without ending, and the case."""
    return [(file, case) for file, written in blueprint.cases.items() for case in written.cases]
