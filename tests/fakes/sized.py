"""Small designs to be sized: a few components and flows, and what sizing.yaml says of them."""

from __future__ import annotations

import json

from jalon.design.blueprint import Blueprint, PropertyFacts, ThingFacts
from jalon.design.spec.architecture import ArchitectureFile
from jalon.design.spec.choices import ChoicesFile
from jalon.design.spec.sizing import SizingFile
from jalon.design.spec.solution import SolutionFile
from jalon.vocab.reading import ValueKind
from jalon.vocab.text import Names

NAMES = Names({"en": "Sensor", "fr": "Capteur"})
ARCHITECTURE: dict[str, object] = {
    "components": [
        {
            "id": "sensors",
            "name": "Sensors",
            "layer": "perception",
            "things": ["sensor"],
            "count": 20,
        },
        {"id": "gateways", "name": "Gateways", "layer": "network", "kind": "gateway", "count": 2},
        {"id": "broker", "name": "Broker", "layer": "network", "kind": "broker"},
        {"id": "jalon", "name": "Jalon", "layer": "processing"},
    ],
    "flows": [
        {
            "id": "F-up",
            "from": "sensors",
            "to": "gateways",
            "protocol": "LoRaWAN",
            "size": 20,
            "rate": "1/h",
        },
        {
            "id": "F-net",
            "from": "gateways",
            "to": "broker",
            "protocol": "MQTT",
            "size": 200,
            "rate": "on event",
            "protection": {"encryption": "TLS 1.3"},
        },
        {
            "id": "F-in",
            "from": "broker",
            "to": "jalon",
            "protocol": "NATS",
            "rate": "on event",
        },
    ],
}


def blueprint(
    sizing: dict[str, object] | None = None,
    requirements: list[dict[str, object]] | None = None,
    architecture: dict[str, object] | None = None,
    choices: dict[str, object] | None = None,
    systems: list[dict[str, object]] | None = None,
) -> Blueprint:
    """A design of hourly LoRaWAN sensors, read as its files would be."""
    about = {
        "id": "small",
        "name": "Small",
        "client": {"name": "Client"},
        "problem": {"statement": "Nobody knows."},
        "requirements": requirements or [],
        "existing_systems": systems or [],
    }
    properties = {
        name: PropertyFacts(name, NAMES, "", ValueKind.NUMBER)
        for name in ("temperature", "humidity", "battery")
    }
    thing = ThingFacts("sensor", NAMES, properties, period_s=3600, devices=20)
    return Blueprint(
        about=SolutionFile.model_validate_json(json.dumps(about), by_alias=True, by_name=False),
        architecture=ArchitectureFile.model_validate_json(
            json.dumps(architecture or ARCHITECTURE), by_alias=True, by_name=False
        ),
        sizing=SizingFile.model_validate_json(json.dumps(sizing or {}), strict=True),
        choices=ChoicesFile.model_validate_json(json.dumps(choices or {}), strict=True),
        things={"sensor": thing},
    )


def demand(measure: str, **more: object) -> dict[str, object]:
    """A requirement with a measure."""
    return {
        "id": "R-1",
        "kind": "performance",
        "priority": "must",
        "statement": "It holds.",
        "measure": measure,
        **more,
    }
