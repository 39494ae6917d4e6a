"""The API, explained on a page of our own: the usual viewers need scripts from elsewhere."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from jalon.web.shell import PageDep

router = APIRouter()


@router.get("/api")
def show(page: PageDep) -> HTMLResponse:
    """Every operation of the OpenAPI description."""
    paths = page.request.app.openapi()["paths"]
    operations = [(path, method, one) for path, by in paths.items() for method, one in by.items()]
    return page.render("reference/page.html", operations=operations)
