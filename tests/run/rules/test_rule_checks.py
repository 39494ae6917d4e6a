"""What is wrong in a file of rules is said, and where."""

from __future__ import annotations

import pytest
from small_world import CALENDARS, FLEET, THING

from jalon.run.known import Known
from jalon.run.rules.checks import check_rules
from jalon.run.rules.spec import RuleFile

KNOWN = Known(
    {"sensor": THING},
    FLEET,
    CALENDARS,
    recipients=frozenset({"ops"}),
    webhooks=frozenset({"hook"}),
)


def _found(*written: dict[str, object]) -> list[tuple[str, tuple[str | int, ...], int]]:
    files = {"air": RuleFile.model_validate({"rules": list(written)})}
    return [(one.rule, one.at.path[2:], one.at.offset) for one in check_rules(files, KNOWN)]


def _action(**action: object) -> dict[str, object]:
    return {"id": "x", "when": "door", "actions": [action]}


def test_a_rule_that_holds_together_is_not_remarked() -> None:
    assert not _found(
        {
            "id": "x",
            "severity": "minor",
            "when": "co2 > 800",
            "calendar": "school",
            "words": {"fr": "{co2} ppm", "en": "{co2} ppm in {room}"},
            "actions": [
                {"kind": "notify", "to": "ops"},
                {"kind": "call", "webhook": "hook"},
                {"kind": "command", "action": "beep", "input": "'soft'"},
                {"kind": "desire", "desired": {"t": "20"}},
            ],
        },
        {"id": "y", "compute": {"property": "feel", "value": "t + 1"}},
    )


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"id": "x", "when": "co2 > doors"}, ("rules.expression", ("when",), 6)),
        (
            {"id": "x", "levels": [{"when": "co2 > 8"}, {"when": "door", "clear": "!dor"}]},
            ("rules.expression", ("levels", 1, "clear"), 1),
        ),
        (
            {"id": "x", "when": "door", "calendar": "c"},
            ("rules.unknown-calendar", ("calendar",), 0),
        ),
        (
            {"id": "x", "when": "door", "select": {"thing": "sensors"}},
            ("rules.unknown-thing", ("select", "thing", 0), 0),
        ),
        (
            {"id": "x", "when": "door", "select": {"device": "a", "room": "q"}},
            ("rules.nothing", ("select",), 0),
        ),
        ({"id": "x", "when": "co2 > 12000"}, ("rules.never", ("when",), 0)),
        (
            {
                "id": "x",
                "levels": [
                    {"severity": "major", "when": "co2 > 9"},
                    {"severity": "minor", "when": "co2 > 99"},
                ],
            },
            ("rules.order", ("levels", 1, "severity"), 0),
        ),
        (
            {
                "id": "x",
                "levels": [
                    {"severity": "minor", "when": "co2 > 900"},
                    {"severity": "major", "when": "co2 > 800"},
                ],
            },
            ("rules.hidden", ("levels", 0, "when"), 0),
        ),
        (
            {"id": "x", "compute": {"property": "co2", "value": "t"}},
            ("rules.reported", ("compute", "property"), 0),
        ),
        (
            {"id": "x", "compute": {"property": "feels", "value": "t"}},
            ("rules.undeclared", ("compute", "property"), 0),
        ),
        (
            {"id": "x", "compute": {"property": "feel", "value": "door"}},
            ("rules.kind", ("compute", "value"), 0),
        ),
        (
            {"id": "x", "for_each": "room", "compute": {"property": "feel", "value": "1"}},
            ("rules.into", ("compute", "property"), 0),
        ),
        (
            {"id": "x", "when": "door", "words": {"en": "now {coo2}", "fr": "là {co2}"}},
            ("rules.words", ("words", "en"), 5),
        ),
        (
            _action(kind="notify", to=["ops", "x"]),
            ("rules.unknown-recipient", ("actions", 0, "to", 1), 0),
        ),
        (
            _action(kind="call", webhook="x"),
            ("rules.unknown-webhook", ("actions", 0, "webhook"), 0),
        ),
        (_action(kind="alarm"), ("rules.no-severity", ("actions", 0, "kind"), 0)),
        (
            _action(kind="command", action="sing"),
            ("rules.unknown-action", ("actions", 0, "action"), 0),
        ),
        (
            _action(kind="command", action="beep", input="'hard'"),
            ("rules.value", ("actions", 0, "input"), 0),
        ),
        (
            _action(kind="command", action="beep", input="co2"),
            ("rules.kind", ("actions", 0, "input"), 0),
        ),
        (_action(kind="command", action="beep"), ("rules.input", ("actions", 0, "action"), 0)),
        (
            _action(kind="desire", desired={"heat": "3"}),
            ("rules.unknown-property", ("actions", 0, "desired", "heat"), 0),
        ),
    ],
)
def test_a_mistake_is_found_at_its_place(
    rule: dict[str, object], expected: tuple[str, tuple[str | int, ...], int]
) -> None:
    assert _found(rule) == [expected]


def test_ids_and_computed_properties_are_unique() -> None:
    one: dict[str, object] = {"id": "x", "compute": {"property": "feel", "value": "t"}}
    found = _found(one, one, {**one, "id": "y"})
    assert [name for name, _, _ in found] == ["rules.twice", "rules.computed-twice"]
