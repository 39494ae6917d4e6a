"""What is wrong or weak in accessibility.yaml, against personas, requirements and the law."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jalon.catalogues.accessibility_duties import accessibility_duties
from jalon.design.blueprint import Blueprint
from jalon.design.duties.access import access_report
from jalon.design.duties.marking import cases, components, few, lost, requirements, warn
from jalon.design.spec.accessibility import AccessibilityFile, Conformity, Exemption, FunctionalNeed
from jalon.design.spec.solution import RequirementKind
from jalon.vocab.finding import Mark, Path, Remark
from jalon.vocab.references import repeated, unknown
from jalon.vocab.text import N_

PART = "accessibility"
_ORDER = (Conformity.NONE, Conformity.PARTIAL, Conformity.TOTAL)


def check_access(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Nothing about the file while it is empty; personas are looked at once requirements are
    written."""
    written = blueprint.accessibility
    yield from _references(blueprint)
    report = access_report(blueprint)
    if blueprint.about.requirements:
        places = {one.id: index for index, one in enumerate(blueprint.about.personas)}
        for persona in report.without:
            text = N_("{name} has a need that no requirement of accessibility answers.")
            at: Path = ("personas", places[persona.id], "accessibility")
            yield warn("accessibility.unmet", "solution", at, text, name=persona.name)
    asked = [
        one for one in blueprint.about.requirements if one.kind is RequirementKind.ACCESSIBILITY
    ]
    if report.owed and blueprint.about.requirements and not asked:
        text = N_("The client owes RGAA by law, and no requirement asks for it.")
        yield warn("accessibility.owed", "solution", ("requirements",), text)
    if written == AccessibilityFile():
        return
    yield from _file(blueprint, today)


def _references(blueprint: Blueprint) -> Iterator[Remark]:
    written = blueprint.accessibility
    for name in ("needs", "derogations"):
        ids = [one.id for one in getattr(written, name)]
        yield from repeated("accessibility.repeated", PART, (name,), ids)
    if written.aim:
        yield from lost(
            "accessibility.unknown-component",
            PART,
            ("aim", "components"),
            N_("There is no component “{id}”."),
            written.aim.components,
            components(blueprint),
        )
    for index, need in enumerate(written.needs):
        yield from _need(blueprint, index, need)


def _need(blueprint: Blueprint, index: int, need: FunctionalNeed) -> Iterator[Remark]:
    path: Path = ("needs", index)
    personas = [one.id for one in blueprint.about.personas]
    message = N_("There is no persona “{id}”.")
    at = Mark(PART, (*path, "persona"))
    yield from unknown("accessibility.unknown-persona", at, message, need.persona, personas)
    profiles = [one.id for one in accessibility_duties().profiles]
    message = N_("There is no profile “{id}”.")
    at = Mark(PART, (*path, "profile"))
    yield from unknown("accessibility.unknown-profile", at, message, need.profile, profiles)
    yield from lost(
        "accessibility.unknown-requirement",
        PART,
        (*path, "requirements"),
        N_("There is no requirement “{id}”."),
        need.requirements,
        requirements(blueprint),
    )
    yield from lost(
        "accessibility.unknown-test",
        PART,
        (*path, "tests"),
        N_("There is no test case “{id}” in tests/."),
        need.tests,
        cases(blueprint),
    )


def _derogations(written: AccessibilityFile, today: date) -> Iterator[Remark]:
    for index, one in enumerate(written.derogations):
        path: Path = ("derogations", index)
        if one.reason is None:
            text = N_("Derogation “{id}” has no reason.")
            yield warn("accessibility.derogation", PART, (*path, "id"), text, id=one.id)
        elif one.why is Exemption.DISPROPORTIONATE and one.alternative is None:
            text = N_("Derogation “{id}”: say what people get instead.")
            yield warn("accessibility.derogation", PART, (*path, "why"), text, id=one.id)
        if one.until is not None and one.until < today:
            text = N_("Derogation “{id}” was to be looked at again on {date}.")
            at = (*path, "until")
            yield warn("accessibility.derogation", PART, at, text, id=one.id, date=one.until)


def _file(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    written = blueprint.accessibility
    yield from _derogations(written, today)
    report = access_report(blueprint)
    if written.aim is None:
        return
    if report.rate is not None and report.declarable is not None:
        aimed, may = written.aim.conformity, report.declarable
        if _ORDER.index(may) < _ORDER.index(aimed):
            text = N_("The rate of {rate} % allows to declare “{may}”, not “{aim}”.")
            yield warn(
                "accessibility.rate",
                PART,
                ("aim",),
                text,
                rate=f"{report.rate:g}",
                may=may.value,
                aim=aimed.value,
            )
    elif written.aim.by is not None and written.aim.by < today:
        text = N_("The audit was to be done by {date}, and no rate is written.")
        yield warn("accessibility.late", PART, ("aim", "by"), text, date=written.aim.by)
    unnamed = [one.persona.id for one in report.needs if one.suggested]
    if unnamed and written.needs:
        text = N_("Personas whose needs are not written here: {ids}.")
        yield warn(
            "accessibility.needs", PART, ("needs",), text, ids=few(list(dict.fromkeys(unnamed)))
        )
