"""What the token of a program must be good for, route by route; closed where nothing is said.

A route that changes something names its scope:

    @router.post("/api/v1/…", dependencies=[requires("commands:write")])

Sessions are not asked: the gate lets only administrators change things.
"""

from __future__ import annotations

from fastapi import Depends, Request, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from jalon.app.accounts import Visitor
from jalon.app.scopes import Scope
from jalon.vocab.text import N_, Text
from jalon.web.addresses import is_for_devices
from jalon.web.guard import SAFE_METHODS
from jalon.web.problems import Refused

token_scheme = HTTPBearer(
    scheme_name="token",
    auto_error=False,
    description="An API token, made on the account page or with `jalon token create`; each may do"
    " what its scopes say.",
)


def declared(_token: object = Depends(token_scheme)) -> None:
    """Marks a route with scopes; `refuse_unscoped` reads and enforces them."""


def requires(scope: Scope | str) -> params.Security:
    """For the `dependencies` of a route: programs need this scope."""
    return params.Security(declared, scopes=[Scope(scope).value])


def scopes_required(route: object) -> list[Scope]:
    """What `requires` says of the route, or of the router it is in."""
    if not isinstance(route, APIRoute):
        return []
    return [Scope(one) for found in _marks(route.dependant) for one in found]


def _marks(dependant: Dependant) -> list[list[str]]:
    return [
        list(one.own_oauth_scopes or []) for one in dependant.dependencies if one.call is declared
    ]


async def refuse_unscoped(request: Request) -> None:
    """On every route: a token is good for what its scopes say. What changes something and names no
    scope is not for tokens; what only reads needs `read`. A reader's session has the scopes of
    readers."""
    visitor: Visitor | None = request.state.visitor
    if visitor is None or is_for_devices(request.url.path):
        return
    needed = scopes_required(request.scope.get("route"))
    if visitor.token is None:
        if not all(map(visitor.may, needed)):
            raise Refused(403, Text(N_("Only an administrator may do this.")))
        return
    if not needed and request.method not in SAFE_METHODS:
        raise Refused(403, Text(N_("This is not for API tokens.")))
    for scope in needed or [Scope.READ]:
        if not visitor.may(scope):
            text = Text(N_("This API token lacks the scope {scope}."), {"scope": scope.value})
            raise Refused(403, text)
