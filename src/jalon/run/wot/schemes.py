"""The security schemes of W3C Thing Descriptions, and the words each of them has."""

from __future__ import annotations

from collections.abc import Mapping

from jalon.run.wot.findings import Rule, one_of, reference_rule, text_rule, words_rule

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
