"""What privacy.yaml names and does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from jalon.design.blueprint import Blueprint
from jalon.design.duties.data import data_view
from jalon.design.duties.marking import cases, components, controls, lost
from jalon.design.spec.privacy import DataCategory, Processing
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest, repeated, unknown
from jalon.vocab.text import N_, Text

PART = "privacy"


def check_references(blueprint: Blueprint) -> Iterator[Remark]:
    """Errors only."""
    privacy = blueprint.privacy
    for name in ("people", "data", "processings", "processors"):
        ids = [one.id for one in getattr(privacy, name)]
        yield from repeated("privacy.repeated", PART, (name,), ids)
    for index, category in enumerate(privacy.data):
        yield from _category(blueprint, index, category)
    for index, processing in enumerate(privacy.processings):
        yield from _processing(blueprint, index, processing)
    for index, processor in enumerate(privacy.processors):
        path: Path = ("processors", index, "components")
        message = N_("There is no component “{id}”.")
        known = components(blueprint)
        yield from lost(
            "privacy.unknown-component", PART, path, message, processor.components, known
        )
    if privacy.breach and privacy.breach.test:
        at = Mark(PART, ("breach", "test"))
        yield from _case(blueprint, at, privacy.breach.test)
    if privacy.dpia:
        for index, risk in enumerate(privacy.dpia.risks):
            path = ("dpia", "risks", index, "measures")
            yield from lost(
                "privacy.unknown-control",
                PART,
                path,
                N_("There is no control “{id}” in security.yaml."),
                risk.measures,
                controls(blueprint),
            )


def _category(blueprint: Blueprint, index: int, one: DataCategory) -> Iterator[Remark]:
    for place, name in enumerate(one.properties):
        at = Mark(PART, ("data", index, "properties", place))
        thing, _, prop = name.partition(".")
        facts = blueprint.things.get(thing)
        if facts is None:
            message = N_("There is no device type “{id}” in things/.")
            yield from unknown("privacy.unknown-thing", at, message, thing, blueprint.things)
        elif prop != "*" and prop not in facts.properties:
            text = Text(N_("“{thing}” has no property “{id}”."), {"thing": thing, "id": prop})
            hint = nearest(prop, facts.properties)
            yield Remark("privacy.unknown-property", Severity.ERROR, at, text, hint)
    yield from lost(
        "privacy.unknown-people",
        PART,
        ("data", index, "people"),
        N_("There is no group of people “{id}”."),
        one.people,
        [group.id for group in blueprint.privacy.people],
    )
    yield from lost(
        "privacy.unknown-component",
        PART,
        ("data", index, "components"),
        N_("There is no component “{id}”."),
        one.components,
        data_view(blueprint).components,
    )


def _processing(blueprint: Blueprint, index: int, one: Processing) -> Iterator[Remark]:
    view = data_view(blueprint)
    path = ("processings", index)
    yield from lost(
        "privacy.unknown-data",
        PART,
        (*path, "data"),
        N_("There is no data “{id}”."),
        one.data,
        view.categories,
    )
    yield from lost(
        "privacy.unknown-recipient",
        PART,
        (*path, "recipients"),
        N_("No persona, stakeholder, component, existing system or processor is named “{id}”."),
        one.recipients,
        view.parties,
    )
    yield from lost(
        "privacy.unknown-control",
        PART,
        (*path, "security"),
        N_("There is no control “{id}” in security.yaml."),
        one.security,
        controls(blueprint),
    )
    for place, right in enumerate(one.rights):
        if right.test is not None:
            at = Mark(PART, (*path, "rights", place, "test"))
            yield from _case(blueprint, at, right.test)


def _case(blueprint: Blueprint, at: Mark, case: str) -> Iterator[Remark]:
    message = N_("There is no test case “{id}” in tests/.")
    yield from unknown("privacy.unknown-test", at, message, case, cases(blueprint))
