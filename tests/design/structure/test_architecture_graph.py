"""The graph of an architecture: protections, rates, roads, loads, growth."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.app.solution import load
from jalon.catalogues.component_kinds import kinds_named
from jalon.catalogues.flow_protocols import protocol_named
from jalon.design.blueprint import Blueprint
from jalon.design.spec.architecture import ArchitectureFile, Flow
from jalon.design.spec.solution import SolutionFile
from jalon.design.structure.graph import graph
from jalon.design.structure.growth import growth, loads
from jalon.design.structure.protection import protection_of
from jalon.design.structure.rates import per_day
from jalon.design.structure.roads import road, single_points

EXAMPLES = Path(__file__).parents[3] / "examples"
ABOUT = SolutionFile.model_validate(
    {"id": "one", "name": "One", "client": {"name": "C"}, "problem": {"statement": "P"}}
)


def chain(length: int, *, direct: bool = False) -> Blueprint:
    """Ten sensors, then so many relays behind each other, then a service and its pages; with
    `direct`, a flow of the sensors' own that goes to the service without the relays."""
    names = ["sensors", *(f"relay-{n}" for n in range(length)), "service", "pages"]
    layers = ["perception", *["network"] * length, "processing", "application"]
    components = [
        {"id": name, "name": name, "layer": layer, "kind": "bridge" if "relay" in name else None}
        | ({"count": 10} if name == "sensors" else {})
        for name, layer in zip(names, layers, strict=True)
    ]
    flows: list[dict[str, object]] = [
        {
            "id": f"F{n}",
            "from": near,
            "to": far,
            "protocol": "MQTT",
            "size": 100,
            "rate": "on event" if n else "6/h",
        }
        for n, (near, far) in enumerate(pairwise(names))
    ]
    if direct:
        flows.append(
            {"id": "D", "from": "sensors", "to": "service", "protocol": "MQTT", "rate": "1/d"}
        )
    file = ArchitectureFile.model_validate({"components": components, "flows": flows})
    return Blueprint(about=ABOUT, architecture=file)


def flow(protocol: str, **protection: str) -> Flow:
    """A flow of that protocol and protection."""
    return Flow.model_validate(
        {"id": "F", "from": "a", "to": "b", "protocol": protocol, "protection": protection or None}
    )


@pytest.mark.parametrize(
    ("protocol", "written", "encryption", "authentication", "integrity"),
    [
        ("MQTT", {"encryption": "TLS 1.3", "authentication": "client certificate"},
         ("tls", "good"), ("certificate", "good"), ("tls", "good")),
        ("LoRaWAN", {"encryption": "AES-128 (AppSKey)", "authentication": "OTAA keys of the device",
                     "integrity": "MIC (NwkSKey)"},
         ("lorawan", "good"), ("key", "good"), ("mac", "good")),
        ("LoRaWAN", {}, ("lorawan", "good"), ("", "unknown"), ("lorawan", "good")),
        ("HTTPS", {}, ("tls", "good"), ("", "unknown"), ("tls", "good")),
        ("MQTT", {}, ("", "unknown"), ("", "unknown"), ("", "unknown")),
        ("MQTT", {"encryption": "none", "authentication": "none", "integrity": "CRC-16"},
         ("", "none"), ("", "none"), ("weak", "weak")),
        ("NATS", {"encryption": "none (same machine)", "authentication": "token made at start"},
         ("", "decided"), ("token", "good"), ("", "unknown")),
        ("in process", {}, ("", "decided"), ("", "decided"), ("", "decided")),
        ("MQTT", {"encryption": "TLS 1.1", "authentication": "mot de passe partagé"},
         ("weak", "weak"), ("weak", "weak"), ("", "unknown")),
        ("CoAP", {"encryption": "DTLS 1.2", "authentication": "PSK"},
         ("dtls", "good"), ("key", "good"), ("dtls", "good")),
        ("MQTT", {"encryption": "quantum veil"}, ("", "other"), ("", "unknown"), ("", "unknown")),
    ],
)  # fmt: skip
def test_protection_is_read_from_the_words(
    protocol: str,
    written: dict[str, str],
    encryption: tuple[str, str],
    authentication: tuple[str, str],
    integrity: tuple[str, str],
) -> None:
    found = protection_of(flow(protocol, **written))
    assert (found.encryption.means, found.encryption.strength) == encryption
    assert (found.authentication.means, found.authentication.strength) == authentication
    assert (found.integrity.means, found.integrity.strength) == integrity


