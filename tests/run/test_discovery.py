"""Devices that announce themselves: what Zigbee2MQTT, ESPHome and Tasmota write, and what we
propose for it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.run.announcements import Announcement, Source, Withdrawal, joined, without
from jalon.run.discovery import listening
from jalon.run.discovery.proposal import Proposal, propose
from jalon.run.discovery.templates import NotUnderstood, Spot, understand
from jalon.run.fleet import Device
from jalon.run.links import Member, external_topic
from jalon.run.things import ThingModel
from jalon.run.topic_mapping import topic_map

TRACES = Path(__file__).parent / "announced"


def messages(trace: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((TRACES / f"{trace}.json").read_text("utf-8"))
    return found


@cache
def announced(trace: str) -> dict[str, Announcement]:
    """Every device of a trace, by name."""
    known: dict[str, Announcement] = {}
    for topic, config in messages(trace).items():
        heard = listening.read(topic, json.dumps(config).encode())
        if isinstance(heard, Announcement):
            known[heard.unique_id] = joined(known.get(heard.unique_id), heard)
    return {one.name: one for one in known.values()}


def proposed(trace: str, name: str) -> Proposal:
    return propose(announced(trace)[name])


def heard(proposal: Proposal, said: dict[str, bytes], link: str = "plant") -> dict[str, object]:
    """What the proposed device is heard to say when these are published on its link."""
    device = Device(
        id=proposal.device_id,
        name=proposal.name,
        thing=proposal.thing_id,
        site="here",
        link=link,
        address=proposal.address,
    )
    routes = topic_map([Member(device, proposal.thing)]).routes
    values: dict[str, object] = {}
    for topic, payload in said.items():
        read = routes[external_topic(link, topic)].read(payload)
        assert isinstance(read, dict)
        values |= read
    return values


def test_zigbee2mqtt_announces_one_value_a_message_and_it_is_one_device() -> None:
    sensor = announced("zigbee2mqtt")["Salle 12"]
    assert sensor.source is Source.HOME_ASSISTANT
    assert sensor.unique_id == "zigbee2mqtt_0x00158d0008a1b2c3"
    assert sensor.manufacturer == "Aqara"
    assert sensor.via == "zigbee2mqtt_bridge_0x00124b0024c2d1aa"
    assert [one.key for one in sensor.entities] == [
        "temperature",
        "humidity",
        "battery",
        "linkquality",
    ]
    assert [one.diagnostic for one in sensor.entities] == [False, False, True, True]


def test_a_zigbee_sensor_is_proposed_with_its_names_units_and_address() -> None:
    found = proposed("zigbee2mqtt", "Salle 12")
    assert (found.device_id, found.address) == ("salle-12", "zigbee2mqtt/Salle 12")
    properties = found.thing.properties
    assert {name: one.unit for name, one in properties.items()} == {
        "temperature": "Cel",
        "humidity": "%",
        "battery": "%",
        "linkquality": None,
    }
    assert properties["temperature"].titles == {"fr": "Température", "en": "Temperature"}
    assert (properties["humidity"].minimum, properties["humidity"].maximum) == (0, 100)
    payload = b'{"temperature":21.4,"humidity":47,"battery":97,"linkquality":120,"voltage":3005}'
    assert heard(found, {"zigbee2mqtt/Salle 12": payload}) == {
        "temperature": 21.4,
        "humidity": 47,
        "battery": 97,
        "linkquality": 120,
    }


def test_a_contact_keeps_what_the_device_says_of_itself() -> None:
    found = proposed("zigbee2mqtt", "Porte réserve")
    assert found.device_id == "porte-reserve"
    assert found.thing.properties["contact"].titles["fr"] == "Contact"
    assert heard(found, {"zigbee2mqtt/Porte réserve": b'{"contact":true}'}) == {"contact": True}


def test_a_plug_keeps_where_its_commands_go() -> None:
    found = proposed("zigbee2mqtt", "Prise imprimante")
    state = found.thing.properties["state"]
    assert not state.read_only
    assert state.titles["fr"] == "Interrupteur"
    assert [(form.href, form.model_extra) for form in state.forms] == [
        ("set", {"op": "writeproperty"})
    ]
    said = {"zigbee2mqtt/Prise imprimante": b'{"state":"ON","power":23.5,"energy":1.25}'}
    assert heard(found, said) == {"state": True, "power": 23.5, "energy": 1.25}
    assert found.thing.properties["power_outage_memory"].enum == ["on", "off", "restore"]


def test_a_light_in_json_has_its_brightness() -> None:
    found = proposed("zigbee2mqtt", "Lampe hall")
    said = {"zigbee2mqtt/Lampe hall": b'{"state":"OFF","brightness":120,"color_temp":366}'}
    assert heard(found, said) == {"state": False, "brightness": 120, "color_temp": 366}


def test_a_template_that_is_a_program_is_shown_and_left_out() -> None:
    found = proposed("zigbee2mqtt", "Vanne CDI")
    assert list(found.thing.properties) == [
        "local_temperature",
        "occupied_heating_setpoint",
        "system_mode",
    ]
    assert found.thing.properties["occupied_heating_setpoint"].maximum == 30
    assert [one.key for one in found.left_out] == ["climate_action"]
    assert found.left_out[0].not_understood.startswith("{% set")


def test_an_esphome_node_has_a_topic_for_each_value() -> None:
    found = proposed("esphome", "cave")
    assert found.address == "cave"
    said = {
        "cave/sensor/co2/state": b"815",
        "cave/sensor/pm2_5/state": b"nan",
        "cave/binary_sensor/fuite/state": b"OFF",
        "cave/switch/pompe/state": b"ON",
        "cave/number/seuil/state": b"12.5",
        "cave/select/mode/state": b"auto",
        "cave/cover/volet/state": b"open",
        "cave/cover/volet/position/state": b"80",
    }
    assert heard(found, said) == {
        "co2": 815.0,
        "fuite": False,
        "pompe": True,
        "seuil": 12.5,
        "mode": "auto",
        "volet": "open",
        "volet_position": 80.0,
    }
    units = {name: one.unit for name, one in found.thing.properties.items() if one.unit}
    assert units["co2"] == "[ppm]"
    assert units["pm2_5"] == "ug/m3"
    assert units["wifi_signal"] == "dB[mW]"
    assert found.thing.properties["fuite"].titles["fr"] == "Eau détectée"
    assert found.thing.actions["redemarrer"].forms[0].href == "button/redemarrer/command"


def test_tasmota_tells_where_in_one_message_and_what_in_another() -> None:
    plug = announced("tasmota")["Prise serveur"]
    assert (plug.source, plug.unique_id, plug.model) == (Source.TASMOTA, "C82B961F0A1B", "Nous A1T")
    found = propose(plug)
    assert found.address == "prise_serveur"
    said = {
        "tele/prise_serveur/SENSOR": b'{"Time":"x","ENERGY":{"Total":41.9,"Power":23}}',
        "tele/prise_serveur/STATE": b'{"POWER":"OFF","Wifi":{"RSSI":90,"Signal":-55}}',
        "stat/prise_serveur/RESULT": b'{"POWER":"ON"}',
    }
    assert heard(found, said) == {
        "energy_total": 41.9,
        "energy_power": 23,
        "signal": -55,
        "power": True,
    }
    assert found.thing.properties["energy_total"].unit == "kW.h"


def test_the_messages_of_tasmota_may_come_in_any_order() -> None:
    sensors, config = (
        listening.read(topic, json.dumps(messages("tasmota")[topic]).encode())
        for topic in (
            "tasmota/discovery/DC4F22AABBCC/sensors",
            "tasmota/discovery/DC4F22AABBCC/config",
        )
    )
    assert isinstance(sensors, Announcement)
    assert isinstance(config, Announcement)
    early = propose(sensors)
    assert early.name == "DC4F22AABBCC"
    assert len(early.left_out) == 3
    both = propose(joined(sensors, config))
    assert both.name == "Congélateur"
    assert [one.not_understood for one in both.left_out] == ["PM2.5"]
    turned = propose(joined(config, sensors))
    assert set(turned.thing.properties) == set(both.thing.properties)
    titles = [one.titles["fr"] for one in both.thing.properties.values()][:2]
    assert titles == [
        "Température (DS18B20-1 Temperature)",
        "Température (DS18B20-2 Temperature)",
    ]


def test_a_whole_device_in_one_message() -> None:
    found = proposed("whole_device", "Kitchen")
    assert found.address == "bla/kitchen"
    said = {"bla/kitchen/state": b'{"t":215,"h":40}', "bla/kitchen/relay": b"ON"}
    assert heard(found, said) == {"t": 215, "h": 40, "relay": True}
    assert found.thing.properties["t"].scale == pytest.approx(0.1)


def test_the_next_device_of_the_same_make_has_the_same_type() -> None:
    first = proposed("zigbee2mqtt", "Salle 12")
    topic = "homeassistant/sensor/0x00158d0008ffffff/temperature/config"
    things = {first.thing_id: first.thing}
    known: Announcement | None = None
    for topic, config in messages("zigbee2mqtt").items():
        if "0x00158d0008a1b2c3" in topic:
            text = json.dumps(config).replace("0x00158d0008a1b2c3", "0x00158d0008ffffff")
            other = listening.read(
                topic.replace("a1b2c3", "ffffff"), text.replace("Salle 12", "Salle 13").encode()
            )
            assert isinstance(other, Announcement)
            known = joined(known, other)
    assert known is not None
    second = propose(known, things, {"salle-13"})
    assert (second.thing_id, second.device_id) == (first.thing_id, "salle-13-2")
    different = propose(announced("esphome")["cave"], {"espressif-esp32dev": first.thing})
    assert different.thing_id == "espressif-esp32dev-2"


def test_a_name_is_neither_a_formula_nor_an_order_to_a_terminal() -> None:
    """Whoever announces itself chooses what people read."""
    config = {
        "unique_id": "x1",
        "state_topic": "plant/x1",
        "device": {"identifiers": ["x1"], "name": '=HYPERLINK("http://e","\x1b[2Jplug\u202e")'},
    }
    topic = "homeassistant/sensor/x1/value/config"
    found = listening.read(topic, json.dumps(config).encode())
    assert isinstance(found, Announcement)
    assert found.name == '=HYPERLINK("http://e"," [2Jplug ")'
    assert propose(found).name == found.called == 'HYPERLINK("http://e"," [2Jplug ")'


def test_an_empty_message_withdraws_what_was_announced_there() -> None:
    sensor = announced("zigbee2mqtt")["Salle 12"]
    topic = "homeassistant/sensor/0x00158d0008a1b2c3/humidity/config"
    gone = listening.read(topic, b"")
    assert gone == Withdrawal(topic)
    rest = without(sensor, Withdrawal(topic))
    assert rest is not None
    assert [one.key for one in rest.entities] == ["temperature", "battery", "linkquality"]
    assert without(rest, Withdrawal("homeassistant/other")) == rest
    for one in rest.entities:
        rest = without(rest, Withdrawal(one.announced_in)) if rest else None
    assert rest is None


def test_an_announcement_over_a_link_is_read_as_its_sender_wrote_it() -> None:
    topic = "tasmota/discovery/C82B961F0A1B/config"
    payload = json.dumps(messages("tasmota")[topic]).encode()
    assert listening.is_announcement(f"ext/plant/{topic}")
    assert listening.read(f"ext/plant/{topic}", payload) == listening.read(topic, payload)
    assert not listening.is_announcement("ext/plant/zigbee2mqtt/Salle%2012")


@pytest.mark.parametrize("trace", ["zigbee2mqtt", "esphome", "tasmota", "whole_device"])
def test_a_proposed_type_is_the_same_after_it_went_through_a_file(trace: str) -> None:
    for announcement in announced(trace).values():
        thing = propose(announcement).thing
        written = thing.model_dump_json(by_alias=True, exclude_defaults=True)
        assert ThingModel.model_validate_json(written) == thing


@pytest.mark.parametrize(
    ("template", "spot"),
    [
        ("", Spot()),
        ("{{ value }}", Spot()),
        ("{{value_json.temperature}}", Spot("temperature")),
        ("{{ value_json['a']['b'] }}", Spot("a.b")),
        ('{{ value_json["DS18B20-1"].Temperature }}', Spot("DS18B20-1.Temperature")),
        ("{{ value_json.list[0].v }}", Spot("list.0.v")),
        ("{{ value_json.ENERGY.Power }}", Spot("ENERGY.Power")),
        ("{{- value_json.x | float(0) | round(1) -}}", Spot("x")),
        ("{{ value_json.x | default('none', true) | int }}", Spot("x")),
        ("{{ value_json.x | float / 4 }}", Spot("x", 0.25)),
        ("{{ (value_json.x | float * 2 + 1) / 2 | round(1) }}", Spot("x", 1, 0.5)),
        ("{{ value | float - 32 }}", Spot("", 1, -32)),
    ],
)
def test_a_template_that_only_says_where_is_understood(template: str, spot: Spot) -> None:
    assert understand(template) == spot


@pytest.mark.parametrize(
    "template",
    [
        "{{ value_json }}",
        "{{ value_json.x | timestamp_local }}",
        "{% if value_json.x %}ON{% endif %}",
        "{{ 'ON' if value_json.x else 'OFF' }}",
        "{{ value_json.a + value_json.b }}",
        "{{ value_json.x / 0 }}",
        "{{ value_json['a.b'] }}",
        "{{ states('sensor.x') }}",
        "{{ value_json.x }} {{ value_json.y }}",
        "{{ value_json.x == 'on' }}",
        "{{ value_json.x",
        "plain",
        "{{ " + "(" * 200 + "value" + ")" * 200 + " }}",
    ],
)
def test_a_template_that_does_more_is_not(template: str) -> None:
    with pytest.raises(NotUnderstood):
        understand(template)


@given(st.text(alphabet="{}value_json.'[]()|+-*/ 0123ab,float", max_size=60))
def test_any_template_is_understood_or_not(text: str) -> None:
    try:
        found = understand(text)
    except NotUnderstood:
        return
    assert found.scale == found.scale  # a number, or a spot at least


# Every key that the readers look at.
KEYS = sorted(
    set("dev ids cns name ~ stat_t cmd_t val_tpl cmps p mf dev_cla ops".split())  # noqa: SIM905
    | set("schema unit_of_meas rl tp t ft sn".split())  # noqa: SIM905
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from(["sensor", "light", "device", "climate", "button", "cover", "unheard_of"]),
    JSON,
)
def test_whatever_is_announced_is_read_and_proposed_without_a_fault(
    component: str, config: object
) -> None:
    payload = json.dumps(config).encode()
    for topic in (
        f"homeassistant/{component}/node/one/config",
        "tasmota/discovery/C82B961F0A1B/config",
        "tasmota/discovery/C82B961F0A1B/sensors",
    ):
        found = listening.read(topic, payload)
        if isinstance(found, Announcement):
            assert found.unique_id
            assert propose(found).device_id
