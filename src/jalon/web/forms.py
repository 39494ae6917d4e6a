"""Refuses what our own pages did not send."""

from __future__ import annotations

from fastapi import Request

from jalon.app.accounts import Visitor
from jalon.vocab.text import N_, Text
from jalon.web import csrf
from jalon.web.addresses import is_for_devices
from jalon.web.guard import SAFE_METHODS
from jalon.web.problems import Refused


async def refuse_forged(request: Request) -> None:
    """On every route: a request that changes something carries a genuine token, unless it comes
    from a program or a device, whose secret no page can make a browser send."""
    visitor: Visitor | None = request.state.visitor
    if is_for_devices(request.url.path):
        return
    if request.method in SAFE_METHODS or (visitor and visitor.session is None):
        return
    given = (await request.form()).get(csrf.FIELD)
    if not isinstance(given, str) or not csrf.is_genuine(given, csrf.seed(request)):
        raise Refused(403, Text(N_("The form is no longer valid. Go back, reload and try again.")))


def local_path(target: str) -> str:
    """`target` when it is a path of this site, else the first page: never a way to another site."""
    is_local = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_local and target.isprintable() else "/"
