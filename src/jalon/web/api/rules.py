"""The rules of the running solution: how they stand, what they decided, why, and back-tests."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from jalon.app.rules.asking import WHY_PATH
from jalon.app.rules.looking import WhyShape, shape_of
from jalon.app.rules.places import name_of, rule_of, zone_of
from jalon.app.rules.replay import API_PATH, BackTestRequest, BackTestShape, Reader
from jalon.app.rules.service import Firing, Line, Rules
from jalon.app.rules.testing import run_tests
from jalon.app.scopes import Scope
from jalon.run.control import Scalar
from jalon.vocab.times import from_ms
from jalon.web.api.devices import From, To
from jalon.web.context import Context, Ctx
from jalon.web.problems import Refused
from jalon.web.ranges import between
from jalon.web.scopes import requires
from jalon.web.shell import Page, PageDep

router = APIRouter(tags=["rules"])


class RuleShape(BaseModel):
    """A rule: where it is written, about how many subjects it fires now, how often it fired in the
    last 24 hours, and why it cannot be worked out, if so. `mode` is live, dry-run or off."""

    id: str
    title: str
    mode: str
    for_each: str
    file: str
    tests: int
    firing: int
    fired: int
    trouble: str | None


class FiringShape(BaseModel):
    """A rule changed its mind about a subject: `active` is whether a level holds since then.
    `values` are those it saw. `late`: too old to act on; `dry`: it only watches; `silenced`: a
    maintenance period was in force."""

    id: int
    time: datetime
    rule: str
    subject: str
    active: bool
    severity: str | None
    values: dict[str, Scalar]
    dry: bool
    late: bool
    silenced: bool


class StandShape(BaseModel):
    """How a rule stands about a subject now; `since` is its last change, if known."""

    subject: str
    name: str
    active: bool
    severity: str | None
    since: datetime | None


class RuleDetail(RuleShape):
    """A rule with its subjects, those that fire first."""

    subjects: list[StandShape]


class CaseShape(BaseModel):
    """A test case that was run. `failures` are sentences with their place in the file."""

    rule: str
    case: str
    passed: bool
    failures: list[str]


@router.get("/api/v1/rules", summary="Every rule and how it stands")
def rules(context: Ctx, page: PageDep) -> list[RuleShape]:
    """In the order of the files."""
    return [_rule(page, line) for line in rules_of(context).overview()]


@router.get("/api/v1/rules/{rule_id}", summary="One rule and how it stands about each subject")
def rule(context: Ctx, page: PageDep, rule_id: str) -> RuleDetail:
    """What it is about, those that fire first."""
    service = rules_of(context)
    line = next((one for one in service.overview() if one.rule.id == rule_id), None)
    if line is None:
        raise Refused(404)
    stands = []
    for one in service.stands(rule_id):
        found = one.seen or one.last
        changed = one.seen.changed_ms if one.seen else one.last.at_ms if one.last else None
        stands.append(
            StandShape(
                subject=str(one.subject),
                name=name_of(context.running.solution, one.subject, page.language.code),
                active=one.active,
                severity=found.severity.value if found and found.severity else None,
                since=from_ms(changed) if changed is not None else None,
            )
        )
    return RuleDetail(**_rule(page, line).model_dump(), subjects=stands)


@router.get("/api/v1/rules/{rule_id}/firings", summary="What a rule decided")
def firings(
    context: Ctx,
    rule_id: str,
    subject: Annotated[str | None, Query(description="Such as device:zay-cm2-a.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, description="Only with a smaller id.")] = None,
) -> list[FiringShape]:
    """The newest first. The last 2,000 of each rule are kept."""
    return [_firing(one) for one in rules_of(context).firings(rule_id, subject, limit, before)]


@router.get(WHY_PATH, summary="Why a rule fires about a subject, or not")
def why(
    context: Ctx,
    page: PageDep,
    rule_id: str,
    subject: Annotated[str, Query(max_length=200, description="Device, room or site.")],
    at: Annotated[str, Query(max_length=40, description="Moment; now without it.")] = "",
) -> WhyShape:
    """Works out what the rule saw at that moment from the history before it."""
    running = context.running
    zone = page.zone
    moment = between("", at, zone, running.now_ms()).end_ms if at else None
    found = rules_of(context).why(rule_id, subject, moment)
    zone = zone_of(running.solution, found.subject)
    reader = Reader(page.language.code, lambda text: page.say(text, zone))
    return shape_of(found, running.solution, reader)


@router.get(API_PATH, summary="When a rule would have fired")
def replay(
    context: Ctx, page: PageDep, rule_id: str, start: From = "", to: To = ""
) -> BackTestShape:
    """Replays stored values through the rule as it is now; the last 24 hours by default."""
    span = between(start, to, page.zone, context.running.now_ms())
    request = BackTestRequest(start=from_ms(span.start_ms), end=from_ms(span.end_ms))
    return rules_of(context).backtest(rule_id, request, reader_of(page))


@router.post(
    API_PATH,
    summary="When a rule would have fired with another text of its file",
    dependencies=[requires(Scope.RULES)],
)
def try_out(context: Ctx, page: PageDep, rule_id: str, request: BackTestRequest) -> BackTestShape:
    """Nothing is saved; 422 when the text has errors."""
    return rules_of(context).backtest(rule_id, request, reader_of(page))


@router.get("/api/v1/rules/{rule_id}/tests", summary="Run the test cases of a rule")
def tests(context: Ctx, page: PageDep, rule_id: str) -> list[CaseShape]:
    """In a time of their own; nothing is done."""
    rule_of(context.running.solution, rule_id)
    return [
        CaseShape(
            rule=one.rule,
            case=one.name,
            passed=one.passed,
            failures=[f"{failure.place}: {page.say(failure.text)}" for failure in one.failures],
        )
        for one in run_tests(context.running.solution, rule_id)
    ]


def rules_of(context: Context) -> Rules:
    """The service."""
    return context.running.control.rules


def reader_of(page: Page) -> Reader:
    """Whoever asks."""
    return Reader(page.language.code, page.say)


def _rule(page: Page, line: Line) -> RuleShape:
    rule = line.rule
    return RuleShape(
        id=rule.id,
        title=rule.names().in_language(page.language.code),
        mode=rule.mode.value,
        for_each=rule.for_each,
        file=f"rules/{line.file}.yaml",
        tests=len(rule.tests),
        firing=len(line.firing),
        fired=line.fired,
        trouble=page.say(line.trouble) if line.trouble else None,
    )


def _firing(one: Firing) -> FiringShape:
    return FiringShape(
        id=one.id,
        time=from_ms(one.at_ms),
        rule=one.rule,
        subject=one.subject,
        active=one.active,
        severity=one.severity.value if one.severity else None,
        values=one.values,
        dry=one.dry,
        late=one.late,
        silenced=one.silenced,
    )
