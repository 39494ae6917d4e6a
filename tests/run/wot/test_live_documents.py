"""What is written of live devices: Thing Descriptions, and an AsyncAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema

from jalon.run.fleet import Device
from jalon.run.things import ThingModel
from jalon.run.wot.asyncapi import asyncapi
from jalon.run.wot.check import problems
from jalon.run.wot.describe import Places, describe

PLACES = Places(
    "https://iot.example",
    "mqtts://iot.example:8883",
    "wss://iot.example:8084/mqtt",
    "mqtts://iot.example:8884",
)
THING = ThingModel.model_validate(
    {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "@type": "tm:ThingModel",
        "title": "Fridge",
        "titles": {"en": "Fridge", "fr": "Frigo"},
        "version": {"model": "2.0.0"},
        "jalon:codec": {"kind": "cbor"},
        "properties": {
            "temperature": {"type": "number", "unit": "Cel", "jalon:scale": 0.1, "minimum": -5},
            "where": {"type": "object"},
            "secret": {"type": "string", "writeOnly": True},
        },
        "actions": {"setSetpoint": {"input": {"type": "number"}, "idempotent": True}},
        "events": {"opened": {"data": {"type": "boolean"}}},
    }
)
OWN = Device(id="f1", name="Fridge 1", thing="fridge", site="shop")
LINKED = Device(id="f2", name="Fridge 2", thing="fridge", site="shop", link="plc", address="2")


def test_a_description_is_valid_and_says_where_values_are() -> None:
    made = describe("shop", OWN, THING, PLACES)
    assert problems(made) == []
    assert made["id"] == "urn:jalon:shop:f1"
    properties: Any = made["properties"]
    assert sorted(properties) == ["temperature", "where"]
    assert properties["temperature"]["unit"] == "Cel"
    assert "jalon:scale" not in properties["temperature"]
    assert properties["temperature"]["forms"][0]["href"] == (
        "https://iot.example/api/v1/things/f1/properties/temperature"
    )
    forms: Any = made["forms"]
    assert [one["href"] for one in forms] == [
        "https://iot.example/api/v1/things/f1/properties",
        "mqtts://iot.example:8883",
        "mqtts://iot.example:8884",
    ]
    assert forms[1]["mqv:filter"] == "v1/f1/telemetry"
    assert [one["security"] for one in forms[1:]] == [["password"], ["certificate"]]
    actions: Any = made["actions"]
    assert actions["setSetpoint"]["forms"][0]["mqv:topic"] == "v1/f1/cmd/setSetpoint"


def test_a_device_of_a_link_has_no_topic_of_its_own() -> None:
    made = describe("shop", LINKED, THING, PLACES)
    assert problems(made) == []
    assert "mqv:filter" not in str(made)
    assert "actions" not in made
    assert list(made["securityDefinitions"]) == ["token"]  # type: ignore[call-overload]


def document() -> dict[str, Any]:
    """The AsyncAPI document of both devices."""
    return asyncapi("shop", "Shop", [OWN, LINKED], {"fridge": THING}, PLACES)


def references(value: object) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def test_every_reference_of_the_document_leads_somewhere() -> None:
    made = document()
    found = list(references(made))
    assert len(found) > 10
    for one in found:
        inside: Any = made
        for key in one.removeprefix("#/").split("/"):
            inside = inside[key]


def test_the_document_has_the_structure_of_asyncapi_3() -> None:
    made = document()
    assert made["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= made["info"].keys()
    assert {one["protocol"] for one in made["servers"].values()} == {"secure-mqtt", "wss"}
    assert all("://" not in one["host"] for one in made["servers"].values())
    assert {name: one["address"] for name, one in made["channels"].items()} == {
        "fridge-telemetry": "v1/{device}/telemetry",
        "fridge-frame": "v1/{device}/frame",
        "fridge-event": "v1/{device}/event",
        "fridge-command-setSetpoint": "v1/{device}/cmd/setSetpoint",
    }
    for channel in made["channels"].values():
        assert channel["parameters"]["device"]["enum"] == ["f1"]
    assert {one["action"] for one in made["operations"].values()} == {"send", "receive"}
    for operation in made["operations"].values():
        channel = operation["channel"]["$ref"]
        assert all(one["$ref"].startswith(f"{channel}/messages/") for one in operation["messages"])


def test_the_schema_of_values_takes_what_devices_send() -> None:
    made = document()
    schema = made["components"]["schemas"]["fridge-values"]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(
        {"ts": 1, "temperature": 3.5, "where": {"latitude": 1, "longitude": 2}}
    )
    assert not validator.is_valid({"temperature": "cold"})
    assert not validator.is_valid({"temperature": -9})
