"""The risk study of EBIOS Risk Manager, a page a workshop."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from jalon.app.spreadsheets import csv_text
from jalon.design.ebios.attack_map import attack_svg
from jalon.design.ebios.checks import check
from jalon.design.ebios.ecosystem_map import ecosystem_svg, legend
from jalon.design.ebios.risks import total_cost
from jalon.design.ebios.sheet import csv_rows
from jalon.design.ebios.sheets import SHEETS, sheets
from jalon.design.ebios.sheets_of_attacks import action_sheet
from jalon.design.ebios.sheets_of_treatment import risk_maps
from jalon.design.ebios.sources import Source
from jalon.design.ebios.study import is_begun, study
from jalon.design.ebios.summary import summary
from jalon.design.ebios.words import WORKSHOPS
from jalon.design.scales import GRAVITY_WORDS, LIKELIHOOD_WORDS, RISK_WORDS, Gravity
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/design/ebios", N_("Risk study"), DESIGN, 70)


@router.get("/design/ebios")
def show(page: PageDep, workshop: Annotated[int, Query(ge=0, le=5)] = 0) -> HTMLResponse:
    """The study in short, or one workshop whole."""
    blueprint = page.context.running.solution.blueprint
    today = _today(page)
    found = study(blueprint)
    operations = found.operations if workshop == 4 else ()
    return page.render(
        "ebios/page.html",
        workshop=workshop,
        workshops=WORKSHOPS,
        begun=is_begun(blueprint),
        scope=blueprint.ebios.study.scope,
        summary=summary(found),
        remarks=list(check(blueprint, today)),
        sheets=[one for one in sheets(blueprint, today) if one.workshop == workshop],
        attacks=[
            (one.scenario, Markup(attack_svg(one, page.language)), action_sheet(one))  # noqa: S704
            for one in operations
            if one.steps
        ],
        maps=risk_maps(blueprint, found) if workshop in (0, 5) else (),
        ecosystem=Markup(ecosystem_svg(found.stakeholders, page.language)),  # noqa: S704 - escaped there
        legend=legend(found.stakeholders, page.language),
        cost=total_cost(found.plan),
        derived=Source.DERIVED,
        gravities=[GRAVITY_WORDS[one] for one in Gravity],
        likelihoods=LIKELIHOOD_WORDS,
        risks=RISK_WORDS,
    )


@router.get("/design/ebios/{table}.csv")
def download(page: PageDep, table: str) -> Response:
    """A table of the study."""
    if table not in SHEETS:
        raise Refused(404, Text(N_("There is no table “{table}”."), {"table": table[:80]}))
    blueprint = page.context.running.solution.blueprint
    sheet = next(one for one in sheets(blueprint, _today(page)) if one.id == table)
    headers = {"content-disposition": f'attachment; filename="ebios-{table}.csv"'}
    return Response(
        csv_text(csv_rows(sheet, page.language)),
        media_type="text/csv; charset=utf-8",
        headers=headers,
    )


def _today(page: Page) -> date:
    return from_ms(page.context.running.now_ms()).date()
