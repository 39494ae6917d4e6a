"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from jalon.app.accounts import SESSION_ABSOLUTE_MS, TooManyAttempts
from jalon.vocab.text import N_, Text
from jalon.web import cookies
from jalon.web.forms import local_path
from jalon.web.shell import PageDep

router = APIRouter()


@router.get("/login")
def show(page: PageDep, next: str = "/") -> Response:
    """The form; somebody already signed in goes on."""
    if page.visitor:
        return RedirectResponse(local_path(next), 303)
    return page.render("login/page.html", target=local_path(next), name="", error="")


@router.post("/login")
def sign_in(
    page: PageDep,
    name: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    target: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Open a session, or show the form again with what was wrong."""
    address = page.request.client.host if page.request.client else ""
    try:
        token = page.context.running.accounts.login(name, password, address)
    except TooManyAttempts as error:
        answer = _again(page, 429, name, target, error.text)
        answer.headers["retry-after"] = str(error.retry_s)
        return answer
    if token is None:
        return _again(page, 401, name, target, Text(N_("The name or the password is not right.")))
    response = RedirectResponse(local_path(target), 303)
    page.cookie(response, cookies.SESSION, token, SESSION_ABSOLUTE_MS // 1000)
    response.delete_cookie(cookies.FORM)
    return response


def _again(page: PageDep, status: int, name: str, target: str, why: Text) -> HTMLResponse:
    return page.render(
        "login/page.html",
        status_code=status,
        target=local_path(target),
        name=name,
        error=page.language.render(why),
    )


@router.post("/logout")
def sign_out(page: PageDep) -> Response:
    """End the session, here and in the registry."""
    page.context.running.accounts.logout(page.request.cookies.get(cookies.SESSION, ""))
    response = RedirectResponse("/login", 303)
    response.delete_cookie(cookies.SESSION)
    return response
