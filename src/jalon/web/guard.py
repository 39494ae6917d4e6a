"""What stands before every page: headers, limits, and the gate that lets only known people in."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jalon.app.accounts import Visitor
from jalon.app.journal import acting
from jalon.vocab.text import N_, Text
from jalon.web import cookies
from jalon.web.addresses import is_for_devices
from jalon.web.context import Context
from jalon.web.problems import problem, wants_json

MAX_BODY = 64 * 1024
LARGE_BODIES = {"/provision/import": 2 << 20, "/provision/import/confirm": 6 << 20}
"""Where more may come: a fleet as CSV. A form's own encoding can make twice as much of it."""
OPEN_PATHS = frozenset({"/login", "/appearance", "/health/live", "/health/ready"})
OPEN_PREFIX = "/static/"
OWN_PATHS = frozenset({"/login", "/logout", "/appearance", "/account/password"})
"""What readers change too: it is their own."""
API_PREFIX = "/api/"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "::1"})

POLICY = "; ".join(
    [
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ]
)
SECURITY_HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeaders:
    """Adds the headers to every answer; what has no caching rule of its own is never cached."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the inner application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, add)


class Limits:
    """Refuses bodies that are too large and visitors that ask too often."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 or 429, or pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if is_for_devices(request.url.path):  # bounded there, and by other measures
            await self._app(scope, receive, send)
            return
        if not request.url.path.startswith(OPEN_PREFIX):
            wait_ms = self._context.throttle.take(request.client.host if request.client else "")
            if wait_ms:
                text = Text(N_("Too many requests. Wait a moment and try again."))
                answer = problem(request, 429, text)
                answer.headers["retry-after"] = str(-(-wait_ms // 1000))
                await answer(scope, receive, send)
                return
        await self._bounded(request, receive, send)

    async def _bounded(self, request: Request, receive: Receive, send: Send) -> None:
        most = LARGE_BODIES.get(request.url.path, MAX_BODY)
        left = most

        async def count() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413)
            return message

        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) <= most:
            await self._app(request.scope, count, send)
        else:
            await problem(request, 413)(request.scope, receive, send)


class Gate:
    """Nobody unknown gets past, whatever the route: a new page is closed until it is opened."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the visitor into the request's state, or answer 401, 403 or a way to the login."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if is_for_devices(request.url.path):
            request.state.visitor = None  # they sign in there, as at the broker
            await self._app(scope, receive, send)
            return
        visitor = await run_in_threadpool(self._who, request)
        request.state.visitor = visitor
        refusal = None if request.method in SAFE_METHODS else _refusal(request, visitor)
        if refusal:
            await problem(request, 403, refusal)(scope, receive, send)
        elif visitor or _is_open(request):
            with acting(visitor.acts_as if visitor else ""):
                await self._app(scope, receive, send)
        elif wants_json(request):
            answer = problem(request, 401, Text(N_("Sign in or send an API token.")))
            answer.headers["www-authenticate"] = "Bearer"
            await answer(scope, receive, send)
        else:
            from_page = f"?{request.url.query}" if request.url.query else ""
            target = f"/login?next={quote(request.url.path + from_page, safe='/')}"
            await RedirectResponse(target, 303)(scope, receive, send)

    def _who(self, request: Request) -> Visitor | None:
        accounts = self._context.running.accounts
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and token:
            return accounts.program(token.strip())
        cookie = request.cookies.get(cookies.SESSION)
        return accounts.visitor(cookie) if cookie else None


def _refusal(request: Request, visitor: Visitor | None) -> Text | None:
    """Why this visitor may not send what changes something; the one place that knows roles."""
    by_program = visitor is not None and visitor.session is None
    if not by_program and not _same_origin(request.headers):
        return Text(N_("The request came from another site and was refused."))
    if visitor is None or visitor.may_change:
        return None  # without an account only what is open answers
    if by_program:
        # What is for programs asks for the token's scope itself: see `web.scopes`.
        for_programs = request.url.path.startswith(API_PREFIX)
        return None if for_programs else Text(N_("This is not for API tokens."))
    if request.url.path not in OWN_PATHS:
        return Text(N_("Only an administrator may do this."))
    return None


def _is_open(request: Request) -> bool:
    path = request.url.path
    if path in OPEN_PATHS or path.startswith(OPEN_PREFIX):
        return True
    client = request.client.host if request.client else ""
    return path == "/metrics" and client in LOOPBACK


def _same_origin(headers: Headers) -> bool:
    """Browsers name the page a form was sent from. Only the host is compared: behind a proxy that
    ends TLS the scheme differs."""
    source = headers.get("origin") or headers.get("referer") or ""
    return bool(source) and urlsplit(source).netloc == headers.get("host")
