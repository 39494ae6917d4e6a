"""Threats: the list with filters, one with its chain of proof, controls, standards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from jalon.catalogues.threat_rules import capec_names, cwe_names, threat_catalogue
from jalon.design.controls import CaseResult, Strength
from jalon.design.scales import (
    GRAVITY_WORDS,
    LIKELIHOOD_WORDS,
    RISK_WORDS,
    Gravity,
    Likelihood,
    Risk,
    risk,
)
from jalon.design.spec.security import SecurityFile
from jalon.design.threats.chain import matrix, proofs, story, suggestions, treated_by
from jalon.design.threats.chapter import standards_blocks
from jalon.design.threats.checks import check
from jalon.design.threats.coverage import coverage
from jalon.design.threats.report import all_threats, excluded, threats
from jalon.design.threats.threat import (
    LINDDUN_WORDS,
    STRIDE_WORDS,
    ElementKind,
    Linddun,
    Stride,
    Threat,
    Treatment,
)
from jalon.design.threats.words import KIND_WORDS, STRENGTH_WORDS, TREATMENT_WORDS, VERDICT_WORDS
from jalon.vocab.entries import Wording
from jalon.vocab.text import N_, Text
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.problems import Refused
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/design/threats", N_("Threats"), DESIGN, 60)
VIEWS = {
    "": N_("Threats"),
    "controls": N_("Controls and tests"),
    "standards": N_("Standards"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words that both pages show, by what they are for."""

    gravity: Mapping[Gravity, str] = field(default_factory=lambda: GRAVITY_WORDS)
    likelihood: Mapping[Likelihood, str] = field(default_factory=lambda: LIKELIHOOD_WORDS)
    risk: Mapping[Risk, str] = field(default_factory=lambda: RISK_WORDS)
    stride: Mapping[Stride, str] = field(default_factory=lambda: STRIDE_WORDS)
    linddun: Mapping[Linddun, str] = field(default_factory=lambda: LINDDUN_WORDS)
    kind: Mapping[ElementKind, str] = field(default_factory=lambda: KIND_WORDS)
    treatment: Mapping[Treatment, str] = field(default_factory=lambda: TREATMENT_WORDS)
    strength: Mapping[Strength, str] = field(default_factory=lambda: STRENGTH_WORDS)

    def verdict(self, result: CaseResult | None) -> str:
        """How the last run of a case ended."""
        return VERDICT_WORDS[result.verdict if result else None]


WORDS = Words()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the filters ask for; "" for all."""

    risk: str = ""
    stride: str = ""
    element: str = ""
    treatment: str = ""

    def holds(self, one: Threat, today: date) -> bool:
        """Whether the threat is among them."""
        return (
            (not self.risk or one.residual.name.lower() == self.risk)
            and (not self.stride or self.stride in {letter.value for letter in one.stride})
            and (not self.element or one.element == self.element)
            and (not self.treatment or one.treatment(today).value == self.treatment)
        )


@router.get("/design/threats")
def show(
    page: PageDep,
    view: Annotated[str, Query(max_length=20)] = "",
    risk_: Annotated[str, Query(alias="risk", max_length=20)] = "",
    stride: Annotated[str, Query(max_length=1)] = "",
    element: Annotated[str, Query(max_length=64)] = "",
    treatment: Annotated[str, Query(max_length=20)] = "",
) -> HTMLResponse:
    """The list, the controls with their tests, or the standards."""
    if view not in VIEWS:
        raise Refused(404, Text(N_("There is no view “{view}”."), {"view": view}))
    blueprint = page.context.running.solution.blueprint
    today = datetime.now(UTC).date()
    found = threats(blueprint)
    chosen = Chosen(risk_, stride, element, treatment)
    return page.render(
        "threats/page.html",
        view=view,
        views=VIEWS,
        today=today,
        found=found,
        shown=[one for one in found if chosen.holds(one, today)],
        chosen=chosen,
        elements=sorted({one.element for one in found}),
        strides=list(Stride),
        treatments=list(Treatment),
        risks=[Risk.HIGH, Risk.MEDIUM, Risk.LOW],
        before=Counter(one.initial for one in found),
        after=Counter(one.residual for one in found),
        matrices=_matrices(found),
        remarks=list(check(blueprint, today)),
        proofs=proofs(blueprint),
        treats=treated_by(found),
        blocks=list(standards_blocks(coverage(blueprint), page.language)) if view else [],
        written=_written(blueprint.security),
        rules=threat_catalogue(),
        words=WORDS,
    )


@router.get("/design/threats/{key}")
def one(page: PageDep, key: str) -> HTMLResponse:
    """Why it is so grave and so likely, what treats it, what tests said, what could be done."""
    blueprint = page.context.running.solution.blueprint
    found = all_threats(blueprint).get(key)
    if found is None:
        raise Refused(404, Text(N_("There is no threat “{key}”."), {"key": key[:160]}))
    return page.render(
        "threats/one.html",
        one=found,
        today=datetime.now(UTC).date(),
        story=story(blueprint, found),
        proofs=proofs(blueprint, found.controls),
        ideas=suggestions(found),
        left_out=key in excluded(blueprint),
        cwe={number: cwe_names()[number] for number in found.cwe},
        capec={number: capec_names()[number] for number in found.capec},
        words=WORDS,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """An entry of security.yaml that is no control: what it is about, and why."""

    id: str
    about: str
    why: Wording


def _written(security: SecurityFile) -> list[tuple[str, str, list[Written]]]:
    """The lists of security.yaml beside the controls: path, title, entries."""
    accepted = [Written(one.id, one.threat, one.reason) for one in security.accepted]
    own = [Written(one.id, ", ".join(one.elements), one.reason) for one in security.threats]
    never = [Written(one.id, one.threat, one.reason) for one in security.not_applicable]
    stakes = [Written(one.id, "", one.reason) for one in security.stakes]
    there = [Written(one.id, "", one.reason) for one in security.features]
    said = [Written(one.id, one.provision, one.justification) for one in security.statements]
    return [
        ("accepted", N_("Accepted threats"), accepted),
        ("threats", N_("Threats written by hand"), own),
        ("not_applicable", N_("Threats that cannot happen here"), never),
        ("stakes", N_("What elements are worth"), stakes),
        ("features", N_("What is there or not"), there),
        ("statements", N_("Statements on provisions"), said),
    ]


def _matrices(
    found: tuple[Threat, ...],
) -> list[tuple[str, list[tuple[Likelihood, list[tuple[int, Risk]]]]]]:
    """Before and after: a row for each likelihood, a count and its level for each gravity."""
    titles = (
        (N_("Before anything is done"), False),
        (N_("After what is done"), True),
    )
    tables = []
    for title, residual in titles:
        counts = matrix(found, residual=residual)
        rows = [
            (row, [(counts.get((row, column), 0), risk(column, row)) for column in Gravity])
            for row in reversed(Likelihood)
        ]
        tables.append((title, rows))
    return tables
