"""Calls: tokens.

Written by tools/make_client.py: change the application, not this file.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict, cast

from jalon.client.transport import Call, Transport, filled


class NewToken(TypedDict):
    """A token with its secret, which is told only now."""

    secret: str


Scope = Literal[
    "read",
    "export",
    "alarms:write",
    "commands:write",
    "twins:write",
    "updates:write",
    "rules:write",
    "fleet:write",
    "admin",
]
"""One thing programs do with a token. A token has exactly those it was given: one that may
write may not read for that."""


class TokenRequest(TypedDict):
    """A token to be made."""

    label: str
    scopes: NotRequired[list[Scope]]
    expires: NotRequired[str | None]


class TokenShape(TypedDict):
    """A token without its secret; `hint` is how it begins."""

    id: int
    label: str
    hint: str
    scopes: list[Scope]
    created: str
    used: str | None
    expires: str | None


class Tokens:
    """Calls: tokens."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def find(self) -> list[TokenShape]:
        """API tokens, without their secrets.

        The oldest first. Scope: admin.
        """
        call = Call("GET", "/api/v1/tokens")
        return cast("list[TokenShape]", self._transport.answer(call))

    def create(self, body: TokenRequest) -> NewToken:
        """Make an API token.

        The secret is told in this answer and never again. Scope: admin.
        """
        call = Call("POST", "/api/v1/tokens", body=body)
        return cast("NewToken", self._transport.answer(call))

    def revoke(self, token_id: str) -> None:
        """Make an API token worthless.

        At once. 422 when there is none of that id. Scope: admin.
        """
        call = Call("DELETE", filled("/api/v1/tokens/{token_id}", token_id=token_id))
        self._transport.answer(call)