def test_tls_with_a_wrong_number_is_not_taken_for_a_broken_one() -> None:
    for text in ("TLS 1.2", "TLS 1.3", "TLS", "tls 1.12"):
        assert protection_of(flow("MQTT", encryption=text)).encryption.strength == "good", text


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("sensor and display", ("sensor", "display")),
        ("sensor and actuator", ("sensor", "actuator")),
        ("MQTT bridge", ("bridge",)),
        ("web pages", ("pages",)),
        ("Passerelle", ("gateway",)),
        ("identity store", ("identity-store",)),
        ("moonbeam", ()),
    ],
)
def test_kinds_are_read_from_the_words(text: str, known: tuple[str, ...]) -> None:
    assert kinds_named(text)[0] == known


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("MQTT", "mqtt"),
        ("MQTT over Wi-Fi", "mqtt"),
        ("MQTTS", "mqtt"),
        ("LoRaWAN 1.0.3", "lorawan"),
        ("Modbus TCP", "modbus-tcp"),
        ("Modbus RTU", "modbus-rtu"),
        ("HTTPS webhook", "https"),
        ("e-mail", "smtp"),
        ("smoke signals", None),
    ],
)
def test_protocols_are_read_from_the_words(text: str, known: str | None) -> None:
    found = protocol_named(text)
    assert (found.id if found else None) == known


@given(
    times=st.floats(0, 1e5, allow_nan=False).map(lambda one: round(one, 3)),
    every=st.integers(1, 1000),
    unit=st.sampled_from([("s", 86_400), ("min", 1_440), ("h", 24), ("d", 1)]),
)
def test_rates_are_messages_a_day(times: float, every: int, unit: tuple[str, int]) -> None:
    word, a_day = unit
    assert per_day(f"{times:.3f}/{every} {word}") == pytest.approx(times * a_day / every)
    assert per_day(f"{times:.3f}/{word}") == pytest.approx(times * a_day)


def test_events_are_no_rate() -> None:
    assert per_day("on event") is None
    assert per_day(None) is None


@given(length=st.integers(1, 12))
def test_every_relay_of_a_chain_stands_alone(length: int) -> None:
    blueprint = chain(length)
    whole = graph(blueprint)
    alone = {point.nodes[0].id for point in single_points(blueprint)}
    assert alone == {*(f"relay-{n}" for n in range(length)), "service"}
    assert {point.devices for point in single_points(blueprint)} == {10}
    assert [edge.id for edge in road(whole, whole.nodes["sensors"])] == [
        f"F{n}" for n in range(length + 2)
    ]


def test_a_second_road_takes_the_weight_from_the_relays() -> None:
    assert [p.nodes[0].id for p in single_points(chain(2, direct=True))] == ["service"]


def test_a_flow_passes_on_what_it_says_and_nothing_else() -> None:
    whole = graph(load(EXAMPLES / "school-air").blueprint)
    # The gateways' own health goes to the broker; what sensors say goes by the network server.
    cut = whole.reaching(["pages"], without=["lns"], up=True)
    assert "gateways" in cut
    assert "air-sensors" not in cut


def test_commands_go_down_and_readings_go_up() -> None:
    whole = graph(load(EXAMPLES / "school-air").blueprint)
    assert {edge.id for edge in whole.edges.values() if edge.down} == {"F-indicator", "F-command"}


def test_what_is_said_on_events_is_the_sum_of_what_comes_in() -> None:
    school = loads(load(EXAMPLES / "school-air").blueprint)
    assert school["F-uplink"] == 20 * 6 * 24
    assert school["F-backhaul"] == 20 * 6 * 24 + 2 * 4 * 24
    assert school["F-decoded"] == school["F-backhaul"]
    assert school["F-intake"] == school["F-decoded"] + 4 * 720 + 2 * 288
    cold = loads(load(EXAMPLES / "cold-chain").blueprint)
    assert (cold["F-local"], cold["F-site"]) == (6 * 1440, 8 * 1440)
    assert cold["F-bridge"] == cold["F-site"]


@given(factor=st.floats(1, 1000))
def test_growth_multiplies_objects_and_what_passes_on_their_data(factor: float) -> None:
    found = growth(chain(3), factor)
    for one in found.flows:
        assert one.now is not None
        assert one.then is not None
        assert one.then == pytest.approx(one.now * factor)
        assert one.bytes_then == pytest.approx(one.then * 100)


def test_growth_names_what_breaks_first() -> None:
    blueprint = load(EXAMPLES / "school-air").blueprint
    worst = growth(blueprint).bottleneck
    assert worst is not None
    assert (worst.node.id, worst.limit.id) == ("gateways", "lorawan-gateway")
    assert worst.now == pytest.approx((20 * 6 + 2 * 4) / 2)
    assert worst.share_then < 1
    assert worst.breaks_at == pytest.approx(13_900 / 64)
    # At that many objects it is reached, and so a check of 300 times must say.
    beyond = growth(blueprint, 300).bottleneck
    assert beyond is not None
    assert beyond.share_then == pytest.approx(300 / 217.1875)
    assert beyond.breaks_at == pytest.approx(217.1875)


def test_a_circle_of_flows_comes_to_an_end() -> None:
    file = ArchitectureFile.model_validate(
        {
            "components": [
                {"id": "a", "name": "A", "layer": "network"},
                {"id": "b", "name": "B", "layer": "network"},
            ],
            "flows": [
                {"id": "AB", "from": "a", "to": "b", "protocol": "MQTT", "rate": "on event"},
                {"id": "BA", "from": "b", "to": "a", "protocol": "MQTT", "rate": "on event"},
            ],
        }
    )
    assert loads(Blueprint(about=ABOUT, architecture=file)) == {"AB": None, "BA": None}
