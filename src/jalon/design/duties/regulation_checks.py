"""What is wrong or weak in regulation.yaml, against what was computed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.catalogues.ethics import ethics
from jalon.catalogues.regulations import regulations
from jalon.design.blueprint import Blueprint
from jalon.design.duties.facts import facts
from jalon.design.duties.marking import (
    cases,
    components,
    controls,
    few,
    info,
    lost,
    requirements,
    warn,
)
from jalon.design.duties.obligations import (
    Applies,
    ObligationReport,
    Standing,
    obligations,
    unanswered,
)
from jalon.design.spec.regulation import Answer, Duty, DutyStatus, RegulationFile, Stand
from jalon.vocab.finding import Mark, Path, Remark
from jalon.vocab.references import repeated, unknown
from jalon.vocab.text import N_

PART = "regulation"


def check_regulation(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Nothing while regulation.yaml is empty."""
    written = blueprint.regulation
    if written == RegulationFile():
        return
    yield from _references(blueprint)
    yield from _answers(blueprint, today)
    places = {one.id: index for index, one in enumerate(written.duties)}
    reports = obligations(blueprint, today)
    for one in reports:
        if one.duty is not None:
            yield from _duty(one, one.duty, places[one.id], today)
    open_ = [one.id for one in reports if one.standing is Standing.OPEN and one.in_force]
    if open_ and written.duties:
        text = N_("Obligations that apply today and of which nothing is written: {ids}.")
        yield warn("duties.open", PART, ("duties",), text, ids=few(open_, 12))
    yield from _charter(blueprint)


def _references(blueprint: Blueprint) -> Iterator[Remark]:
    written = blueprint.regulation
    for name in ("answers", "duties", "own", "charter", "ethics"):
        ids = [one.id for one in getattr(written, name)]
        yield from repeated("duties.repeated", PART, (name,), ids)
    known = regulations()
    all_ids = [one.id for law in known.regulations for one in law.obligations]
    all_ids += [one.id for one in written.own]
    for index, duty in enumerate(written.duties):
        at = Mark(PART, ("duties", index, "id"))
        message = N_("There is no obligation “{id}”.")
        yield from unknown("duties.unknown-obligation", at, message, duty.id, all_ids)
        yield from _proofs(blueprint, index, duty)
    for index, answer in enumerate(written.answers):
        at = Mark(PART, ("answers", index, "id"))
        message = N_("There is no fact “{id}”.")
        names = [one.id for one in known.facts]
        yield from unknown("duties.unknown-fact", at, message, answer.id, names)
    for index, function in enumerate(written.product.functions if written.product else ()):
        at = Mark(PART, ("product", "functions", index, "id"))
        message = N_("No function “{id}” weighs for the class of a product.")
        names = [one.id for one in known.cra_functions]
        yield from unknown("duties.unknown-function", at, message, function.id, names)


def _proofs(blueprint: Blueprint, index: int, duty: Duty) -> Iterator[Remark]:
    path: Path = ("duties", index)
    for key, message, words, known in (
        ("controls", N_("There is no control “{id}” in security.yaml."), duty.controls, controls),
        ("requirements", N_("There is no requirement “{id}”."), duty.requirements, requirements),
        ("tests", N_("There is no test case “{id}” in tests/."), duty.tests, cases),
        ("components", N_("There is no component “{id}”."), duty.components, components),
    ):
        yield from lost(
            "duties.unknown-proof", PART, (*path, key), message, words, known(blueprint)
        )


def _answers(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    known = facts(blueprint)
    for index, said in enumerate(blueprint.regulation.answers):
        if said.answer is Answer.NO and said.reason is None:
            text = N_("A “no” without a reason is worth nothing: say why.")
            yield warn("duties.no-reason", PART, ("answers", index, "answer"), text)
        fact = known.get(said.id)
        if fact is not None and fact.contradicted:
            text = N_("The answer is no, but the files show it: {fact}.")
            at = ("answers", index, "answer")
            yield warn("duties.contradiction", PART, at, text, fact=fact.shown)
    if missing := unanswered(blueprint, today):
        text = N_("Facts to answer before all can be decided: {ids}.")
        path: Path = ("answers",) if blueprint.regulation.answers else ()
        yield info("duties.unanswered", PART, path, text, ids=few([one.id for one in missing], 12))


def _duty(one: ObligationReport, duty: Duty, index: int, today: date) -> Iterator[Remark]:
    path: Path = ("duties", index)
    at = (*path, "status")
    if duty.status is DutyStatus.NOT_APPLICABLE and duty.reason is None:
        text = N_("Say why “{id}” does not apply.")
        yield warn("duties.no-reason", PART, at, text, id=one.id)
    if duty.status is DutyStatus.MET:
        if not any((duty.controls, duty.requirements, duty.tests, duty.components, duty.documents)):
            text = N_("“{id}” is said to be met, and nothing shows it.")
            yield warn("duties.no-proof", PART, at, text, id=one.id)
        if one.failed:
            text = N_("“{id}” is said to be met, but its tests failed: {tests}.")
            yield warn("duties.failed", PART, at, text, id=one.id, tests=few(list(one.failed)))
    if duty.status is DutyStatus.PLANNED and (duty.owner is None or duty.due is None):
        text = N_("“{id}” is planned: say by whom and until when.")
        yield warn("duties.unplanned", PART, at, text, id=one.id)
    if one.overdue(today):
        if duty.due is not None:
            text = N_("“{id}” was due on {date} and is not met.")
            yield warn("duties.overdue", PART, (*path, "due"), text, id=one.id, date=duty.due)
        else:
            text = N_("“{id}” applies today and is not met.")
            yield warn("duties.overdue", PART, at, text, id=one.id)
    if one.applies is Applies.NO and duty.status is not DutyStatus.NOT_APPLICABLE:
        text = N_("“{id}” does not apply, by the facts: {facts}.")
        names = few([fact.id for fact in one.deciding])
        yield info("duties.needless", PART, (*path, "id"), text, id=one.id, facts=names)


def _charter(blueprint: Blueprint) -> Iterator[Remark]:
    written = blueprint.regulation
    promises = [one.id for one in written.charter]
    questions = [one.id for one in ethics().questions]
    for index, answer in enumerate(written.ethics):
        path: Path = ("ethics", index)
        message = N_("There is no question “{id}”.")
        at = Mark(PART, (*path, "id"))
        yield from unknown("ethics.unknown-question", at, message, answer.id, questions)
        yield from lost(
            "ethics.unknown-commitment",
            PART,
            (*path, "commitments"),
            N_("The charter has no promise “{id}”."),
            answer.commitments,
            promises,
        )
        yield from lost(
            "ethics.unknown-requirement",
            PART,
            (*path, "requirements"),
            N_("There is no requirement “{id}”."),
            answer.requirements,
            requirements(blueprint),
        )
        if answer.stand is Stand.CONFLICT:
            text = N_("The solution conflicts with the client's charter on “{id}”.")
            yield warn("ethics.conflict", PART, (*path, "stand"), text, id=answer.id)
    if written.ethics:
        taken = {one for answer in written.ethics for one in answer.commitments}
        if left := [one for one in promises if one not in taken]:
            text = N_("Promises of the charter that no answer takes up: {ids}.")
            yield info("ethics.silent", PART, ("charter",), text, ids=few(left))
        if blank := [one for one in questions if one not in {two.id for two in written.ethics}]:
            text = N_("Questions of ethics without an answer: {ids}.")
            yield info("ethics.unanswered", PART, ("ethics",), text, ids=few(blank))
