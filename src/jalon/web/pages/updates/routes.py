"""Updates: what is kept, what is rolled out, and how it goes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from jalon.app.updates import views
from jalon.app.updates.desk import Act, Targets, Wish
from jalon.app.updates.service import Updates
from jalon.run.updates.spec import STANDARD
from jalon.run.updates.states import BAD, FINISHED, DeviceState
from jalon.vocab.errors import JalonError, UsageError
from jalon.vocab.text import N_, Text
from jalon.web.navigation import CONTROL, NavEntry
from jalon.web.pages.updates import words
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/updates", N_("Updates"), CONTROL, 30)
CampaignId = Annotated[int, Path(ge=1)]
SHOWN = 500
"""Devices in one table; the report has all."""


def updates_of(page: PageDep) -> Updates:
    """The service."""
    return page.context.running.control.updates


Service = Annotated[Updates, Depends(updates_of)]


@router.get("/updates")
def show(page: PageDep, updates: Service) -> HTMLResponse:
    """Campaigns and packages, the newest first."""
    return page.render(
        "updates/page.html",
        words=words,
        campaigns=views.campaigns(updates.world),
        packages=views.packages(updates.world),
        keys=page.context.running.solution.control.updates.keys,
        folder=page.context.running.solution.folder.name,
    )


@router.get("/updates/packages/{package_id}")
def package(page: PageDep, updates: Service, package_id: str) -> HTMLResponse:
    """What is signed of a package, and where it went."""
    try:
        shown = views.package(updates.world, updates.world.package(package_id))
    except UsageError as error:
        raise Refused(404, error.text) from error
    return page.render(
        "updates/package.html",
        words=words,
        package=shown,
        campaigns=[one for one in views.campaigns(updates.world) if one.package == package_id],
    )


def wish(
    package: Annotated[str, Query(max_length=32)] = "",
    title: Annotated[str, Query(max_length=100)] = "",
    plan: Annotated[str, Query(max_length=64)] = STANDARD,
    group: Annotated[str, Query(max_length=64)] = "",
    query: Annotated[str, Query(max_length=1000)] = "",
    downgrade: bool = False,
) -> Wish:
    """The form as it was filled in."""
    targets = Targets(group=group.strip(), query=query.strip())
    return Wish(
        package=package, title=title.strip(), plan=plan, targets=targets, downgrade=downgrade
    )


@router.get("/updates/new")
def plan_one(
    page: PageDep, updates: Service, wanted: Annotated[Wish, Depends(wish)]
) -> HTMLResponse:
    """The form, and below it what the campaign would do."""
    return _form(page, updates, wanted)


@router.post("/updates/new")
def make(page: PageDep, updates: Service, asked: Annotated[str, Form(max_length=4000)]) -> Response:
    """A campaign in draft, as it was shown before."""
    try:
        wanted = Wish.model_validate_json(asked)
    except ValidationError:
        raise Refused(422) from None
    try:
        number = updates.desk.create(wanted, _who(page))
    except JalonError as error:
        return _form(page, updates, wanted, [page.say(error.text)])
    return RedirectResponse(f"/updates/campaigns/{number}", 303)


@router.get("/updates/campaigns/{campaign_id}")
def campaign(page: PageDep, updates: Service, campaign_id: CampaignId) -> HTMLResponse:
    """How it goes: stage by stage, device by device."""
    return _campaign(page, updates, campaign_id)


@router.post("/updates/campaigns/{campaign_id}/{act}")
def do(
    page: PageDep,
    updates: Service,
    campaign_id: CampaignId,
    act: Act,
    sure: Annotated[bool, Form()] = False,
) -> Response:
    """Start, pause, resume, stop, roll back."""
    try:
        if act in words.WARNINGS and not sure:
            raise UsageError(Text(N_("Tick the box that says what will happen.")))
        updates.desk.act(campaign_id, act, _who(page))
    except JalonError as error:
        return _campaign(page, updates, campaign_id, [page.say(error.text)])
    updates.wake()
    return RedirectResponse(f"/updates/campaigns/{campaign_id}", 303)


def _campaign(
    page: Page, updates: Updates, number: int, wrong: list[str] | None = None
) -> HTMLResponse:
    try:
        shown = views.campaign(updates.world, number)
        plan = views.plan(updates.world, number)
    except UsageError as error:
        raise Refused(404, error.text) from error
    return page.render(
        "updates/campaign.html",
        status_code=422 if wrong else 200,
        words=words,
        campaign=shown,
        stages=_stages(shown, len(plan.stages)),
        plan=plan,
        problems=wrong,
        shown=SHOWN,
        names={one.id: one.name for one in page.context.running.solution.fleet.devices},
        acts=[Act(one) for one in shown.may],
    )


def _stages(shown: views.CampaignDetail, count: int) -> list[dict[str, int]]:
    """Of each stage: devices, how many are done, how many of them badly."""
    found = [{"devices": 0, "done": 0, "failed": 0} for _ in range(count)]
    for one in shown.updates:
        if one.state == DeviceState.INCOMPATIBLE:
            continue
        stage = found[one.stage - 1]
        stage["devices"] += 1
        stage["done"] += one.state in FINISHED
        stage["failed"] += one.state in BAD
    return found


def _form(
    page: Page, updates: Updates, wanted: Wish, wrong: list[str] | None = None
) -> HTMLResponse:
    seen = None
    problems = list(wrong or ())
    if wanted.package and not problems:
        try:
            seen = updates.desk.preview(wanted)
        except JalonError as error:
            problems.append(page.say(error.text))
    solution = page.context.running.solution
    return page.render(
        "updates/new.html",
        status_code=422 if problems else 200,
        words=words,
        wanted=wanted,
        asked=wanted.model_dump_json(),
        seen=seen,
        problems=problems,
        packages=views.packages(updates.world),
        plans=solution.control.updates.all_plans,
        groups=sorted(solution.control.groups.ids),
        names={one.id: one.name for one in solution.fleet.devices},
        shown=SHOWN,
    )


def _who(page: Page) -> str:
    return page.visitor.name if page.visitor else ""
