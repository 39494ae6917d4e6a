"""Errors as a page for people and as RFC 9457 problem details for programs."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jalon.vocab.text import N_, Text
from jalon.web.addresses import PROGRAMS, is_for_devices
from jalon.web.shell import page_for

TITLES = {
    401: N_("Sign in first"),
    403: N_("Not allowed"),
    404: N_("Page not found"),
    405: N_("Not possible here"),
    409: N_("Not possible any more"),
    412: N_("Changed meanwhile"),
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


class Refused(Exception):  # noqa: N818 - named for what happened
    """A request that cannot be served; shown as a page or as problem details. `retry_s` is when it
    may be tried again."""

    def __init__(self, status: int, text: Text | None = None, retry_s: int | None = None) -> None:
        super().__init__(str(text or status))
        self.status = status
        self.text = text
        self.retry_s = retry_s


def wants_json(request: Request) -> bool:
    """Whether a program is asking rather than a browser's address bar."""
    return request.url.path.startswith(PROGRAMS)


def problem(
    request: Request, status: int, text: Text | None = None, retry_s: int | None = None
) -> Response:
    """The answer that says what went wrong, in the asker's form and language."""
    if wants_json(request):
        body = problem_body(request, status, text)
        answer: Response = JSONResponse(body, status, media_type="application/problem+json")
        if status == HTTPStatus.UNAUTHORIZED and is_for_devices(request.url.path):
            answer.headers["www-authenticate"] = 'Basic realm="Jalon", charset="UTF-8"'
    else:
        title, detail = _words(request, status, text)
        answer = page_for(request).render(
            "error.html", status_code=status, title=title, detail=detail, code=status
        )
    if retry_s is not None:
        answer.headers["retry-after"] = str(retry_s)
    return answer


def problem_body(request: Request, status: int, text: Text | None = None) -> dict[str, object]:
    """The members of a problem document; the caller may add others."""
    title, detail = _words(request, status, text)
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }


def _words(request: Request, status: int, text: Text | None) -> tuple[str, str]:
    language = page_for(request).language
    title = TITLES.get(status) or HTTPStatus(status).phrase
    return language.gettext(title), language.render(text or Text(DETAILS.get(status, "")))
