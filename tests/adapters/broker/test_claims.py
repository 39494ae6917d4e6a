"""The door answers only what its own server asks, and its answers hold what was granted."""

from __future__ import annotations

import base64
import time
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.broker.claims import denied, granted, question
from jalon.adapters.broker.nkeys import AccountKey, ServerKey
from jalon.run.identity import Attempt, Grant

SERVER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SERVER_ID = "NAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RSWB"
KEY = AccountKey.generate()


def part(content: object) -> bytes:
    return base64.urlsafe_b64encode(orjson.dumps(content)).rstrip(b"=")


def token(claims: dict[str, object], key: Ed25519PrivateKey = SERVER, alg: str = "") -> bytes:
    signed = part({"typ": "JWT", "alg": alg or "ed25519-nkey"}) + b"." + part(claims)
    return signed + b"." + base64.urlsafe_b64encode(key.sign(signed)).rstrip(b"=")


def request(**more: object) -> dict[str, object]:
    client = {"host": "10.0.0.7", "id": 12, "kind": "Client", "type": "mqtt", "mqtt_id": "c"}
    nats = {
        "user_nkey": "UUSER",
        "client_info": client,
        "connect_opts": {"user": "dev1", "pass": "secret"},
    }
    claims: dict[str, object] = {
        "aud": "nats-authorization-request",
        "iss": SERVER_ID,
        "exp": int(time.time()) + 5,
        "nats": nats,
    }
    return claims | more


def opened(jwt: bytes | str) -> dict[str, Any]:
    body = (jwt if isinstance(jwt, bytes) else jwt.encode()).split(b".")[1]
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
    return found


def test_a_request_of_the_server_is_read() -> None:
    asked = question(token(request()), ServerKey(SERVER_ID))
    assert asked.attempt == Attempt("mqtt", "dev1", "secret", "c", None, "10.0.0.7")
    assert (asked.server, asked.user_key, asked.cid) == (SERVER_ID, "UUSER", 12)


@pytest.mark.parametrize(
    "bad",
    [
        token(request(), Ed25519PrivateKey.generate()),
        token(request(iss="NOTHER")),
        token(request(aud="somebody else")),
        token(request(), alg="none"),
        token(request(exp=None)),
        b"",
        b"a.b",
        b"a.b.c",
    ],
    ids=["forged", "of another", "to another", "algorithm", "no end", "empty", "short", "noise"],
)
def test_anything_else_is_not(bad: bytes) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - several kinds of sentence
        question(bad, ServerKey(SERVER_ID))
    assert "secret" not in str(refusal.value)


@given(position=st.integers(0, 10_000), bit=st.integers(0, 5))
def test_no_changed_letter_passes(position: int, bit: int) -> None:
    good = token(request(exp=9_999_999_999))
    changed = bytearray(good)
    changed[position % len(changed)] ^= 1 << bit
    try:
        asked = question(bytes(changed), ServerKey(SERVER_ID))
    except ValueError:
        return
    # Base64 has spare bits at its end; what was signed is the same.
    assert asked == question(good, ServerKey(SERVER_ID))


def test_who_does_not_speak_mqtt_makes_no_attempt() -> None:
    claims = request()
    assert isinstance(claims["nats"], dict)
    claims["nats"]["client_info"] = {"kind": "Client", "type": "nats", "id": 3}
    assert question(token(claims), ServerKey(SERVER_ID)).attempt is None


def test_what_is_granted_is_what_the_answer_says() -> None:
    asked = question(token(request()), ServerKey(SERVER_ID))
    grant = Grant("dev1", ("v1/dev1/telemetry",), ("v1/dev1/cmd/#",), 1_900_000_000_999)
    answer = opened(granted(asked, grant, "SOLUTION", KEY))
    assert (answer["aud"], answer["sub"], answer["iss"]) == (SERVER_ID, "UUSER", KEY.public)
    user = opened(str(answer["nats"]["jwt"]))
    assert (user["name"], user["aud"], user["sub"]) == ("dev1", "SOLUTION", "UUSER")
    assert user["exp"] == 1_900_000_000
    rights = user["nats"]
    assert rights["pub"] == {"allow": ["v1.dev1.telemetry"]}
    assert rights["sub"] == {"allow": ["v1.dev1.cmd", "v1.dev1.cmd.>"]}
    assert rights["allowed_connection_types"] == ["MQTT", "MQTT_WS"]


def test_nothing_granted_is_everything_denied() -> None:
    asked = question(token(request()), ServerKey(SERVER_ID))
    answer = opened(granted(asked, Grant("dev1"), "SOLUTION", KEY))
    rights = opened(str(answer["nats"]["jwt"]))["nats"]
    assert rights["pub"] == rights["sub"] == {"deny": [">"]}


def test_a_refusal_says_why_and_lets_nobody_in() -> None:
    asked = question(token(request()), ServerKey(SERVER_ID))
    assert opened(denied(asked, "revoked", KEY))["nats"]["error"] == "revoked"
    assert "jwt" not in opened(denied(asked, "revoked", KEY))["nats"]


@pytest.mark.parametrize(
    "bad",
    ["", "N", SERVER_ID[:-1] + "A", "A" + SERVER_ID[1:], KEY.public],
    ids=["none", "short", "misread", "prefix", "account"],
)
def test_other_texts_are_no_keys_of_servers(bad: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - also that of base32
        ServerKey(bad)
