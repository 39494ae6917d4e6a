"""What web services are told, as JSON of our own, as CloudEvents 1.0, or by a template."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from jalon.run.control import AlarmNews, CallDue, StateHeard, Subject, Words
from jalon.run.integrations.filling import filled
from jalon.run.integrations.spec import Webhook

JSON = "application/json"
CLOUD_EVENT = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to tell. `key` is unique for ever; `type` is stable: `alarm.raised`, `call`,
    `device.state`, `readings`."""

    key: str
    type: str
    at_ms: int
    subject: str
    data: Mapping[str, object]


def of_alarm(news: AlarmNews) -> Happening:
    """What became of an alarm."""
    told = hashlib.sha256(f"{news.who}\n{news.comment}".encode()).hexdigest()[:12]
    return Happening(
        key=f"alarm:{news.alarm}:{news.what}:{news.at_ms}:{told}",
        type=f"alarm.{news.what}",
        at_ms=news.at_ms,
        subject=news.subject,
        data={
            "alarm": news.alarm,
            "what": news.what,
            "rule": news.rule,
            "severity": news.severity,
            **_words(news.words),
            "who": news.who,
            "comment": news.comment,
            "values": news.values,
        },
    )


def of_call(due: CallDue) -> Happening:
    """The `call` of a rule."""
    data = {
        "rule": due.by.removeprefix("rule:") if due.by.startswith("rule:") else None,
        "by": due.by,
        "severity": due.severity,
        **_words(due.words),
        "values": due.values,
    }
    return Happening(f"call:{due.key}", "call", due.at_ms, due.subject, data)


def of_state(heard: StateHeard) -> Happening:
    """What a device reports of its state."""
    data = {"state": heard.reported, "version": heard.version}
    return Happening(f"state:{heard.key}", "device.state", heard.at_ms, heard.subject, data)


def of_readings(
    key: str, at_ms: int, solution: str, readings: Sequence[Mapping[str, object]]
) -> Happening:
    """Values that were stored."""
    data = {"count": len(readings), "readings": readings}
    return Happening(f"readings:{key}", "readings", at_ms, f"solution:{solution}", data)


def of_test(at_ms: int) -> Happening:
    """Nothing has happened."""
    words = {"en": "A test of Jalon: nothing has happened.", "fr": "Essai de Jalon, sans suite."}
    return Happening(f"test:{at_ms}", "test", at_ms, "solution:", _words(words))


def body(webhook: Webhook, solution: str, happening: Happening, token: str) -> tuple[bytes, str]:
    """The body and its media type. `token` is the same at every try."""
    time = iso(happening.at_ms)
    if webhook.format == "cloudevents":
        event = {
            "specversion": "1.0",
            "id": token,
            "source": f"urn:jalon:{solution}",
            "type": f"jalon.{happening.type}",
            "subject": happening.subject,
            "time": time,
            "datacontenttype": JSON,
            "data": happening.data,
        }
        return orjson.dumps(event), CLOUD_EVENT
    subject = Subject.parse(happening.subject)
    plain = {
        "id": token,
        "type": happening.type,
        "time": time,
        "time_ms": happening.at_ms,
        "solution": solution,
        "webhook": webhook.id,
        "subject": happening.subject,
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        **happening.data,
    }
    content = plain if webhook.template is None else filled(webhook.template, plain)
    return orjson.dumps(content), JSON


def iso(time_ms: int) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _words(words: Words) -> dict[str, object]:
    """`text` is the English one, else the first there is; `text_fr` and so on each language."""
    text = words.get("en") or next(iter(words.values()), "")
    return {"text": text, **{f"text_{code}": said for code, said in words.items()}}
