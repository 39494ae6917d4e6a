"""One's own account: password, language, colours, signing out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.accounts import MINIMUM_PASSWORD, TooManyAttempts
from jalon.app.language import LANGUAGES
from jalon.app.scopes import MEANINGS, scope_named
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text
from jalon.vocab.times import DAY_MS
from jalon.web import cookies
from jalon.web.context import Who
from jalon.web.forms import local_path
from jalon.web.shell import THEMES, YEAR_S, Page, PageDep

router = APIRouter()
MOST_DAYS = 3650


@router.get("/account")
def show(page: PageDep) -> HTMLResponse:
    """The forms."""
    return _show(page)


@router.post("/account/tokens")
def create_token(
    page: PageDep,
    who: Who,
    label: Annotated[str, Form(max_length=100)] = "",
    scope: Annotated[list[str] | None, Form()] = None,
    days: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Make an API token; its secret is on this page and never again."""
    try:
        wanted = [scope_named(one) for one in scope or ()]
        secret = page.context.running.accounts.create_token(
            label.strip(), wanted, _end_ms(page, days), by=who.name
        )
    except UsageError as error:
        return _show(page, 422, token_error=error.text)
    return _show(page, secret=secret)


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(page: PageDep, who: Who, token_id: int) -> Response:
    """Make a token worthless."""
    page.context.running.accounts.revoke_token(token_id, by=who.name)
    return RedirectResponse("/account?revoked=1#tokens-title", 303)


def _end_ms(page: Page, days: str) -> int | None:
    if not days:
        return None
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= MOST_DAYS):
        text = N_("A token ends after 1 to {most} days, or never.")
        raise UsageError(Text(text, {"most": MOST_DAYS}))
    return page.context.running.now_ms() + int(days) * DAY_MS


def _show(
    page: Page,
    status: int = 200,
    error: Text | None = None,
    token_error: Text | None = None,
    secret: str = "",
) -> HTMLResponse:
    running = page.context.running
    may_change = page.visitor is not None and page.visitor.may_change
    return page.render(
        "account/page.html",
        status_code=status,
        error=page.language.render(error) if error else "",
        done="changed" in page.request.query_params,
        minimum=MINIMUM_PASSWORD,
        tokens=running.accounts.tokens() if may_change else None,
        meanings=MEANINGS,
        token_error=page.language.render(token_error) if token_error else "",
        secret=secret,
        revoked="revoked" in page.request.query_params,
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
