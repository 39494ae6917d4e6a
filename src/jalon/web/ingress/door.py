"""Who sends: the same credentials and the same answers as at the MQTT broker."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass

from fastapi import Request

from jalon.app.posting import note
from jalon.app.running import Running
from jalon.run.identity import Attempt, Denied, Grant
from jalon.run.journal import Kind
from jalon.vocab.text import N_, Text
from jalon.web.guard import LOOPBACK
from jalon.web.problems import Refused

TOKEN_HEADER = "x-jalon-token"  # noqa: S105 - the name of a header
KEPT_OUT_S = 60
_WHO = Text(N_("Unknown identity or wrong secret."))
_SAID: dict[Kind, tuple[int, Text]] = {
    Kind.REVOKED: (403, Text(N_("This credential has been revoked."))),
    Kind.EXPIRED: (403, Text(N_("This credential has expired."))),
    Kind.RETIRED: (403, Text(N_("This device has been retired."))),
    Kind.OVER_RATE: (429, Text(N_("Too many messages. Wait and send less often."))),
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a request shows: a user, if it names one, and a secret."""

    user: str
    secret: str


def let_in(request: Request, running: Running, user: str = "", *, fixed: bool = False) -> Grant:
    """Who sends this request. `user` is who is meant when only a secret is shown; when `fixed`
    nobody else is let in, whatever name comes with the secret.

    Raises Refused; the journal then has the reason already.
    """
    shown = _shown(request, user, fixed)
    address = request.client.host if request.client else ""
    refuse_unencrypted(request, running, shown.user)
    if not shown.secret or not shown.user:
        text = Text(N_("Sign in with HTTP Basic (device and secret), or Bearer and the secret."))
        raise Refused(401, text)
    decided = running.decide(Attempt("http", shown.user, shown.secret, address=address))
    if isinstance(decided, Denied):
        status, text = _SAID.get(decided.kind, (401, _WHO))
        raise Refused(status, text, retry_s=KEPT_OUT_S if status == 429 else None)
    return decided


def refuse_unencrypted(request: Request, running: Running, user: str) -> None:
    """Raises Refused for a secret that came over plain HTTP from another machine."""
    address = request.client.host if request.client else ""
    if request.url.scheme != "https" and address not in LOOPBACK:
        note(running, Kind.NOT_ENCRYPTED, user, address=address, protocol="http")
        raise Refused(403, Text(N_("Use https: over plain HTTP everybody could read the secret.")))


def _shown(request: Request, user: str, fixed: bool) -> _Shown:
    if token := request.headers.get(TOKEN_HEADER):
        return _Shown(user, token)
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return _Shown(user, rest.strip())
    if kind.lower() != "basic":
        return _Shown(user, "")
    try:
        name, _, secret = b64decode(rest, validate=True).decode().partition(":")
    except ValueError:  # not Base64, not UTF-8, or not ASCII
        return _Shown(user, "")
    return _Shown(user if fixed else name, secret)
