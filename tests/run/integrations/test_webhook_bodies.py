"""What web services are told."""

from __future__ import annotations

import orjson
from jsonschema import Draft7Validator

from jalon.run.control import AlarmNews, AlarmSeverity, CallDue
from jalon.run.integrations import messages
from jalon.run.integrations.filling import filled, topic, unknown_places
from jalon.run.integrations.spec import Webhook

NOON = 1_700_049_600_000
CALL = CallDue(
    at_ms=NOON,
    key="k1",
    by="rule:stuffy",
    subject="room:zay/101",
    webhook="ops",
    words={"en": "Stuffy", "fr": "Air vicié"},
    severity=AlarmSeverity.MAJOR,
    values={"co2": 1450.5},
)
CLOUD_EVENT = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "format": "uri-reference", "minLength": 1},
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "minLength": 1},
        "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
        "datacontenttype": {"const": "application/json"},
    },
    "propertyNames": {"pattern": "^[a-z0-9]+$"},
}
"""What CloudEvents 1.0 says of the structured JSON mode."""


def body(webhook: Webhook, happening: messages.Happening) -> dict[str, object]:
    """The body as the other side reads it."""
    content, _ = messages.body(webhook, "school", happening, "token-1")
    found: dict[str, object] = orjson.loads(content)
    return found


def test_a_plain_call_says_everything_in_one_object() -> None:
    told = body(Webhook(id="ops", url="https://ops.example.org/"), messages.of_call(CALL))
    assert told["type"] == "call"
    assert (told["subject_kind"], told["subject_id"]) == ("room", "zay/101")
    assert (told["rule"], told["severity"], told["text"]) == ("stuffy", "major", "Stuffy")
    assert told["values"] == {"co2": 1450.5}
    assert told["time"] == "2023-11-15T12:00:00.000Z"


def test_a_cloud_event_keeps_to_its_standard() -> None:
    hook = Webhook(id="ops", url="https://ops.example.org/", format="cloudevents")
    news = AlarmNews(
        alarm=7,
        what="raised",
        at_ms=NOON,
        rule="stuffy",
        subject="device:d1",
        severity=AlarmSeverity.MINOR,
        words={"en": "Stuffy"},
    )
    for happening in (messages.of_call(CALL), messages.of_alarm(news)):
        told = body(hook, happening)
        assert list(Draft7Validator(CLOUD_EVENT).iter_errors(told)) == []
        assert told["id"] == "token-1"
    assert told["type"] == "jalon.alarm.raised"


def test_a_template_keeps_the_types_of_what_it_names() -> None:
    template: dict[str, object] = {
        "summary": "{text} ({severity}) in {subject_id}",
        "ppm": "{values.co2}",
        "tags": ["{rule}", {"nothing": "{values.missing}"}],
        "fixed": 3,
    }
    hook = Webhook(id="ops", url="https://ops.example.org/", template=template)
    assert body(hook, messages.of_call(CALL)) == {
        "summary": "Stuffy (major) in zay/101",
        "ppm": 1450.5,
        "tags": ["stuffy", {"nothing": None}],
        "fixed": 3,
    }
    assert unknown_places(template) == set()
    assert unknown_places({"a": ["{oops}"]}) == {"oops"}
    assert filled("{{not a place}}", {}) == "{{not a place}}"


def test_no_value_can_leave_its_level_of_a_topic() -> None:
    assert topic("out/{id}/{room}/x", {"id": "a", "room": "b/../+#"}) == "out/a/b_..___/x"
    assert topic("out/{id}/{room}", {"id": "a"}) == "out/a/_"
