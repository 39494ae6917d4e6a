"""What the law asks, personal data, ethics and accessibility, a page a section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from jalon.app.design.duties import papers
from jalon.design.duties.chapter import SECTIONS
from jalon.design.duties.checks import check
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.problems import Refused
from jalon.web.shell import Page, PageDep

router = APIRouter()
entry = NavEntry("/design/duties", N_("Duties"), DESIGN, 80)

TITLES: Mapping[str, str] = {
    "obligations": N_("Obligations"),
    "facts": N_("Facts"),
    "product": N_("Product"),
    "register": N_("Record of processing"),
    "map": N_("Map of data"),
    "dpia": N_("Impact assessment"),
    "ethics": N_("Ethics"),
    "accessibility": N_("Accessibility"),
}
Lists = tuple[tuple[str, str, str, str], ...]
WRITTEN: Mapping[str, Lists] = {
    "obligations": (
        ("regulation", "duties", N_("What is done about obligations"), N_("Add a duty")),
        ("regulation", "own", N_("Obligations of our own"), N_("Add an obligation")),
    ),
    "facts": (("regulation", "answers", N_("Answers"), N_("Add an answer")),),
    "product": (),
    "register": (
        ("privacy", "processings", N_("Processings"), N_("Add a processing")),
        ("privacy", "processors", N_("Processors"), N_("Add a processor")),
    ),
    "map": (
        ("privacy", "data", N_("Data"), N_("Add a category of data")),
        ("privacy", "people", N_("People concerned"), N_("Add a group of people")),
    ),
    "dpia": (
        ("privacy", "dpia.screening", N_("Criteria decided by people"), N_("Decide a criterion")),
        ("privacy", "dpia.risks", N_("Feared events"), N_("Weigh a feared event")),
        ("privacy", "dpia.actions", N_("Actions"), N_("Add an action")),
    ),
    "ethics": (
        ("regulation", "ethics", N_("Answers"), N_("Answer a question")),
        ("regulation", "charter", N_("Promises of the charter"), N_("Add a promise")),
    ),
    "accessibility": (
        ("accessibility", "needs", N_("Functional needs"), N_("Add a need")),
        ("accessibility", "derogations", N_("Derogations"), N_("Add a derogation")),
    ),
}
"""Part, list, its name and what adding to it is called, of each section."""
ALONE: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "product": (("regulation", "product", N_("The product placed on the market")),),
    "register": (
        ("privacy", "controller", N_("Controller")),
        ("privacy", "breach", N_("Breach")),
    ),
    "accessibility": (
        ("accessibility", "aim", N_("What is promised")),
        ("accessibility", "statement", N_("Declaration of accessibility")),
    ),
}
"""What stands alone in its file."""
PAPERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "obligations": (("obligations.csv", N_("Obligations as CSV")),),
    "register": (("record-of-processing.csv", N_("Record of processing as CSV")),),
    "map": (("data-map.csv", N_("Map of data as CSV")),),
    "dpia": (("dpia-cnil.json", N_("Assessment for the CNIL's PIA tool")),),
}


@router.get("/design/duties")
def show(page: PageDep, section: str = "obligations") -> HTMLResponse:
    """One section, with what checks say of all and links to change what is written."""
    if section not in SECTIONS:
        raise Refused(404, Text(N_("There is no section “{name}”."), {"name": section[:80]}))
    blueprint = page.context.running.solution.blueprint
    today = _today(page)
    return page.render(
        "duties/page.html",
        section=section,
        titles=TITLES,
        blocks=list(SECTIONS[section](blueprint, page.language, today)),
        remarks=list(check(blueprint, today)) if section == "obligations" else [],
        info=Severity.INFO,
        written=[
            (part, path, name, label, _ids(getattr(blueprint, part), path))
            for part, path, name, label in WRITTEN[section]
        ],
        alone=ALONE.get(section, ()),
        papers=PAPERS.get(section, ()),
    )


@router.get("/design/duties/{paper}.{ending}")
def download(page: PageDep, paper: str, ending: str) -> Response:
    """A paper as a file."""
    blueprint = page.context.running.solution.blueprint
    name = f"{paper}.{ending}"
    found = dict(papers(blueprint, page.language, _today(page)))
    if name not in found:
        raise Refused(404, Text(N_("There is no paper “{name}”."), {"name": name[:80]}))
    kind = "application/json" if ending == "json" else "text/csv; charset=utf-8"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(found[name], media_type=kind, headers=headers)


def _ids(part: object, path: str) -> list[str]:
    for key in path.split("."):
        part = getattr(part, key, None) or ()
    return [str(one.id) for one in part] if isinstance(part, list) else []


def _today(page: Page) -> date:
    return from_ms(page.context.running.now_ms()).date()
