"""Errors as a page for people and as RFC 9457 problem details for programs."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jalon.vocab.text import N_, Text
from jalon.web.shell import page_for

TITLES = {
    401: N_("Sign in first"),
    403: N_("Not allowed"),
    404: N_("Page not found"),
    405: N_("Not possible here"),
    413: N_("Too large"),
    422: N_("Something in the request is not right"),
    429: N_("Too many requests"),
    500: N_("Something went wrong on our side"),
    503: N_("Not available now"),
}
DETAILS = {
    404: N_("There is nothing at this address. It may have been renamed or removed."),
    405: N_("This address does not answer that kind of request."),
    413: N_("What was sent is too large."),
    500: N_("The error has been written to the log. Nothing that was recorded is lost."),
}
_PROGRAM_PATHS = ("/api/", "/health/", "/metrics")


class Refused(Exception):  # noqa: N818 - named for what happened
    """A request that cannot be served; shown as a page or as problem details."""

    def __init__(self, status: int, text: Text | None = None) -> None:
        super().__init__(str(text or status))
        self.status = status
        self.text = text


def wants_json(request: Request) -> bool:
    """Whether a program is asking rather than a browser's address bar."""
    return request.url.path.startswith(_PROGRAM_PATHS)


def problem(request: Request, status: int, text: Text | None = None) -> Response:
    """The answer that says what went wrong, in the asker's form and language."""
    page = page_for(request)
    title = TITLES.get(status) or HTTPStatus(status).phrase
    detail = text or Text(DETAILS.get(status, ""))
    shown_title, shown_detail = page.language.gettext(title), page.language.render(detail)
    if wants_json(request):
        body = {
            "type": "about:blank",
            "title": shown_title,
            "status": status,
            "detail": shown_detail,
            "instance": request.url.path,
        }
        return JSONResponse(body, status, media_type="application/problem+json")
    return page.render(
        "error.html", status_code=status, title=shown_title, detail=shown_detail, code=status
    )
