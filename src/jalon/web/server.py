"""Builds the web application: pages, API, and what stands before them."""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

import jalon.web.pages
from jalon.app.running import Running
from jalon.app.throttle import Throttle
from jalon.vocab.errors import JalonError
from jalon.vocab.text import N_, Text
from jalon.web import health
from jalon.web.api import (
    alarms,
    commands,
    deadletters,
    design,
    devices,
    diagnosis,
    downlinks,
    export,
    integrations,
    live,
    metrics,
    notifications,
    reload,
    rules,
    search,
    things,
    tokens,
    twins,
    updates,
)
from jalon.web.assets import Assets
from jalon.web.context import Context
from jalon.web.forms import refuse_forged
from jalon.web.guard import SECURITY_HEADERS, Gate, Limits, SecurityHeaders
from jalon.web.hub import Hub
from jalon.web.ingress import claims, hooks, telemetry
from jalon.web.ingress import updates as update_doors
from jalon.web.ingress.inlet import Inlet
from jalon.web.navigation import NavEntry, sections
from jalon.web.openapi import Application, operation_id
from jalon.web.pace import Pace
from jalon.web.problems import Refused, problem
from jalon.web.scopes import refuse_unscoped
from jalon.web.shell import environments

log = logging.getLogger(__name__)

BURST, REFILL_MS = 400, 20
"""Requests one address may send at once, and how fast it gains another."""


def create(running: Running) -> FastAPI:
    """The application of one running solution. Starts no thread; its lifespan listens to
    `running.live`, and `app.state.context.hub.close()` ends every open stream."""
    context = Context(
        running=running,
        assets=Assets(),
        hub=Hub(),
        pace=Pace(running.counters, running.now_ms),
        throttle=Throttle(BURST, REFILL_MS, running.now_ms),
        environments=environments(),
    )
    app = Application(
        generate_unique_id_function=operation_id,
        title="Jalon",
        description="Devices, values and history of one running solution.",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        dependencies=[Depends(refuse_forged), Depends(refuse_unscoped)],
    )
    app.state.context = context
    app.state.inlet = Inlet.of(running)
    _include(app, context)
    _answer_errors(app)
    # The last one added is the first to see a request.
    app.add_middleware(Gate, context=context)
    app.add_middleware(Limits, context=context)
    app.add_middleware(GZipMiddleware, minimum_size=500)
    app.add_middleware(SecurityHeaders)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    context.hub.open(context.running.live)
    sampling = asyncio.create_task(_sample(context.pace))
    try:
        yield
    finally:
        sampling.cancel()
        context.hub.close()


async def _sample(pace: Pace) -> None:
    while True:
        pace.sample()
        await asyncio.sleep(1)


def _include(app: FastAPI, context: Context) -> None:
    """Every folder of `pages` is a page: its `routes` has a `router` and may have entries of the
    navigation."""
    for api in (
        health,
        alarms,
        commands,
        devices,
        diagnosis,
        downlinks,
        export,
        integrations,
        live,
        metrics,
        notifications,
        deadletters,
        design,
        reload,
        rules,
        things,
        tokens,
        telemetry,
        hooks,
        claims,
        updates,
        update_doors,
        search,
        twins,
    ):
        app.include_router(api.router)
    entries: list[NavEntry] = []
    for found in sorted(pkgutil.iter_modules(jalon.web.pages.__path__), key=lambda m: m.name):
        routes = importlib.import_module(f"jalon.web.pages.{found.name}.routes")
        app.include_router(routes.router, include_in_schema=False)
        entries += [one for one in vars(routes).values() if isinstance(one, NavEntry)]
    context.navigation = sections(entries)

    @app.get("/static/{digest}/{path:path}", include_in_schema=False)
    def static(request: Request, digest: str, path: str) -> Response:
        return context.assets.respond(request, digest, path) or problem(request, 404)


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        return problem(request, error.status_code)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return problem(request, error.status, error.text, error.retry_s)

    @app.exception_handler(JalonError)
    async def told(request: Request, error: JalonError) -> Response:
        return problem(request, 422, error.text)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        wrong = ", ".join(str(one["loc"][-1]) for one in error.errors())
        text = Text(N_("These parameters are not right: {names}."), {"names": wrong})
        return problem(request, 422, text)

    @app.exception_handler(OverflowError)
    async def too_large(request: Request, error: OverflowError) -> Response:
        # Numbers and dates in addresses that no database and no calendar has.
        log.info("%s: %s", request.url.path, error)
        return problem(request, 422)

    @app.exception_handler(Exception)
    async def broken(request: Request, error: Exception) -> Response:
        # Starlette puts this handler outside every middleware, so the headers are added here.
        answer = problem(request, 500)
        answer.headers.update({**SECURITY_HEADERS, "cache-control": "no-store"})
        return answer
