"""What the pages and the API about commands share: the service, and who acts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends
from fastapi.requests import Request

from jalon.app.accounts import Role, TooManyAttempts, Visitor
from jalon.app.commands.desk import KeyTaken, NotForYou
from jalon.app.commands.service import Commands
from jalon.vocab.text import N_, Text
from jalon.web.context import Context, Ctx
from jalon.web.problems import Refused


def commands_of(context: Context) -> Commands:
    """The service."""
    return context.running.control.commands


def commands(context: Ctx) -> Commands:
    """The same as a dependency."""
    return commands_of(context)


CommandsDep = Annotated[Commands, Depends(commands)]


def acting(request: Request) -> str:
    """Who asks, with their program if they use one."""
    visitor: Visitor | None = request.state.visitor
    return f"user:{visitor.acts_as}" if visitor else "user:"


Acting = Annotated[str, Depends(acting)]


@contextmanager
def conflicts() -> Iterator[None]:
    """409 for a key that was used for something else, 403 for what somebody else must do."""
    try:
        yield
    except KeyTaken as error:
        raise Refused(409, error.text) from error
    except NotForYou as error:
        raise Refused(403, error.text) from error


def second_person(context: Context, visitor: Visitor, name: str, password: str, from_: str) -> str:
    """Who approves: an administrator in person, who is signed in or gives name and password here.
    Raises Refused: neither this machine nor a token is a person."""
    if visitor.session is not None and visitor.role is Role.ADMIN:
        return f"user:{visitor.name}"
    accounts = context.running.accounts
    try:
        token = accounts.login(name, password, from_) if visitor.operator and name else None
    except TooManyAttempts as error:
        raise Refused(429, error.text, error.retry_s) from error
    person = accounts.visitor(token) if token else None
    if token:
        accounts.logout(token)
    if person is None or person.role is not Role.ADMIN:
        raise Refused(403, Text(N_("An administrator must approve in person: name and password.")))
    return f"user:{person.name}"
