"""API tokens are good for what their scopes say, and for nothing that nobody thought of."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from school import FormToken, School, visiting

from jalon.app.accounts import REGISTRY_FILE
from jalon.app.scopes import Scope
from jalon.web.addresses import is_for_devices
from jalon.web.guard import SAFE_METHODS
from jalon.web.scopes import requires, scopes_required

EVERY = tuple(Scope)
FOR_PEOPLE = frozenset(f"/api/v1/commands/{{command_id}}/{what}" for what in ("approve", "reject"))
"""Closed to every token: a second person decides there."""


def all_routes(routes: object) -> Iterator[APIRoute]:
    """Every route of the application, through the routers it includes."""
    for route in routes:  # type: ignore[attr-defined]
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from all_routes(route.original_router.routes)


def changing(app: FastAPI) -> list[tuple[str, APIRoute]]:
    """What changes something, but for devices: (method, route)."""
    return [
        (method, route)
        for route in all_routes(app.routes)
        for method in sorted((route.methods or set()) - SAFE_METHODS)
        if not is_for_devices(route.path)
    ]


def bearer(school: School, *scopes: Scope, expires_ms: int | None = None) -> dict[str, str]:
    """The header of a program whose token has these scopes."""
    token = school.running.accounts.create_token("test", scopes, expires_ms)
    return {"authorization": f"Bearer {token}"}


def somewhere(path: str) -> str:
    """An address the route answers, of things that do not exist."""
    return re.sub(r"\{[^}]+\}", "1", path)


def test_every_call_that_changes_something_names_one_scope(app: FastAPI) -> None:
    calls = [(m, r) for m, r in changing(app) if r.path.startswith("/api/")]
    assert len(calls) > 2
    for method, route in calls:
        scopes = scopes_required(route)
        if route.path in FOR_PEOPLE:
            assert scopes == []
            continue
        assert len(scopes) == 1, f"{method} {route.path}: add dependencies=[requires(…)]"
        assert scopes[0] is not Scope.READ, f"{method} {route.path} changes something"


def test_pages_are_not_for_tokens_whatever_their_scopes(
    app: FastAPI, stranger: httpx.Client, school: School
) -> None:
    mighty = bearer(school, *EVERY)
    for method, route in changing(app):
        if not route.path.startswith("/api/") or route.path in FOR_PEOPLE:
            answer = stranger.request(method, somewhere(route.path), headers=mighty)
            assert answer.status_code == 403, route.path


def test_a_token_with_all_scopes_but_one_is_told_which_one_it_lacks(
    app: FastAPI, stranger: httpx.Client, school: School
) -> None:
    for method, route in changing(app):
        for scope in scopes_required(route):
            others = [one for one in EVERY if one not in (scope, Scope.ADMIN)]
            lacking = bearer(school, *others)
            answer = stranger.request(method, somewhere(route.path), headers=lacking, json={})
            assert answer.status_code == 403, route.path
            assert scope in answer.json()["detail"], route.path


def test_what_readers_may_not_see_is_closed_to_their_session_too(
    client: httpx.Client, school: School
) -> None:
    bearer(school, Scope.READ)
    assert client.get("/api/v1/tokens").json()[-1]["scopes"] == ["read"]
    registry = school.running.solution.folder / REGISTRY_FILE
    with closing(sqlite3.connect(registry)) as database, database:
        database.execute("UPDATE users SET role = 'reader' WHERE name = 'admin'")
    try:
        assert client.get("/api/v1/tokens").status_code == 403
        assert client.get("/api/v1/devices").status_code == 200
    finally:
        with closing(sqlite3.connect(registry)) as database, database:
            database.execute("UPDATE users SET role = 'admin' WHERE name = 'admin'")


def test_an_administrator_makes_and_revokes_tokens_on_their_page(
    client: httpx.Client, stranger: httpx.Client, form_token: FormToken
) -> None:
    csrf = form_token(client.get("/account"))
    form = {"csrf": csrf, "label": "my script", "scope": ["read", "export"], "days": "30"}
    made = client.post("/account/tokens", data=form)
    found = re.search(r"jalon_[\w-]{43}", made.text)
    assert found
    again = client.get("/account").text
    assert found[0] not in again, "shown once"
    assert "my script" in again
    headers = {"authorization": f"Bearer {found[0]}"}
    assert stranger.get("/api/v1/devices", headers=headers).status_code == 200
    for wrong in ({"days": "0"}, {"scope": "everything"}, {"label": " "}):
        answer = client.post("/account/tokens", data={**form, **wrong})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    ids = [one["id"] for one in client.get("/api/v1/tokens").json() if one["label"] == "my script"]
    assert client.post(f"/account/tokens/{ids[0]}/revoke", data={"csrf": csrf}).status_code == 303
    assert stranger.get("/api/v1/devices", headers=headers).status_code == 401


def test_a_token_that_may_everything_makes_others_over_the_api(
    stranger: httpx.Client, school: School
) -> None:
    mighty = bearer(school, Scope.ADMIN)
    asked = {"label": "made by program", "scopes": ["alarms:write"]}
    made = stranger.post("/api/v1/tokens", headers=mighty, json=asked)
    assert made.status_code == 201
    new = {"authorization": f"Bearer {made.json()['secret']}"}
    assert stranger.get("/api/v1/devices", headers=new).status_code == 403
    listed = stranger.get("/api/v1/tokens", headers=mighty).json()
    (one,) = (one for one in listed if one["label"] == "made by program")
    assert stranger.delete(f"/api/v1/tokens/{one['id']}", headers=mighty).status_code == 204
    assert stranger.get("/api/v1/devices", headers=new).status_code == 401


def test_a_call_that_names_no_scope_is_closed_to_every_token(school: School, app: FastAPI) -> None:
    done: list[str] = []
    router = APIRouter(prefix="/api/v1/forgotten")

    @router.post("/none")
    def unmarked() -> None:
        done.append("none")

    @router.post("/named", dependencies=[requires("rules:write")])
    def marked() -> None:
        done.append("named")

    app.include_router(router)
    with visiting(app) as program:
        mighty = bearer(school, *EVERY)
        assert program.post("/api/v1/forgotten/none", headers=mighty).status_code == 403
        assert done == []
        fit = bearer(school, Scope.RULES)
        assert program.post("/api/v1/forgotten/named", headers=fit).status_code == 200
        assert done == ["named"]


def test_who_may_write_may_not_read_for_that(stranger: httpx.Client, school: School) -> None:
    writes = bearer(school, Scope.COMMANDS)
    answer = stranger.get("/api/v1/devices", headers=writes)
    assert answer.status_code == 403
    assert "read" in answer.json()["detail"]
    reads = bearer(school, Scope.READ)
    assert stranger.get("/api/v1/devices", headers=reads).status_code == 200
    assert stranger.get("/api/v1/export", headers=reads).status_code == 403
    exports = bearer(school, Scope.EXPORT)
    one = "/api/v1/export?device=zay-cm2-a&property=co2"
    assert stranger.get(one, headers=exports).status_code == 200


def test_admin_is_everything_of_the_api(stranger: httpx.Client, school: School) -> None:
    headers = bearer(school, Scope.ADMIN)
    assert stranger.get("/api/v1/devices", headers=headers).status_code == 200
    replay = stranger.post("/api/v1/deadletters/replay?id=999999", headers=headers)
    assert replay.status_code not in (401, 403)


def test_an_expired_token_is_worth_nothing(
    stranger: httpx.Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = school.running.now_ms()
    headers = bearer(school, Scope.READ, expires_ms=now + 3_600_000)
    assert stranger.get("/api/v1/devices", headers=headers).status_code == 200
    monkeypatch.setattr(school.running.accounts, "_now_ms", lambda: now + 3_600_000)
    assert stranger.get("/api/v1/devices", headers=headers).status_code == 401


def test_the_description_tells_the_scope_of_every_call(client: httpx.Client) -> None:
    described = client.get("/api/openapi.json").json()
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    told = {
        (path, method): operation.get("security")
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert told["/api/v1/devices", "get"] == [{"token": ["read"]}]
    assert told["/api/v1/export", "get"] == [{"token": ["export"]}]
    assert told["/api/reload", "post"] == [{"token": ["admin"]}]
    assert told["/health/live", "get"] == []
    missing = [call for call, security in told.items() if security is None]
    assert not missing
