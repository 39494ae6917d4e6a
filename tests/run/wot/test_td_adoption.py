"""Documents of others become types of ours, and what is left out is told."""

from __future__ import annotations

from typing import Any

import pytest

from jalon.catalogues.unit_words import ucum_of
from jalon.run.fleet_checks import check_things
from jalon.run.things import ThingModel
from jalon.run.wot.adopt import adopt, identifier
from jalon.run.wot.inherit import inherited

CONTEXT = "https://www.w3.org/2022/wot/td/v1.1"


def model(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A Thing Model with these properties."""
    return {"@context": CONTEXT, "@type": "tm:ThingModel", "properties": properties, **more}


def adopted(document: dict[str, Any]) -> tuple[ThingModel, list[str]]:
    """Our type, and the pointers of what is not in it."""
    made = adopt(document, "thing")
    thing = ThingModel.model_validate(made.model)
    assert list(check_things({"thing": thing})) == []
    return thing, [one.pointer for one in made.left_out]


def test_units_ranges_titles_and_forms_are_kept() -> None:
    form = {"href": "31?quantity=2", "modv:entity": "InputRegister"}
    thing, left_out = adopted(
        model(
            {
                "temperature": {
                    "type": "number",
                    "unit": "qudt:DEG_C",
                    "minimum": -20,
                    "exclusiveMaximum": 60,
                    "titles": {"en-GB": "Temperature"},
                    "forms": [form],
                }
            }
        )
    )
    found = thing.properties["temperature"]
    assert (found.unit, found.minimum, found.maximum) == ("Cel", -20, 60)
    assert found.titles == {"en": "Temperature"}
    assert found.forms[0].href == "31?quantity=2"
    assert (found.forms[0].model_extra or {})["modv:entity"] == "InputRegister"
    assert left_out == []


def test_an_object_becomes_its_values_and_a_location_stays_one() -> None:
    thing, left_out = adopted(
        model(
            {
                "air": {
                    "type": "object",
                    "readOnly": True,
                    "properties": {
                        "temperature": {"type": "number"},
                        "dust": {"type": "object", "properties": {"pm10": {"type": "number"}}},
                        "curve": {"type": "array"},
                    },
                },
                "place": {
                    "type": "object",
                    "properties": {"latitude": {"type": "number"}, "longitude": {"type": "number"}},
                },
            }
        )
    )
    assert {name: one.path for name, one in thing.properties.items()} == {
        "air_temperature": "air.temperature",
        "air_dust_pm10": "air.dust.pm10",
        "place": None,
    }
    assert thing.properties["air_temperature"].read_only
    assert left_out == ["/properties/air/properties/curve"]


def test_what_has_no_place_here_is_named() -> None:
    document = model(
        {
            "état": {"type": "string"},
            "list": {"type": "array"},
            "open": {},
            "level": {"type": "number", "unit": "furlong", "maximum": "{{MAX}}"},
        },
        securityDefinitions={"none": {"scheme": "nosec"}},
        events={"hot": {"data": {"type": "number"}, "forms": [{"href": "x"}]}},
    )
    thing, left_out = adopted(document)
    assert sorted(thing.properties) == ["etat", "level"]
    assert thing.title == "thing"
    assert thing.events["hot"].data is not None
    assert left_out == [
        "/securityDefinitions",
        "/properties/état",
        "/properties/list",
        "/properties/open",
        "/properties/level/unit",
        "/properties/level/maximum",
        "/events/hot/forms",
    ]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("modbus+tcp://10.0.0.2:502/1/40?quantity=2", "40?quantity=2"),
        (
            "opc.tcp://10.0.0.2:4840/?id=nsu=http://x.example/;s=Speed",
            "nsu=http://x.example/;s=Speed",
        ),
        ("https://lamp.example/status", "https://lamp.example/status"),
    ],
)
def test_the_host_leaves_an_address_that_our_links_read(written: str, kept: str) -> None:
    thing, _ = adopted(model({"x": {"type": "number", "forms": [{"href": written}]}}))
    assert thing.properties["x"].forms[0].href == kept


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("qudt:DEG_C", "Cel"),
        ("unit:PERCENT", "%"),
        ("om2:kilowatt", "kW"),
        ("http://qudt.org/vocab/unit/LUX", "lx"),
        ("degree celsius", "Cel"),
        ("C", "Cel"),
        ("°C", "Cel"),
        ("Cel", "Cel"),
        ("m/s", "m/s"),
        ("furlong", None),
    ],
)
def test_units_of_other_vocabularies_are_known(word: str, code: str | None) -> None:
    assert ucum_of(word) == code


def test_an_id_is_made_of_any_name() -> None:
    assert identifier("Télé relève n° 5") == "Tele-releve-n-5"
    assert identifier("灯") == ""


def test_a_model_takes_what_it_extends_and_refers_to() -> None:
    base = model({"a": {"type": "number", "maximum": 5}, "b": {"type": "string"}}, title="Base")
    parts = {"properties": {"p": {"type": "integer", "unit": "%"}}}
    shelf: dict[str, Any] = {"base.tm.json": base, "parts.tm.json": parts}
    document = model(
        {"a": {"maximum": 9}, "c": {"tm:ref": "parts.tm.json#/properties/p", "unit": "W"}},
        links=[
            {"rel": "tm:extends", "href": "base.tm.json"},
            {"rel": "about", "href": "https://x.example"},
        ],
    )
    whole, missing = inherited(document, shelf.get)
    assert missing == []
    assert whole["properties"] == {
        "a": {"type": "number", "maximum": 9},
        "b": {"type": "string"},
        "c": {"type": "integer", "unit": "W"},
    }
    assert whole["title"] == "Base"
    assert whole["links"] == [{"rel": "about", "href": "https://x.example"}]


def test_what_is_not_at_hand_is_named_and_a_circle_ends() -> None:
    circle = model({}, links=[{"rel": "tm:extends", "href": "circle"}])
    _, missing = inherited(circle, {"circle": circle}.get)
    assert [one.pointer for one in missing] == ["/links/0"]
    _, missing = inherited(model({"x": {"tm:ref": "away#/properties/x"}}), lambda _: None)
    assert [one.pointer for one in missing] == ["/properties/x"]
