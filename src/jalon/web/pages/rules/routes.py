"""Every rule, and one rule: how it stands, what it decided, why, when it would have fired."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from jalon.app.rules.starting import TEMPLATES
from jalon.app.rules.testing import run_tests
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import parse_time
from jalon.web.navigation import CONTROL, NavEntry
from jalon.web.pages.rules import editing
from jalon.web.pages.rules.shared import DAYS, MODES, Told, known, service, tried
from jalon.web.shell import PageDep

router = APIRouter()
router.include_router(editing.router)
entry = NavEntry("/rules", N_("Rules"), CONTROL, 0, covers=("/rule-files",))

_FIRINGS = 30
_STANDS = 200


@router.get("/rules")
def show(page: PageDep) -> HTMLResponse:
    """Every rule, in the order of the files."""
    return page.render(
        "rules/page.html",
        lines=service(page).overview(),
        files=sorted(page.context.running.solution.control.rules),
        modes=MODES,
        told=Told(page),
        templates=TEMPLATES,
    )


@router.get("/rules/{rule_id}")
def one(
    page: PageDep, rule_id: str, before: Annotated[int | None, Query(ge=1)] = None
) -> HTMLResponse:
    """One rule: its subjects now, and what it decided."""
    found = known(page, rule_id)
    rules = service(page)
    stands = rules.stands(rule_id)
    firings = rules.firings(rule_id, None, _FIRINGS + 1, before)
    return page.render(
        "rules/rule.html",
        known=found,
        stands=stands[:_STANDS],
        more=max(0, len(stands) - _STANDS),
        firings=firings[:_FIRINGS],
        older=firings[_FIRINGS - 1].id if len(firings) > _FIRINGS else None,
        trouble=rules.troubles().get(rule_id),
        silences=rules.silenced(rule_id),
        modes=MODES,
        told=Told(page),
    )


@router.get("/rules/{rule_id}/why")
def why(
    page: PageDep,
    rule_id: str,
    subject: Annotated[str, Query(max_length=200)] = "",
    at: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """A form, and the answer once it is filled in."""
    found = known(page, rule_id)
    rules = service(page)
    told = Told(page)
    answer, wrong = None, ""
    subjects = sorted(rules.subjects(rule_id), key=told.subject)
    if subject:
        try:
            answer = rules.why(rule_id, subject, _moment(told, subject, at))
        except UsageError as error:
            wrong = page.say(error.text)
    return page.render(
        "rules/why.html",
        status_code=422 if wrong else 200,
        known=found,
        subjects=subjects,
        subject=subject,
        at=at,
        answer=answer,
        wrong=wrong,
        told=told,
    )


@router.get("/rules/{rule_id}/backtest")
def backtest(
    page: PageDep, rule_id: str, days: Annotated[int, Query(ge=1, le=400)] = 1
) -> HTMLResponse:
    """The last days through the rule as it is."""
    found = known(page, rule_id)
    shown, wrong = None, ""
    try:
        shown = tried(page, rule_id, days)
    except UsageError as error:
        wrong = page.say(error.text)
    return page.render(
        "rules/backtest.html",
        status_code=422 if wrong else 200,
        known=found,
        shown=shown,
        wrong=wrong,
        days=days,
        choices=DAYS,
        told=Told(page),
    )


@router.get("/rules/{rule_id}/tests")
def tests(page: PageDep, rule_id: str) -> HTMLResponse:
    """Its test cases, run now."""
    found = known(page, rule_id)
    results = list(run_tests(page.context.running.solution, rule_id))
    return page.render("rules/tests.html", known=found, results=results, told=Told(page))


def _moment(told: Told, subject: str, at: str) -> int | None:
    if not at:
        return None
    about = subject if ":" in subject else f"device:{subject}"
    try:
        return parse_time(at, told.zone(about))
    except ValueError:
        text = Text(N_("“{text}” is not a date; write 2026-03-29T08:00."), {"text": at[:40]})
        raise UsageError(text) from None
