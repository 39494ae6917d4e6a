"""API tokens, for who administers them by program."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from jalon.app.accounts import TokenInfo
from jalon.app.scopes import Scope
from jalon.vocab.times import from_ms, to_ms
from jalon.web.context import Ctx, Who
from jalon.web.scopes import requires

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])


class TokenShape(BaseModel):
    """A token without its secret; `hint` is how it begins."""

    id: int
    label: str
    hint: str
    scopes: list[Scope]
    created: datetime
    used: datetime | None
    expires: datetime | None

    @classmethod
    def of(cls, info: TokenInfo) -> TokenShape:
        """As it is listed."""
        return cls(
            id=info.id,
            label=info.label,
            hint=info.hint,
            scopes=[one for one in Scope if one in info.scopes],
            created=from_ms(info.created_ms),
            used=None if info.used_ms is None else from_ms(info.used_ms),
            expires=None if info.expires_ms is None else from_ms(info.expires_ms),
        )


class TokenRequest(BaseModel):
    """A token to be made."""

    label: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1)] = [Scope.READ]
    expires: datetime | None = Field(default=None, description="With an offset; never without.")


class NewToken(BaseModel):
    """A token with its secret, which is told only now."""

    secret: str


@router.get("", summary="API tokens, without their secrets", dependencies=[requires(Scope.ADMIN)])
def listed(context: Ctx) -> list[TokenShape]:
    """The oldest first."""
    return [TokenShape.of(one) for one in context.running.accounts.tokens()]


@router.post(
    "",
    status_code=201,
    summary="Make an API token",
    dependencies=[requires(Scope.ADMIN)],
)
def create(context: Ctx, who: Who, asked: TokenRequest) -> NewToken:
    """The secret is told in this answer and never again."""
    expires_ms = None if asked.expires is None else to_ms(asked.expires)
    by = {"by": who.name} if not who.operator else {}
    accounts = context.running.accounts
    return NewToken(secret=accounts.create_token(asked.label, asked.scopes, expires_ms, **by))


@router.delete(
    "/{token_id}",
    status_code=204,
    summary="Make an API token worthless",
    dependencies=[requires(Scope.ADMIN)],
)
def revoke(context: Ctx, who: Who, token_id: int) -> Response:
    """At once. 422 when there is none of that id."""
    context.running.accounts.revoke_token(token_id, by=who.name)
    return Response(status_code=204)
