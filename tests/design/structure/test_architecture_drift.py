"""What runs against what is declared: each difference, and none where there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.structure.drift import (
    Actual,
    Destination,
    Drift,
    LinkSeen,
    ListenerSeen,
    Stranger,
    ThingSeen,
    drift,
)
from jalon.vocab.finding import Severity

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def school() -> Blueprint:
    """The example school."""
    return load(EXAMPLES / "school-air").blueprint


AS_DECLARED = Actual(
    at_ms=0,
    things=(
        ThingSeen("air-sensor", 20, 20, (), ("lorawan",)),
        ThingSeen("air-display", 4, 4, (), ("mqtt",)),
        ThingSeen("outdoor-sensor", 2, 2, (), ("lorawan",)),
        ThingSeen("gateway", 2, 2, (), ("mqtt",)),
    ),
    listeners=(
        ListenerSeen("https", "0.0.0.0:8443", tls=True, near=False),
        ListenerSeen("mqtt", "0.0.0.0:8883", tls=True, near=False),
    ),
    destinations=(
        Destination("city", "webhooks", "https", "data.town.example", encrypted=True),
        Destination("backup", "exports", "in-process", "exports", encrypted=True, near=True),
    ),
)


def seen(school: Blueprint, **changes: object) -> list[Drift]:
    """The differences of a school that runs as declared but for these."""
    return drift(school, replace(AS_DECLARED, **changes))  # type: ignore[arg-type]


def test_what_runs_as_declared_does_not_drift(school: Blueprint) -> None:
    assert seen(school) == []


def test_a_flow_that_no_data_took_is_told_with_its_devices(school: Blueprint) -> None:
    quiet = replace(AS_DECLARED.things[0], heard=0, never=("a", "b"))
    [found] = seen(school, things=(quiet, *AS_DECLARED.things[1:]))
    assert (found.rule, found.severity) == ("silent-flow", Severity.WARNING)
    assert (found.flow, found.component) == ("F-uplink", "air-sensors")


def test_some_devices_that_were_never_heard_are_named(school: Blueprint) -> None:
    names = tuple(f"zay-{n}" for n in range(7))
    some = replace(AS_DECLARED.things[0], heard=13, never=names)
    [found] = seen(school, things=(some, *AS_DECLARED.things[1:]))
    assert (found.rule, found.severity) == ("never-heard", Severity.INFO)
    assert "7 of 20" in str(found.text)
    assert "zay-4, …" in str(found.text)


def test_devices_that_come_in_by_another_road_are_told(school: Blueprint) -> None:
    other = replace(AS_DECLARED.things[0], protocols=("coap", "lorawan"))
    [found] = seen(school, things=(other, *AS_DECLARED.things[1:]))
    assert found.rule == "other-protocol"
    assert "coap" in str(found.text)


def test_devices_of_a_type_that_no_component_stands_for_are_told(school: Blueprint) -> None:
    [found] = seen(school, things=(*AS_DECLARED.things, ThingSeen("toaster", 1, 1)))
    assert (found.rule, found.severity) == ("undeclared-thing", Severity.WARNING)


@pytest.mark.parametrize(("near", "severity"), [(False, "warning"), (True, "info")])
def test_a_door_without_tls_is_held_against_its_flows(
    school: Blueprint, near: bool, severity: str
) -> None:
    door = ListenerSeen("mqtt", "host:1883", tls=False, near=near)
    [found] = seen(school, listeners=(AS_DECLARED.listeners[0], door))
    assert (found.rule, found.severity) == ("not-encrypted", Severity(severity))
    for flow in ("F-decoded", "F-display", "F-indicator", "F-health"):
        assert flow in str(found.text)
    # The gateways' own link ends at the network server: it is no matter of this door.
    assert "F-backhaul" not in str(found.text)


def test_a_link_that_no_flow_speaks_is_told_and_one_that_is_down(school: Blueprint) -> None:
    links = (LinkSeen("plc", "modbus-tcp", up=True), LinkSeen("town", "mqtt", up=False))
    found = {one.rule: one.severity for one in seen(school, links=links)}
    assert found == {"undeclared-link": Severity.WARNING, "link-down": Severity.INFO}


def test_data_that_leaves_to_where_no_flow_goes_is_told(school: Blueprint) -> None:
    more = Destination("ads", "webhooks", "https", "ads.example", encrypted=True)
    [found] = seen(school, destinations=(*AS_DECLARED.destinations, more))
    assert (found.rule, found.severity) == ("undeclared-destination", Severity.WARNING)
    assert "ads.example" in str(found.text)


def test_a_destination_named_like_its_flow_takes_that_one(school: Blueprint) -> None:
    named = Destination("F-open-data", "webhooks", "https", "data.town.example", encrypted=True)
    other = Destination("a-first", "webhooks", "https", "ads.example", encrypted=True)
    [found] = seen(school, destinations=(other, named))
    assert "a-first" in str(found.text)


def test_a_destination_without_encryption_is_held_against_its_flow(school: Blueprint) -> None:
    bare = Destination("city", "webhooks", "https", "data.town.example", encrypted=False)
    [found] = seen(school, destinations=(bare,))
    assert (found.rule, found.flow) == ("not-encrypted", "F-open-data")


def test_a_flow_that_nothing_carries_is_a_note(school: Blueprint) -> None:
    [found] = seen(school, destinations=())
    assert (found.rule, found.severity, found.flow) == (
        "not-carried",
        Severity.INFO,
        "F-open-data",
    )


def test_who_knocks_undeclared_is_told_before_what_is_unknown(school: Blueprint) -> None:
    found = seen(school, strangers=(Stranger("ghost", "", 3),), unknown={"unknown-topic": 4})
    assert [one.rule for one in found] == ["stranger", "unknown-message"]
    assert "ghost" in str(found[0].text)
    assert str(found[1].text).startswith("4 messages")
