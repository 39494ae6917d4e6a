"""Calls to web services: signed, bounded, to where they may go, and as each service wants them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ssl
from dataclasses import replace
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from letterboxes import web_service
from mqtt_device import Pki
from pydantic import TypeAdapter

from jalon.adapters.outlets import template, webhook
from jalon.adapters.outlets.webhook import Request
from jalon.run.notices.composed import Composed
from jalon.run.notices.delivery import Undelivered
from jalon.run.notices.outlets import Outlet, Web

OUTLETS: TypeAdapter[Outlet] = TypeAdapter(Outlet)
SECRETS = {"token": "t0k&n", "signing": "whsec_" + base64.b64encode(b"key" * 8).decode()}
NOW_S = 1_795_431_600

COMPOSED = Composed(
    key="b2" * 32,
    to="+33 6 12",
    name="Awa",
    language="en",
    rank=3,
    severity="major",
    word="Major",
    title='Major: "door" <open> & cold',
    text='Line one\nLine "two" {to}\n',
    html="<p>x</p>",
    link="https://jalon.example.org/alarms/7",
    at_ms=NOW_S * 1000,
)


def outlet(kind: str, **more: object) -> Web:
    found = OUTLETS.validate_python({"id": "o", "kind": kind, "private": True, **more})
    assert isinstance(found, Web)
    return found


def written(kind: str, composed: Composed = COMPOSED, **more: object) -> Request:
    return template.write(outlet(kind, **more), composed, SECRETS.get, NOW_S)


def missed(request: Request) -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        webhook.send(request)
    return caught.value


def test_a_webhook_is_signed_and_known_again() -> None:
    with web_service() as service:
        for _ in range(2):
            webhook.send(written("webhook", url=service.url + "/in", secret="signing"))

    first, second = service.asked
    assert first.path == "/in"
    key, time = first.headers["webhook-id"], first.headers["webhook-timestamp"]
    content = f"{key}.{time}.".encode() + first.body
    proof = base64.b64encode(hmac.digest(b"key" * 8, content, hashlib.sha256)).decode()
    assert first.headers["webhook-signature"] == f"v1,{proof}"
    assert first.headers["idempotency-key"] == key == second.headers["idempotency-key"]
    assert orjson.loads(first.body)["data"]["severity"] == "major"


def test_the_signature_is_the_one_of_the_published_example() -> None:
    """From the specification of Standard Webhooks' reference libraries."""
    found = webhook.signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        1_614_265_330,
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_redirect_is_not_followed() -> None:
    with web_service() as service:
        service.answers = [(302, {"location": service.url + "/elsewhere"}, b"")]
        found = missed(written("webhook", url=service.url))

    assert found.whole
    assert [one.path for one in service.asked] == ["/"]


