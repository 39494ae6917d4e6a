"""What `jalon check` says of security.yaml, and of threats that nothing is done about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from jalon.catalogues.security_standards import feature_names, provision_ids, standards
from jalon.catalogues.threat_rules import threat_rules
from jalon.design.blueprint import Blueprint
from jalon.design.controls import Strength, strength
from jalon.design.scales import Risk
from jalon.design.spec.security import Control, ControlStatus, SecurityFile
from jalon.design.structure.graph import graph
from jalon.design.threats.coverage import coverage
from jalon.design.threats.elements import elements
from jalon.design.threats.report import all_threats, names_of, threats
from jalon.design.threats.threat import ElementKind, Threat, Treatment
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest, repeated, unknown, unknown_each
from jalon.vocab.text import N_, Text

_PART = "security"
_SHOWN = 6
_NO_THREAT = N_("There is no threat “{id}”: “jalon design threats” lists them.")


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    security = blueprint.security
    if security == SecurityFile():
        yield from _nothing_written(blueprint)
        return
    yield from _ids(security)
    yield from _names(blueprint)
    yield from _references(blueprint)
    for index, control in enumerate(security.controls):
        yield from _control(control, index, blueprint, today)
    for index, acceptance in enumerate(security.accepted):
        if acceptance.until is not None and acceptance.until < today:
            text = Text(
                N_("“{threat}” was accepted until {until}: decide again."),
                {"threat": acceptance.threat, "until": acceptance.until},
            )
            at = Mark(_PART, ("accepted", index, "until"))
            yield Remark("threats.acceptance-ended", Severity.WARNING, at, text)
    yield from _untreated(blueprint, today)
    yield from _provisions(blueprint)


def _nothing_written(blueprint: Blueprint) -> Iterator[Remark]:
    """One word, when the solution is far enough to need it."""
    if not blueprint.about.requirements:
        return
    found = [one for one in threats(blueprint) if one.residual is Risk.HIGH]
    if found:
        text = Text(
            N_("Threats with a high risk: {count}, and there is no security.yaml to treat them."),
            {"count": len(found)},
        )
        hint = Text(N_("“jalon design threats” lists them with what can be done."))
        at = Mark("architecture", ("components",), on_key=True)
        yield Remark("threats.nothing-done", Severity.INFO, at, text, hint)


def _ids(security: SecurityFile) -> Iterator[Remark]:
    lists: dict[str, list[str]] = {
        "controls": [one.id for one in security.controls],
        "accepted": [one.id for one in security.accepted],
        "threats": [one.id for one in security.threats],
        "not_applicable": [one.id for one in security.not_applicable],
        "stakes": [one.id for one in security.stakes],
        "statements": [one.id for one in security.statements],
        "features": [one.id for one in security.features],
    }
    for key, ids in lists.items():
        yield from repeated("threats.duplicate-id", _PART, (key,), ids)
    for index, own in enumerate(security.threats):
        if own.id in threat_rules():
            text = Text(N_("“{id}” is the id of a rule; give this threat its own."), {"id": own.id})
            yield Remark(
                "threats.taken-id", Severity.ERROR, Mark(_PART, ("threats", index, "id")), text
            )


def _names(blueprint: Blueprint) -> Iterator[Remark]:
    """The ways to name a threat: in controls, acceptances and exclusions."""
    security = blueprint.security
    known = all_threats(blueprint).values()
    there = frozenset(name for threat in known for name in names_of(threat))
    named: list[tuple[Path, str]] = [
        (("controls", index, "treats", place), name)
        for index, control in enumerate(security.controls)
        for place, name in enumerate(control.treats)
    ]
    named += [(("accepted", i, "threat"), one.threat) for i, one in enumerate(security.accepted)]
    named += [
        (("not_applicable", i, "threat"), one.threat)
        for i, one in enumerate(security.not_applicable)
    ]
    rules = {*threat_rules(), *(one.id for one in security.threats)}
    parts = elements(blueprint)
    for path, name in named:
        if name in there:
            continue
        rule, _at, element = name.partition("@")
        wrong = (rule and rule not in rules) or ("@" in name and element not in parts)
        at = Mark(_PART, path)
        if wrong:
            text = Text(_NO_THREAT, {"id": name})
            yield Remark(
                "threats.unknown-threat",
                Severity.ERROR,
                at,
                text,
                _meant(rule, element, name, rules, parts),
            )
        else:
            text = Text(
                N_("Nothing in the architecture gives rise to “{id}” any more."), {"id": name}
            )
            yield Remark("threats.no-such-threat", Severity.WARNING, at, text)


def _meant(
    rule: str, element: str, name: str, rules: Iterable[str], parts: Collection[str]
) -> Text:
    """The nearest rule, or the nearest element, whichever is wrong."""
    if rule and rule not in rules:
        return nearest(rule, sorted(rules))
    return nearest(element if "@" in name else name, list(parts))


def _references(blueprint: Blueprint) -> Iterator[Remark]:
    security = blueprint.security
    cases = [case.id for file in blueprint.cases.values() for case in file.cases]
    provisions = sorted(provision_ids())
    for index, control in enumerate(security.controls):
        path: Path = ("controls", index)
        message = N_("There is no test case “{id}” in tests/.")
        yield from unknown_each(
            "threats.unknown-test", _PART, (*path, "tests"), message, control.tests, cases
        )
        message = N_("No standard that is known here has the provision “{id}”.")
        yield from unknown_each(
            "threats.unknown-provision",
            _PART,
            (*path, "provisions"),
            message,
            control.provisions,
            provisions,
        )
    message = N_("No standard “{id}” is known here.")
    rule = "threats.unknown-standard"
    yield from unknown_each(
        rule, _PART, ("standards",), message, security.standards, list(standards())
    )
    message = N_("No standard that is known here has the provision “{id}”.")
    for index, said in enumerate(security.statements):
        at = Mark(_PART, ("statements", index, "provision"))
        yield from unknown("threats.unknown-provision", at, message, said.provision, provisions)
    message = N_("No provision asks for the feature “{id}”.")
    for index, feature in enumerate(security.features):
        at = Mark(_PART, ("features", index, "id"))
        yield from unknown("threats.unknown-feature", at, message, feature.id, feature_names())
    yield from _elements(blueprint)


def _elements(blueprint: Blueprint) -> Iterator[Remark]:
    known = list(elements(blueprint))
    message = N_("There is no component, flow, existing system or zone “{id}”.")
    for index, own in enumerate(blueprint.security.threats):
        path = ("threats", index, "elements")
        yield from unknown_each(
            "threats.unknown-element", _PART, path, message, own.elements, known
        )
    for index, stake in enumerate(blueprint.security.stakes):
        at = Mark(_PART, ("stakes", index, "id"))
        yield from unknown("threats.unknown-element", at, message, stake.id, known)


def _control(control: Control, index: int, blueprint: Blueprint, today: date) -> Iterator[Remark]:
    at = Mark(_PART, ("controls", index, "id"))
    named = {"control": control.id}
    worth = strength(control, blueprint.results)
    if worth is Strength.FAILED:
        text = Text(N_("A test of “{control}” failed: what it treats is as open as before."), named)
        at_tests = Mark(_PART, ("controls", index, "tests"), on_key=True)
        yield Remark("threats.control-failed", Severity.WARNING, at_tests, text)
    if not control.treats and not control.provisions:
        text = Text(N_("“{control}” treats no threat and answers no provision."), named)
        yield Remark("threats.idle-control", Severity.WARNING, at, text)
    if control.status is ControlStatus.DONE and not control.tests:
        text = Text(N_("No test shows that “{control}” works: it counts for one step."), named)
        yield Remark("threats.untested-control", Severity.INFO, at, text)
    if control.status is ControlStatus.PLANNED and control.due and control.due < today:
        text = Text(N_("“{control}” was to be there by {due}."), {**named, "due": control.due})
        at_due = Mark(_PART, ("controls", index, "due"))
        yield Remark("threats.overdue-control", Severity.WARNING, at_due, text)


def _untreated(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """High risks that nobody treats or accepts, at the element they are about."""
    for threat in threats(blueprint):
        left = threat.treatment(today) in (Treatment.OPEN, Treatment.FAILED)
        if threat.residual is not Risk.HIGH or not left:
            continue
        text = Text(
            N_("The risk of “{threat}” is high, and nothing treats or accepts it."),
            {"threat": threat.key},
        )
        hint = Text(
            N_("“jalon design threats show DIR {threat}” says why and what can be done."),
            {"threat": threat.key},
        )
        at = _place(threat, blueprint)
        yield Remark("threats.untreated", Severity.WARNING, at, text, hint)


def _place(threat: Threat, blueprint: Blueprint) -> Mark:
    drawn = graph(blueprint)
    if threat.kind is ElementKind.COMPONENT:
        return Mark("architecture", ("components", drawn.nodes[threat.element].index))
    if threat.kind is ElementKind.FLOW:
        return Mark("architecture", ("flows", drawn.edges[threat.element].index))
    if threat.kind is ElementKind.EXTERNAL:
        return Mark("solution", ("existing_systems", drawn.nodes[threat.element].index))
    own = [one.id for one in blueprint.security.threats]
    if threat.rule in own:
        return Mark(_PART, ("threats", own.index(threat.rule)))
    return Mark(_PART, ("controls",), on_key=True)


def _provisions(blueprint: Blueprint) -> Iterator[Remark]:
    """One word for each standard that the author chose to be held against."""
    chosen: Sequence[str] = blueprint.security.standards
    for one in coverage(blueprint):
        if one.standard.id not in chosen or not one.open_mandatory:
            continue
        ids = [open_.provision.id for open_ in one.open_mandatory]
        text = Text(
            N_("Mandatory provisions of {standard} left open: {count} ({ids})."),
            {
                "standard": one.standard.name,
                "count": len(ids),
                "ids": ", ".join(ids[:_SHOWN]) + (", …" if len(ids) > _SHOWN else ""),
            },
        )
        hint = Text(N_("Name them in a control's provisions, or say why not under statements."))
        at = Mark(_PART, ("standards", chosen.index(one.standard.id)))
        yield Remark("threats.provisions-open", Severity.INFO, at, text, hint)
