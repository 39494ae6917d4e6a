"""Nobody unknown gets in, and nothing is changed by what our own pages did not send."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from school import ORIGIN, FormToken, School, csrf_of, visiting

from jalon.app.accounts import REGISTRY_FILE
from jalon.app.local import operator_token
from jalon.web.addresses import is_for_devices

OPEN = {"/login", "/health/live", "/health/ready", "/static/{digest}/{path:path}"}


def addresses(routes: object, methods: frozenset[str]) -> set[str]:
    """The addresses of the OpenAPI description and of every page that answer such a method; not
    those for devices, where neither people nor their programs are let in."""
    found: set[str] = set()
    for route in routes:  # type: ignore[attr-defined]
        if isinstance(route, APIRoute) and methods & (route.methods or set()):
            found.add(route.path)
        elif hasattr(route, "original_router"):
            found |= addresses(route.original_router.routes, methods)
    return {one for one in found if not is_for_devices(one)}


READING = frozenset({"GET"})
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def test_every_address_is_closed_unless_it_is_meant_to_be_open(
    app: FastAPI, stranger: httpx.Client
) -> None:
    paths = sorted(addresses(app.routes, READING))
    assert {"/fleet", "/devices/{device_id}", "/api/v1/devices", "/metrics"} <= set(paths)
    for path in paths:
        if path in OPEN:
            continue
        answer = stranger.get(path.replace("{device_id}", "zay-cm2-a"))
        if path.startswith(("/api/", "/metrics")):
            assert answer.status_code == 401, path
            assert answer.headers["content-type"] == "application/problem+json"
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login?next=/"), path


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/login"])
def test_supervisors_and_the_login_need_no_account(stranger: httpx.Client, path: str) -> None:
    assert stranger.get(path).status_code == 200


def test_the_way_back_after_signing_in_stays_on_this_site(
    stranger: httpx.Client, school: School, form_token: FormToken
) -> None:
    asked = stranger.get("/devices/zay-cm2-a?range=7d")
    login = stranger.get(asked.headers["location"])
    assert 'value="/devices/zay-cm2-a?range=7d"' in login.text
    form = {"name": "admin", "password": school.password, "csrf": form_token(login)}
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example", "/a\nb"):
        answer = stranger.post("/login", data={**form, "target": evil})
        assert answer.headers["location"] == "/"
        stranger.cookies.delete("jalon_session")
        form["csrf"] = form_token(stranger.get("/login"))


def test_a_wrong_password_is_told_and_opens_nothing(
    stranger: httpx.Client, form_token: FormToken
) -> None:
    form = {"name": "admin", "password": "guess", "csrf": form_token(stranger.get("/login"))}
    answer = stranger.post("/login", data=form)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "jalon_session" not in stranger.cookies


def test_the_session_cookie_is_out_of_reach_of_scripts(
    app: FastAPI, stranger: httpx.Client, school: School, form_token: FormToken
) -> None:
    form = {
        "name": "admin",
        "password": school.password,
        "csrf": form_token(stranger.get("/login")),
    }
    cookie = stranger.post("/login", data=form).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    with visiting(app, "https://testserver") as secure:
        form["csrf"] = form_token(secure.get("/login"))
        answer = secure.post("/login", data=form)
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("token", "origin"),
    [
        ("", ORIGIN),
        ("AAAA", ORIGIN),
        ("é", ORIGIN),
        ("good", "https://evil.example"),
        ("good", "null"),
        ("good", ""),
    ],
)
def test_a_forged_form_changes_nothing(
    client: httpx.Client, form_token: FormToken, token: str, origin: str
) -> None:
    good = form_token(client.get("/account"))
    csrf = good if token == "good" else token
    headers = {"origin": origin}
    assert client.post("/logout", data={"csrf": csrf}, headers=headers).status_code == 403
    assert client.get("/account").status_code == 200, "still signed in"
    assert client.post("/logout", data={"csrf": good}).status_code == 303
    assert client.get("/account").status_code == 303


def test_a_token_of_another_browser_does_not_fit(
    app: FastAPI, client: httpx.Client, form_token: FormToken
) -> None:
    with visiting(app) as other:
        foreign = form_token(other.get("/login"))
    assert client.post("/logout", data={"csrf": foreign}).status_code == 403


def test_a_program_reads_with_its_token_and_changes_nothing(
    stranger: httpx.Client, school: School
) -> None:
    token = school.running.accounts.create_token("test")
    bearer = {"authorization": f"Bearer {token}"}
    assert stranger.get("/api/v1/devices", headers=bearer).status_code == 200
    assert stranger.post("/logout", headers=bearer).status_code == 403
    wrong = {"authorization": "Bearer jalon_wrong"}
    assert stranger.get("/api/v1/devices", headers=wrong).status_code == 401


@pytest.fixture
def reader(stranger: httpx.Client, school: School) -> Iterator[httpx.Client]:
    """Somebody signed in who may see everything and change nothing."""
    registry = school.running.solution.folder / REGISTRY_FILE
    with closing(sqlite3.connect(registry)) as database, database:
        database.execute(
            "INSERT INTO users (name, role, password_hash, created_ms, changed_ms) "
            "SELECT 'rita', 'reader', password_hash, 0, 0 FROM users WHERE name = 'admin'"
        )
    form = {"name": "rita", "password": school.password, "csrf": csrf_of(stranger.get("/login"))}
    assert stranger.post("/login", data=form).status_code == 303
    yield stranger
    with closing(sqlite3.connect(registry)) as database, database:
        database.execute("DELETE FROM users WHERE name = 'rita'")


def test_a_reader_sees_everything_and_changes_only_what_is_their_own(
    app: FastAPI, reader: httpx.Client, school: School
) -> None:
    own = {"/login", "/logout", "/appearance", "/account/password"}
    changing = addresses(app.routes, CHANGING)
    assert {"/health/replay", "/api/v1/deadletters/replay"} <= changing - own
    letters = school.running.store.letter_counts()
    for path in sorted(changing - own):
        answer = reader.post(path, data={"csrf": csrf_of(reader.get("/account"))})
        assert answer.status_code == 403, path
        assert "administrator" in answer.text, path
    assert school.running.store.letter_counts() == letters
    health = reader.get("/health")
    assert health.status_code == 200
    assert "/health/replay" not in health.text
    theme = {"csrf": csrf_of(health), "theme": "dark"}
    assert reader.post("/appearance", data=theme).status_code == 303
    assert reader.post("/logout", data={"csrf": csrf_of(health)}).status_code == 303


def test_an_api_token_changes_nothing_wherever_it_is_sent(
    app: FastAPI, stranger: httpx.Client, school: School
) -> None:
    bearer = {"authorization": f"Bearer {school.running.accounts.create_token('reads')}"}
    for path in sorted(addresses(app.routes, CHANGING)):
        # Some answer other methods only; `test_token_scopes.py` asks each with its own.
        assert stranger.post(path, headers=bearer).status_code in (403, 405), path


def test_the_operator_of_this_machine_may_change_things(
    stranger: httpx.Client, school: School
) -> None:
    bearer = {"authorization": f"Bearer {operator_token(school.running.solution.folder)}"}
    answer = stranger.post("/api/v1/deadletters/replay?id=999999", headers=bearer)
    assert answer.status_code not in (401, 403)
    assert stranger.post("/api/v1/deadletters/replay").status_code == 401


@pytest.mark.parametrize("path", ["/login", "/health/live", "/api/v1/devices", "/nowhere"])
def test_every_answer_carries_the_strict_policy(stranger: httpx.Client, path: str) -> None:
    headers = stranger.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    for directive in ("base-uri", "frame-ancestors"):
        assert f"{directive} 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_what_is_too_large_is_refused_declared_or_not(stranger: httpx.Client) -> None:
    large = b"x" * 70_000
    assert stranger.post("/login", content=large).status_code == 413
    pieces = (large[:10_000] for _ in range(8))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert stranger.post("/login", content=pieces, headers=kind).status_code == 413


def test_somebody_in_a_hurry_is_slowed_down(stranger: httpx.Client) -> None:
    answers = [stranger.get("/health/live") for _ in range(600)]
    slowed = [one for one in answers if one.status_code == 429]
    assert slowed
    assert int(slowed[0].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    "path",
    [
        "/alarms/{much}",
        "/audit?before={much}",
        "/audit?from=9999-12-31&to=9999-12-31",
        "/api/v1/notifications/{much}",
        "/api/v1/rules/stale-air/backtest?from=0001-01-01T00:00&to=9999-12-31T23:00",
        "/api/v1/rules/stale-air/why?subject=device:zay-cm2-a&at=999999999999999",
        "/devices/zay-cm2-a?from=999999999999998&to=999999999999999",
    ],
)
def test_numbers_and_dates_beyond_all_bounds_are_no_bug_of_ours(
    client: httpx.Client, path: str
) -> None:
    assert client.get(path.format(much="9" * 30)).status_code in (200, 404, 422)


def test_a_bug_of_ours_is_a_page_that_tells_nothing_of_the_inside(
    school: School, app: FastAPI, form_token: FormToken
) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret detail")

    with visiting(app, loud=False) as visitor:
        form = {"name": "admin", "password": school.password}
        visitor.post("/login", data={**form, "csrf": form_token(visitor.get("/login"))})
        answer = visitor.get("/broken")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "content-security-policy" in answer.headers