@pytest.mark.parametrize(
    ("status", "headers", "permanent", "later"),
    [
        (400, {}, True, None),
        (404, {}, True, None),
        (401, {}, False, None),
        (429, {"retry-after": "17"}, False, 17.0),
        (503, {"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, False, 0.0),
        (500, {"retry-after": "soon"}, False, None),
    ],
)
def test_an_answer_says_whether_to_try_again(
    status: int, headers: dict[str, str], permanent: bool, later: float | None
) -> None:
    with web_service() as service:
        service.answers = [(status, headers, b"because")]
        found = missed(written("webhook", url=service.url))

    assert found.permanent == permanent
    assert found.retry_after_s == later
    assert "because" in str(found)


def test_a_long_answer_is_cut() -> None:
    with web_service() as service:
        service.answers = [(200, {}, b"x" * (webhook.MAX_ANSWER + 10_000))]
        answer = webhook.ask(written("webhook", url=service.url))

    assert len(answer.body) == webhook.MAX_ANSWER


def test_the_certificate_is_checked(tmp_path_factory: pytest.TempPathFactory) -> None:
    pki = Pki.make(tmp_path_factory.mktemp("pki"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pki.tls.certificate, pki.tls.key)
    with web_service(tls) as service:
        webhook.send(written("webhook", url=service.url, ca=pki.ca))
        refused = missed(written("webhook", url=service.url))

    assert len(service.asked) == 1
    assert "certificate" in str(refused)


def test_what_is_not_private_is_called_over_https_at_public_addresses_only() -> None:
    with web_service() as service:
        plain = missed(replace(written("webhook", url=service.url), private=False))
        encrypted = service.url.replace("http:", "https:")
        local = missed(replace(written("webhook", url=encrypted), private=False))

    assert "without encryption" in str(plain)
    assert "local network" in str(local)
    assert service.asked == []


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("8.8.8.8", True, True),
        ("192.168.1.20", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("fd00::1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("100.64.0.1", False, False),
        ("64:ff9b::10.0.0.1", False, True),
        ("64:ff9b::169.254.169.254", False, False),
        ("64:ff9b::8.8.8.8", True, True),
        ("2002:7f00:1::", False, True),
        ("::127.0.0.1", False, True),
        ("fec0::1", False, False),
    ],
)
def test_addresses_that_may_be_called(address: str, public: bool, private: bool) -> None:
    assert webhook.may_call(ip_address(address), False) == public
    assert webhook.may_call(ip_address(address), True) == private


def test_an_address_that_is_a_secret_is_not_repeated() -> None:
    text = str(missed(Request("POST", "https://127.0.0.1:9/services/T0/s3cr3t with space")))
    assert "no address has" in text
    assert "s3cr3t" not in text


def test_a_name_that_no_machine_has() -> None:
    assert missed(Request("POST", "https://no-such-host.invalid/x")).whole


def test_a_service_that_is_gone() -> None:
    with web_service() as service:
        url = service.url
    assert missed(written("webhook", url=url)).whole


def test_ntfy_gets_topic_priority_and_a_link() -> None:
    request = written("ntfy", url="http://localhost:1", token="token")
    body = orjson.loads(request.body)

    assert (body["topic"], body["priority"], body["click"]) == ("+33 6 12", 4, COMPOSED.link)
    assert request.headers["authorization"] == "Bearer t0k&n"
    assert request.url == "http://localhost:1/"


def test_matrix_takes_the_same_transaction_once() -> None:
    room = replace(COMPOSED, to="!room:example.org")
    request = written("matrix", room, url="https://m.example.org", token="token")

    assert request.method == "PUT"
    assert "/rooms/%21room%3Aexample.org/send/m.room.message/msg_b2b2" in request.url
    body = orjson.loads(request.body)
    assert "<open>" not in body["formatted_body"]
    assert "&lt;open&gt;" in body["formatted_body"]


def test_slack_and_teams_show_words_and_not_markup() -> None:
    known = {"url": "https://hooks.example.org/x"}
    slack = template.write(outlet("slack", url_secret="url"), COMPOSED, known.get, NOW_S)
    teams = template.write(outlet("teams", url_secret="url"), COMPOSED, known.get, NOW_S)

    assert slack.url == teams.url == known["url"]
    assert "&lt;open&gt; &amp; cold" in orjson.loads(slack.body)["text"]
    card = orjson.loads(teams.body)["attachments"][0]["content"]
    assert card["body"][0]["inlines"][0]["text"] == COMPOSED.title
    assert card["lang"] == "en"


def test_a_gateway_fills_each_place_as_it_needs() -> None:
    common: dict[str, Any] = {"url": "http://sms.local/send?n={to}", "secrets": {"pass": "token"}}
    as_json = written("gateway", **common, json={"to": "{to}", "m": ["{text}", 1, None]})
    as_form = written("gateway", **common, form={"text": "{title}", "key": "{pass}"})
    as_text = written(
        "gateway", **common, text="{severity}: {short}", headers={"x-token": "{pass}\r\nx: {text}"}
    )

    assert as_json.url == "http://sms.local/send?n=%2B33%206%2012"
    assert orjson.loads(as_json.body) == {"to": "+33 6 12", "m": [COMPOSED.text, 1, None]}
    assert parse_qs(as_form.body.decode()) == {"text": [COMPOSED.title], "key": ["t0k&n"]}
    assert as_text.body.decode().startswith("major: Major:")
    assert "\n" not in "".join(as_text.headers.values())


@given(st.text())
def test_what_is_filled_in_is_not_filled_again(text: str) -> None:
    assert template.fill("a {to} b", {"to": text, "text": "x"}) == f"a {text} b"


@given(st.text(max_size=300), st.text(max_size=40))
def test_a_text_message_is_one_line_of_160(title: str, link: str) -> None:
    assert len(replace(COMPOSED, title=title, link=link or None).short) <= 160
