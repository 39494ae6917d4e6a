"""The security schemes of W3C Thing Descriptions, and the words each of them has."""

from __future__ import annotations

from collections.abc import Mapping

from jalon.run.wot.findings import (
    Problems,
    Rule,
    Where,
    error,
    expected,
    has_placeholder,
    one_of,
    reference_rule,
    text_rule,
    texts,
    words_rule,
)
from jalon.run.wot.parts import Parts
from jalon.vocab.text import N_

_PLACES = ("header", "query", "body", "cookie", "auto")
SCHEMES: Mapping[str, Mapping[str, Rule]] = {
    "nosec": {},
    "auto": {},
    "combo": {},
    "basic": {"in": one_of(_PLACES), "name": text_rule},
    "digest": {
        "in": one_of(_PLACES),
        "name": text_rule,
        "qop": one_of(("auth", "auth-int")),
    },
    "apikey": {"in": one_of((*_PLACES, "uri")), "name": text_rule},
    "bearer": {
        "in": one_of(_PLACES),
        "name": text_rule,
        "authorization": reference_rule,
        "alg": text_rule,
        "format": text_rule,
    },
    "psk": {"identity": text_rule},
    "oauth2": {
        "authorization": reference_rule,
        "token": reference_rule,
        "refresh": reference_rule,
        "scopes": words_rule,
        "flow": text_rule,
    },
}
FLOWS = {"code": ("authorization", "token"), "client": ("token",), "device": ("authorization",)}
"""What each flow of OAuth 2 cannot do without."""


def scheme(parts: Parts, value: object, at: Where) -> Problems:
    """A security definition."""
    if not isinstance(value, Mapping):
        yield expected(at, "object", value)
        return
    scheme = value.get("scheme")
    yield from parts.apply(value, {**parts.described(), "proxy": reference_rule}, at)
    if parts.model and (has_placeholder(scheme) or (scheme is None and "tm:ref" in value)):
        return
    if scheme is None:
        yield error(at, N_("“{key}” is missing."), key="scheme")
    elif not isinstance(scheme, str) or (scheme not in SCHEMES and ":" not in scheme):
        yield from one_of(tuple(SCHEMES))(scheme, (*at, "scheme"))
    elif scheme in SCHEMES:
        yield from parts.apply(value, SCHEMES[scheme], at)
        yield from _whole(parts, scheme, value, at)


def _whole(parts: Parts, scheme: str, value: Mapping[str, object], at: Where) -> Problems:
    """What the parts of one scheme must be together."""
    if scheme == "auto" and "name" in value:
        yield error((*at, "name"), N_("The scheme “auto” has no name."))
    if scheme == "combo":
        given = [key for key in ("oneOf", "allOf") if key in value]
        if len(given) != 1:
            yield error(at, N_("The scheme “combo” needs either oneOf or allOf."))
        for key in given:
            if not isinstance(value[key], list) or len(texts(value[key])) < 2:
                yield error((*at, key), N_("Two names at least are needed."))
            yield from parts.names("security", parts.security - {str(at[-1])})(
                value[key], (*at, key)
            )
    if scheme == "oauth2" and not parts.model:
        for key in FLOWS.get(str(value.get("flow", "code")), ()):
            if key not in value:
                yield error(at, N_("“{key}” is missing."), key=key)
