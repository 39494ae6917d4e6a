"""What a device takes, as its Thing Model says; and how devices with words of their own get it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.commands.affordances import SET, Affordances
from jalon.run.commands.foreign import raw, telling
from jalon.run.commands.inputs import LONGEST, checked, from_form
from jalon.run.things import InputSchema, ThingModel
from jalon.vocab.errors import UsageError

THING = ThingModel.model_validate(
    {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "@type": "tm:ThingModel",
        "title": "Valve",
        "properties": {
            "temperature": {"type": "number", "readOnly": True},
            "setpoint": {
                "type": "number",
                "unit": "Cel",
                "minimum": 5,
                "maximum": 30,
                "jalon:scale": 0.5,
                "forms": [
                    {"href": "set/setpoint", "op": "writeproperty"},
                ],
            },
            "power": {
                "type": "boolean",
                "jalon:path": "state.power",
                "forms": [
                    {"href": "state"},
                    {
                        "href": "/cmnd/{address}/POWER",
                        "op": "writeproperty",
                        "jalon:true": "ON",
                        "jalon:false": "OFF",
                    },
                ],
            },
            "mode": {
                "type": "string",
                "jalon:path": "air.mode",
                "forms": [
                    {"href": "set", "op": "writeproperty", "contentType": "application/json"}
                ],
            },
            "place": {"type": "object"},
        },
        "actions": {
            "restart": {"forms": [{"href": "restart"}]},
            "boost": {
                "jalon:timeout": "5 min",
                "jalon:dangerous": True,
                "input": {
                    "type": "object",
                    "properties": {
                        "minutes": {"type": "integer", "minimum": 1, "unit": "min"},
                        "quiet": {"type": "boolean", "default": False},
                    },
                    "required": ["minutes"],
                },
            },
        },
    }
)
KNOWN = Affordances.of(THING).all


def test_actions_and_what_can_be_written_can_be_told() -> None:
    assert list(KNOWN) == ["restart", "boost", "set:setpoint", "set:power", "set:mode"]
    assert (KNOWN["boost"].timeout_ms, KNOWN["boost"].dangerous) == (300_000, True)
    assert KNOWN[SET + "power"].idempotent


@pytest.mark.parametrize(
    ("action", "given", "made"),
    [
        ("restart", None, None),
        ("set:setpoint", 20, 20),
        ("boost", {"minutes": 5.0}, {"minutes": 5, "quiet": False}),
        ("boost", {"minutes": 5, "quiet": True}, {"minutes": 5, "quiet": True}),
    ],
)
def test_what_fits_is_taken(action: str, given: object, made: object) -> None:
    value = checked(KNOWN[action].input, given)
    assert value == made
    assert json.dumps(value) == json.dumps(made)


@pytest.mark.parametrize(
    ("action", "given", "words"),
    [
        ("restart", 1, "takes no input"),
        ("set:setpoint", 4, "At least 5 Cel"),
        ("set:setpoint", 31, "At most 30 Cel"),
        ("set:setpoint", "20", "a number"),
        ("set:setpoint", True, "a number"),
        ("set:setpoint", math.nan, "a number"),
        ("set:setpoint", 10**400, "a number"),
        ("set:setpoint", None, "missing"),
        ("set:power", 1, "yes or no"),
        ("boost", {}, r"missing \(minutes\)"),
        ("boost", {"minutes": 0}, r"At least 1 min \(minutes\)"),
        ("boost", {"minutes": 1.5}, r"whole number"),
        ("boost", {"minutes": 1, "hours": 2}, "no “hours”"),
        ("boost", [1], "several values"),
        ("set:mode", "x" * LONGEST, "at most"),
    ],
)
def test_what_does_not_is_refused_in_words(action: str, given: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        checked(KNOWN[action].input, given)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(ANYTHING, st.sampled_from(sorted(KNOWN)))
def test_anything_is_taken_or_refused_and_never_breaks(value: Any, action: str) -> None:
    try:
        made = checked(KNOWN[action].input, value)
    except UsageError:
        return
    json.dumps(made, allow_nan=False)


@given(ANYTHING)
def test_an_object_without_named_parts_takes_any_json(value: Any) -> None:
    try:
        made = checked(InputSchema.model_validate({"type": "object"}), value)
    except UsageError:
        return
    assert isinstance(made, dict)


def test_forms_write_the_same() -> None:
    boost = KNOWN["boost"].input
    fields = {"input.minutes": "5", "input.quiet": "true", "csrf": "x"}
    assert from_form(boost, fields) == {"minutes": 5, "quiet": True}
    assert from_form(KNOWN["set:setpoint"].input, {"input": "20,5"}) == 20.5
    assert from_form(KNOWN["set:setpoint"].input, {"input": " "}) is None
    assert from_form(KNOWN["restart"].input, {"input": "x"}) is None


def test_devices_of_other_brokers_get_their_own_words() -> None:
    power = telling(KNOWN["set:power"], "tasmota-1", value=True)
    assert (power.topic, power.payload) == ("cmnd/tasmota-1/POWER", b"ON")
    setpoint = telling(KNOWN["set:setpoint"], "hall/valve", 20)
    assert (setpoint.topic, setpoint.payload) == ("hall/valve/set/setpoint", b"40")
    mode = telling(KNOWN["set:mode"], "z/valve", "eco")
    assert (mode.topic, mode.payload) == ("z/valve/set", b'{"air": {"mode": "eco"}}')
    restart = telling(KNOWN["restart"], "z/valve", None)
    assert (restart.topic, restart.payload) == ("z/valve/restart", b"")
    assert raw(KNOWN["set:setpoint"], 20.25) == 40.5
    with pytest.raises(UsageError, match="on which topic"):
        telling(KNOWN["boost"], "z/valve", {"minutes": 1})
