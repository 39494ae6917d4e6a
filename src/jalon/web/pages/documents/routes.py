"""The documents of the design: how complete they are, and the files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from jalon.app.design.documents import (
    Form,
    content_policy,
    entry_of,
    file_name,
    languages_of,
    names,
    printed,
    state,
)
from jalon.app.design.placing import places
from jalon.design.specification.build import STATUS_WORDS
from jalon.design.specification.templates import template_of
from jalon.vocab.text import N_
from jalon.web.navigation import DESIGN, NavEntry
from jalon.web.problems import Refused
from jalon.web.shell import PageDep

router = APIRouter()
entry = NavEntry("/design/documents", N_("Documents"), DESIGN, 100)
LANGUAGE_NAMES = {"fr": N_("French"), "en": N_("English")}


@router.get("/design/documents")
def show(page: PageDep) -> HTMLResponse:
    """Every document with what it lacks, told for the language of the reader."""
    solution = page.context.running.solution
    states = []
    for name in names(solution):
        spoken = languages_of(solution, name)
        if not spoken:
            continue
        code = page.language.code if page.language.code in spoken else spoken[0]
        one = state(solution, name, code, _today())
        where = places(solution.folder, [gap.at for gap in one.completeness.gaps])
        gaps = list(zip(one.completeness.gaps, where, strict=True))
        listed = any(each.id == name for each in solution.blueprint.documents.documents)
        revs = [each.rev for each in one.entry.revisions if each.rev]
        states.append((name, code, spoken, one, gaps, listed, revs))
    return page.render(
        "documents/page.html",
        states=states,
        forms=list(Form),
        status_words=STATUS_WORDS,
        language_names=LANGUAGE_NAMES,
    )


@router.get("/design/documents/{document}.{language}.{form}")
def read(
    page: PageDep,
    document: str,
    language: str,
    form: str,
    since: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The document itself; HTML is shown, the others are downloaded. `since` is a revision that
    documents.yaml knows."""
    solution = page.context.running.solution
    blueprint = solution.blueprint
    if form not in set(Form) or template_of(blueprint, document, language) is None:
        raise Refused(404)
    known = {one.rev for one in entry_of(blueprint, document).revisions if one.rev}
    if since and since not in known:
        raise Refused(404)
    wanted = Form(form)
    content = printed(solution, document, language, wanted, _today(), since)
    headers = {"content-language": language}
    if wanted is Form.HTML:
        headers["content-security-policy"] = content_policy()
    else:
        name = file_name(solution, document, language, wanted)
        headers["content-disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=wanted.media_type, headers=headers)


def _today() -> date:
    return datetime.now(UTC).date()
