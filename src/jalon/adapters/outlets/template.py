"""Messages as the services of others want them: ntfy, Matrix, Slack, Teams, any webhook, and
gateways that the solution describes itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlencode, urlsplit

import orjson

from jalon.adapters.outlets.webhook import Request, signed
from jalon.run.notices.composed import Composed
from jalon.run.notices.delivery import Undelivered
from jalon.run.notices.outlets import PLACE, Gateway, Matrix, Ntfy, Slack, Teams, Web, Webhook
from jalon.vocab.text import N_, Text
from jalon.vocab.times import from_ms

Secret = Callable[[str], str | None]
_JSON = {"content-type": "application/json"}
_NTFY_PRIORITIES = (3, 3, 3, 4, 5)
_TEAMS_MIME = "application/vnd.microsoft.card.adaptive"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is needed to write one request."""

    composed: Composed
    secret: Secret
    now_s: int

    def known(self, name: str) -> str:
        found = self.secret(name)
        if found is None:
            text = Text(N_("The secret “{name}” has not been set."), {"name": name})
            raise Undelivered(text, whole=True)
        return found.strip()


def write(outlet: Web, composed: Composed, secret: Secret, now_s: int) -> Request:
    """The request that brings the message. Raises Undelivered when a secret is missing."""
    desk = _Desk(composed, secret, now_s)
    match outlet:
        case Webhook():
            return _webhook(outlet, desk)
        case Ntfy():
            return _ntfy(outlet, desk)
        case Matrix():
            return _matrix(outlet, desk)
        case Slack():
            return _slack(outlet, desk)
        case Teams():
            return _teams(outlet, desk)
        case Gateway():
            return _gateway(outlet, desk)
        case _:
            raise TypeError(f"no web outlet: {outlet.id}")


def _key(composed: Composed) -> str:
    return f"msg_{composed.key[:40]}"


def _webhook(outlet: Webhook, desk: _Desk) -> Request:
    one = desk.composed
    body = orjson.dumps(
        {
            "type": "notice",
            "timestamp": from_ms(one.at_ms).isoformat(),
            "data": {
                "to": one.to,
                "name": one.name,
                "language": one.language,
                "severity": one.severity,
                "title": one.title,
                "text": one.text,
                "link": one.link,
                "about": one.about or None,
            },
        }
    )
    key = _key(one)
    proof = {"webhook-id": key, "idempotency-key": key}
    if outlet.secret:
        proof = signed(key, body, desk.known(outlet.secret), desk.now_s)
    return Request("POST", outlet.url, {**_JSON, **proof}, body, outlet.private, outlet.ca)


def _ntfy(outlet: Ntfy, desk: _Desk) -> Request:
    one = desk.composed
    content: dict[str, object] = {
        "topic": one.to,
        "title": one.title,
        "message": one.text[:3_500],
        "priority": _NTFY_PRIORITIES[one.rank],
    }
    if one.link:
        content["click"] = one.link
    headers = {**_JSON, "idempotency-key": _key(one)}
    if outlet.token:
        headers["authorization"] = f"Bearer {_header(desk.known(outlet.token))}"
    url = outlet.url.rstrip("/") + "/"
    return Request("POST", url, headers, orjson.dumps(content), outlet.private, outlet.ca)


def _matrix(outlet: Matrix, desk: _Desk) -> Request:
    """The transaction id is the key: a homeserver takes the same one once."""
    one = desk.composed
    room, key = quote(one.to, safe=""), quote(_key(one), safe="")
    path = f"/_matrix/client/v3/rooms/{room}/send/m.room.message/{key}"
    text = f"{one.title}\n{one.text}"
    lines = "<br>".join(escape(line) for line in one.text.splitlines())
    content = {
        "msgtype": "m.text",
        "body": text,
        "format": "org.matrix.custom.html",
        "formatted_body": f"<strong>{escape(one.title)}</strong><br>{lines}",
    }
    headers = {**_JSON, "authorization": f"Bearer {_header(desk.known(outlet.token))}"}
    url = outlet.url.rstrip("/") + path
    return Request("PUT", url, headers, orjson.dumps(content), outlet.private, outlet.ca)


def _slack(outlet: Slack, desk: _Desk) -> Request:
    one = desk.composed
    content = {"text": f"*{_slack_text(one.title)}*\n{_slack_text(one.text)}"}
    url = desk.known(outlet.url_secret)
    return Request("POST", url, _JSON, orjson.dumps(content), outlet.private, outlet.ca)


def _slack_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(outlet: Teams, desk: _Desk) -> Request:
    """Text runs are shown as they are: nothing in them is markup."""
    one = desk.composed

    def run(text: str, **more: object) -> dict[str, object]:
        return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **more}]}

    card: dict[str, object] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": one.language,
        "fallbackText": one.title,
        "body": [
            run(one.title, weight="Bolder", size="Medium"),
            *(run(line) for line in one.text.splitlines() if line),
        ],
    }
    if one.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Jalon", "url": one.link}]
    attachment = {"contentType": _TEAMS_MIME, "contentUrl": None, "content": card}
    content = {"type": "message", "attachments": [attachment]}
    url = desk.known(outlet.url_secret)
    return Request("POST", url, _JSON, orjson.dumps(content), outlet.private, outlet.ca)


def _gateway(outlet: Gateway, desk: _Desk) -> Request:
    one = desk.composed
    places = {
        "to": one.to,
        "severity": one.severity,
        "title": one.title,
        "text": one.text,
        "short": one.short,
        "language": one.language,
        "link": one.link or "",
        "key": _key(one),
        **{place: desk.known(name) for place, name in outlet.secrets.items()},
    }
    headers = {"idempotency-key": _key(one)}
    headers |= {name: _header(fill(text, places)) for name, text in outlet.headers.items()}
    body = b""
    if outlet.json_body is not None:
        body = orjson.dumps(_fill_json(outlet.json_body, places))
        headers = _JSON | headers
    elif outlet.form is not None:
        form = {name: fill(text, places) for name, text in outlet.form.items()}
        body = urlencode(form).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"} | headers
    elif outlet.text is not None:
        body = fill(outlet.text, places).encode()
        headers = {"content-type": "text/plain; charset=utf-8"} | headers
    host = f"{urlsplit(outlet.url).scheme}://{urlsplit(outlet.url).netloc}"
    url = host + fill(outlet.url.removeprefix(host), places, lambda text: quote(text, safe=""))
    return Request(outlet.method, url, headers, body, outlet.private, outlet.ca)


def fill(
    text: str, places: Mapping[str, str], write_as: Callable[[str], str] = lambda text: text
) -> str:
    """The text with its places filled, each value written as it must be there. What is filled in is
    not looked at for places again."""
    return PLACE.sub(
        lambda found: write_as(places[found[1]]) if found[1] in places else found[0], text
    )


def _fill_json(value: object, places: Mapping[str, str]) -> object:
    match value:
        case str():
            return fill(value, places)
        case dict():
            return {key: _fill_json(one, places) for key, one in value.items()}
        case list():
            return [_fill_json(one, places) for one in value]
        case _:
            return value


def _header(text: str) -> str:
    """Nothing that ends a header, and only what HTTP carries."""
    return "".join(char if " " <= char <= "~" else "?" for char in text)
