"""One's own account: password, language, colours, signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.accounts import MINIMUM_PASSWORD, TooManyAttempts
from jalon.app.language import LANGUAGES
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.web import cookies
from jalon.web.context import Who
from jalon.web.forms import local_path
from jalon.web.shell import THEMES, YEAR_S, PageDep

router = APIRouter()


@router.get("/account")
def show(page: PageDep) -> HTMLResponse:
    """The forms."""
    return _show(page)


def _show(page: PageDep, status: int = 200, error: Text | None = None) -> HTMLResponse:
    return page.render(
        "account/page.html",
        status_code=status,
        error=page.language.render(error) if error else "",
        done="changed" in page.request.query_params,
        minimum=MINIMUM_PASSWORD,
    )


@router.post("/account/password")
def change_password(
    page: PageDep,
    who: Who,
    current: Annotated[str, Form(max_length=1024)] = "",
    new: Annotated[str, Form(max_length=1024)] = "",
    again: Annotated[str, Form(max_length=1024)] = "",
) -> Response:
    """Change the password; other browsers are signed out."""
    address = page.request.client.host if page.request.client else ""
    if new != again:
        return _show(page, 422, Text(N_("The two new passwords are not the same.")))
    try:
        page.context.running.accounts.change_password(who, current, new, address)
    except TooManyAttempts as error:
        return _show(page, 429, error.text)
    except UsageError as error:
        return _show(page, 422, error.text)
    return RedirectResponse("/account?changed=1", 303)


@router.post("/appearance")
def appearance(
    page: PageDep,
    theme: Annotated[str | None, Form()] = None,
    lang: Annotated[str | None, Form()] = None,
    back: Annotated[str, Form(max_length=4000)] = "/",
) -> Response:
    """Remember colours and language in this browser; needs no account."""
    response = RedirectResponse(local_path(back), 303)
    if theme in THEMES:
        page.cookie(response, cookies.THEME, theme, YEAR_S)
    elif theme is not None:
        response.delete_cookie(cookies.THEME)
    if lang in LANGUAGES:
        page.cookie(response, cookies.LANGUAGE, lang, YEAR_S)
    return response
