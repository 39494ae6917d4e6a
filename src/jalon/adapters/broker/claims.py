"""What the server asks about a client that wants to connect, and our signed answer: the JWTs of
NATS's `auth_callout`, without I/O.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from jalon.adapters.broker.nkeys import AccountKey, ServerKey
from jalon.adapters.links.mqtt.codec import subjects_of_filter
from jalon.run.identity import Attempt, Grant

Claims = dict[str, object]

_AUDIENCE = "nats-authorization-request"
_HEADER = base64.urlsafe_b64encode(b'{"typ":"JWT","alg":"ed25519-nkey"}').rstrip(b"=")
_UNLIMITED = {"subs": -1, "data": -1, "payload": -1}
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """A client at the door of the server `server`. `user_key` names this one attempt, `cid` the
    connection, whose server waits for an answer until `until` (Unix seconds). `attempt` is None for
    a client that does not speak MQTT: nobody has business there."""

    server: str
    user_key: str
    cid: int
    until: int
    attempt: Attempt | None


def question(token: bytes, server: ServerKey) -> Question:
    """Read the server's request. Raises ValueError for anything it has not signed itself and for
    what is not understood; never says what is in it."""
    signed, _, signature = token.rpartition(b".")
    header, _, body = signed.partition(b".")
    if not server.signed(signed, _decoded(signature)):
        raise ValueError("not signed by the server")
    if _member(_claims(header), "alg") != "ed25519-nkey":
        raise ValueError("another algorithm")
    claims = _claims(body)
    nats = _inside(claims, "nats")
    client, options = _inside(nats, "client_info"), _inside(nats, "connect_opts")
    if claims.get("aud") != _AUDIENCE or claims.get("iss") != server.public:
        raise ValueError("meant for somebody else")
    cid, until = client.get("id"), claims.get("exp")
    if not isinstance(cid, int) or not isinstance(until, int):
        raise ValueError("no connection or no time in the request")  # noqa: TRY004
    mqtt = client.get("kind") == "Client" and client.get("type") == "mqtt"
    attempt = (
        None
        if not mqtt
        else Attempt(
            protocol="mqtt",
            user=_member(options, "user"),
            secret=_member(options, "pass"),
            client_id=_member(client, "mqtt_id"),
            certificate=_certificate(nats.get("client_tls")),
            address=_member(client, "host"),
        )
    )
    return Question(server.public, _member(nats, "user_nkey"), cid, until, attempt)


def granted(asked: Question, grant: Grant, account: str, key: AccountKey) -> bytes:
    """The answer that lets the client into `account`. Raises ValueError for a topic filter that
    the server would refuse."""
    rights: Claims = {
        "pub": _rights(grant.publish),
        "sub": _rights(grant.subscribe),
        # Over the NATS protocol a device could listen where the server delivers to others.
        "allowed_connection_types": ["MQTT", "MQTT_WS"],
        "type": "user",
        "version": 2,
        **_UNLIMITED,
    }
    user: Claims = {"aud": account, "name": grant.identity, "nats": rights}
    if grant.expires_ms is not None:
        user["exp"] = max(1, grant.expires_ms // 1000)
    return _answer(asked, {"jwt": _token(asked, user, key).decode()}, key)


def denied(asked: Question, reason: str, key: AccountKey) -> bytes:
    """The answer that keeps the client out; `reason` is for the server's log."""
    return _answer(asked, {"error": reason}, key)


def _answer(asked: Question, content: Claims, key: AccountKey) -> bytes:
    content |= {"type": "authorization_response", "version": 2}
    return _token(asked, {"aud": asked.server, "nats": content}, key)


def _token(asked: Question, claims: Claims, key: AccountKey) -> bytes:
    claims |= {"iss": key.public, "sub": asked.user_key, "iat": int(time.time())}
    signed = _HEADER + b"." + base64.urlsafe_b64encode(orjson.dumps(claims)).rstrip(b"=")
    return signed + b"." + base64.urlsafe_b64encode(key.sign(signed)).rstrip(b"=")


def _rights(filters: Sequence[str]) -> Claims:
    subjects = [subject for one in filters for subject in subjects_of_filter(one)]
    return {"allow": subjects} if subjects else {"deny": [">"]}


def _certificate(tls: object) -> bytes | None:
    """The client's own certificate (DER), if its chain was verified."""
    chains = tls.get("verified_chains") if isinstance(tls, dict) else None
    if not isinstance(chains, list) or not chains or not isinstance(chains[0], list):
        return None
    found = _CERTIFICATE.search(str(chains[0][0])) if chains[0] else None
    return binascii.a2b_base64(found[1]) if found else None


def _claims(part: bytes) -> Claims:
    claims = orjson.loads(_decoded(part))
    if not isinstance(claims, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004
    return claims


def _inside(claims: Claims, key: str) -> Claims:
    value = claims.get(key)
    return value if isinstance(value, dict) else {}


def _member(claims: Claims, key: str) -> str:
    value = claims.get(key, "")
    return value if isinstance(value, str) else ""


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
