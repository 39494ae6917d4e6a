"""The words of needs, for pages, terminal and documents alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType

from jalon.design.document import Speak
from jalon.design.needs.coverage import CaseState, Cover, Gate, Hole
from jalon.design.needs.items import CASE, DECISION, OBJECTIVE, REQUIREMENT, USE_CASE
from jalon.design.needs.reviewed import ReviewState
from jalon.design.needs.reviewed import Standing as ReviewStanding
from jalon.design.spec.solution import Access, Influence, Priority, RequirementKind
from jalon.design.spec.tests import Verdict
from jalon.design.values import Origin, Outcome, Standing
from jalon.vocab.measure import Measure
from jalon.vocab.text import N_, Text

KINDS: Mapping[RequirementKind, str] = MappingProxyType(
    {
        RequirementKind.FUNCTIONAL: N_("functional"),
        RequirementKind.PERFORMANCE: N_("performance"),
        RequirementKind.SECURITY: N_("security"),
        RequirementKind.PRIVACY: N_("privacy"),
        RequirementKind.ACCESSIBILITY: N_("accessibility"),
        RequirementKind.OPERATION: N_("operation"),
        RequirementKind.REGULATION: N_("regulation"),
        RequirementKind.COST: N_("cost"),
    }
)
PRIORITIES: Mapping[Priority, str] = MappingProxyType(
    {
        Priority.MUST: N_("must"),
        Priority.SHOULD: N_("should"),
        Priority.COULD: N_("could"),
        Priority.WONT: N_("not this time"),
    }
)
COVERS: Mapping[Cover, str] = MappingProxyType(
    {
        Cover.PROVED: N_("proved"),
        Cover.OPEN: N_("not known yet"),
        Cover.BROKEN: N_("not met"),
        Cover.NONE: N_("nothing would show it"),
    }
)
COVER_SIGNS: Mapping[Cover, str] = MappingProxyType(
    {Cover.PROVED: "✓", Cover.OPEN: "○", Cover.BROKEN: "✗", Cover.NONE: "▲"}
)
HOLES: Mapping[Hole, str] = MappingProxyType(
    {
        Hole.OBJECTIVE: N_("no objective"),
        Hole.RATIONALE: N_("no rationale"),
        Hole.COMPONENT: N_("no component"),
        Hole.TEST: N_("no test"),
        Hole.PROOF: N_("no proof"),
        Hole.REVIEW: N_("to review again"),
    }
)
GATES: Mapping[Gate, str] = MappingProxyType(
    {Gate.DESIGN: N_("design"), Gate.RELEASE: N_("release")}
)
REVIEWS: Mapping[ReviewState, str] = MappingProxyType(
    {
        ReviewState.NEVER: N_("never reviewed"),
        ReviewState.REVIEWED: N_("reviewed"),
        ReviewState.CHANGED: N_("changed since its review"),
        ReviewState.SUSPECT: N_("what it rests on has changed"),
    }
)
VERDICTS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.PASSED: N_("passed"),
        Verdict.FAILED: N_("failed"),
        Verdict.BLOCKED: N_("blocked"),
    }
)
NEVER_RUN = N_("never run")
ORIGINS: Mapping[Origin, str] = MappingProxyType(
    {
        Origin.ESTIMATE: N_("Estimate"),
        Origin.PROTOTYPE: N_("Prototype"),
        Origin.OPERATION: N_("Operation"),
    }
)
OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.KEPT: N_("kept"),
        Outcome.BROKEN: N_("not kept"),
        Outcome.UNCERTAIN: N_("uncertain"),
        Outcome.INCOMPARABLE: N_("in another unit"),
    }
)
LEVELS: Mapping[str, str] = MappingProxyType(
    {
        Influence.LOW.value: N_("low"),
        Influence.MEDIUM.value: N_("medium"),
        Influence.HIGH.value: N_("high"),
    }
)
"""Of influence and of ease with screens: both have the same three."""
ACCESSES: Mapping[Access, str] = MappingProxyType(
    {
        Access.READ: N_("read only"),
        Access.WRITE: N_("write only"),
        Access.BOTH: N_("read and write"),
    }
)
ITEM_KINDS: Mapping[str, str] = MappingProxyType(
    {
        OBJECTIVE: N_("objective"),
        REQUIREMENT: N_("requirement"),
        USE_CASE: N_("use case"),
        CASE: N_("test case"),
        DECISION: N_("decision"),
    }
)


def figure(amount: Decimal, code: str, digits: int = 3) -> str:
    """A number of so many significant digits and no exponent, as the language writes it; what
    stands before the point is never cut."""
    rounded = amount.quantize(Decimal(1))
    if abs(amount) < 10**digits:
        rounded = Decimal(f"{amount:.{digits}g}")
    text = f"{rounded:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if code == "fr" else text


def quantity(amount: Decimal, unit: str, code: str, digits: int = 3) -> str:
    """The same with its unit, as the author of the measure wrote it."""
    told = figure(amount, code, digits)
    return f"{told}\u202f{unit}" if unit else told


def held(measure: Measure, one: Standing, speak: Speak) -> str:
    """A value in the measure's unit with its interval, and what it means for the bound."""
    outcome = speak.render(Text(OUTCOMES[one.outcome]))
    if one.amount is None:
        told = quantity(one.value.amount, one.value.unit, speak.code)
    else:
        digits = _digits(measure, one)
        told = quantity(one.amount, measure.unit, speak.code, digits)
        if one.low != one.high and one.low is not None and one.high is not None:
            ends = [figure(end, speak.code, digits) for end in (one.low, one.high)]
            told = f"{told} [{' – '.join(ends)}]" if ends[0] != ends[1] else told
    of = f"{one.value.of}: " if one.value.of else ""
    return f"{of}{told} ({outcome})"


def _digits(measure: Measure, one: Standing) -> int:
    """So many that a value does not look like the bound when it is not."""
    assert one.amount is not None
    for digits in range(3, 8):
        if one.amount == measure.bound or figure(one.amount, "en", digits) != figure(
            measure.bound, "en", digits
        ):
            return digits
    return 8


def all_held(measure: Measure | None, known: Iterable[Standing], speak: Speak) -> str:
    """Several of one origin; "" for none."""
    if measure is None:
        return ""
    return "; ".join(held(measure, one, speak) for one in known)


def case_said(one: CaseState, speak: Speak) -> str:
    """A case and how its last run ended."""
    if one.result is None:
        return f"{one.case.id} ({speak.render(Text(NEVER_RUN))})"
    verdict = speak.render(Text(VERDICTS[one.result.verdict]))
    when = f", {one.result.on.isoformat()}" if one.result.on else ""
    return f"{one.case.id} ({verdict}{when})"


def review_said(one: ReviewStanding, speak: Speak) -> str:
    """What became of its review."""
    state = speak.render(Text(REVIEWS[one.state]))
    if one.review is None:
        return state
    return f"{state} ({one.review.by}, {one.review.on.isoformat()})"
