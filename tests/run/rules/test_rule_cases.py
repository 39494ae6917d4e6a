"""Test cases of rules say what failed, and only that."""

from __future__ import annotations

import textwrap

import pytest
import yaml

from jalon.run.calendars import CalendarsFile
from jalon.run.control import AlarmDue
from jalon.run.fleet import Device, Fleet, Room, Site
from jalon.run.rules.cases import CaseResult, Mismatch, case_world, run_cases
from jalon.run.rules.engine import World
from jalon.run.rules.spec import Rule, RuleFile
from jalon.run.things import ThingModel

THING = ThingModel.model_validate(
    {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "@type": "tm:ThingModel",
        "title": "Probe",
        "properties": {
            "co2": {"type": "number", "unit": "[ppm]", "maximum": 5000},
            "door": {"type": "string"},
            "open": {"type": "boolean"},
            "where": {"type": "object"},
            "double": {"type": "number"},
        },
    }
)


def world() -> World:
    """Two probes in one room, one in another."""
    rooms = [Room(id="a", name="A"), Room(id="b", name="B")]
    site = Site(id="home", name="Home", zone="Europe/Paris", rooms=rooms)
    places = {"one": "a", "two": "a", "three": "b"}
    devices = [
        Device(id=name, name=name, thing="probe", site="home", room=room)
        for name, room in places.items()
    ]
    return case_world(Fleet(sites=[site], devices=devices), {"probe": THING}, CalendarsFile())


def rule(text: str) -> Rule:
    """A rule as it stands in a file."""
    entry = yaml.safe_load(textwrap.dedent(text))
    return RuleFile.model_validate({"rules": [entry]}).rules[0]


def results(text: str) -> list[CaseResult]:
    """Of every case of a rule."""
    return list(run_cases(rule(text), world()))


HIGH = """
id: high
severity: major
when: co2 > 800
clear: co2 < 700
for: 10 min
mode: dry-run
actions:
  - {kind: notify, to: [anne], words: "{device}: {co2}"}
tests:
  - name: one
    given:
      - {at: 0 min, values: {co2: 900}, every: 5 min, until: 30 min}
      - {at: 40 min, values: {co2: 650}}
    expect:
"""


def test_a_case_passes_and_shows_what_happened() -> None:
    (found,) = results(
        HIGH
        + """
      - {at: 9 min, severity: none, notified: []}
      - {at: 11 min, severity: major, active: true, notified: anne}
      - {at: 41 min, severity: none, active: false, notified: []}
"""
    )
    assert found.passed, found.mismatches
    alarms = [one.decision for one in found.happened if isinstance(one.decision, AlarmDue)]
    assert [one.severity for one in alarms] == ["major", None]
    assert next(one.after_ms for one in found.happened) == 600_000, "by its timer, in virtual time"


def test_every_check_that_fails_is_told_with_what_came() -> None:
    (found,) = results(
        HIGH
        + """
      - {at: 9 min, severity: major}
      - {at: 20 min, severity: minor, notified: [], command: none, called: [], words: xyz}
"""
    )
    assert found.mismatches[0] == Mismatch(0, "severity", 540_000, "major", "none")
    told = {one.key: one.came for one in found.mismatches if one.expect == 1}
    assert told["severity"] == "major"
    assert told["notified"] == ["anne"]
    assert set(told) == {"severity", "notified", "words"}


def test_each_check_counts_what_was_told_since_the_one_before() -> None:
    (found,) = results(
        HIGH
        + """
      - {at: 12 min, notified: anne}
      - {at: 13 min, notified: []}
"""
    )
    assert found.passed, found.mismatches


def test_cases_of_rooms_choose_the_device_that_can_report() -> None:
    (found,) = results(
        """
id: room
for_each: room
severity: minor
when: 'place.mean("co2") > 800'
tests:
  - name: mean of the room
    about: home/a
    given:
      - {at: 0 s, values: {co2: 1000}}
      - {at: 10 s, device: two, values: {co2: 700}}
      - {at: 20 s, device: three, values: {co2: 5000}}
    expect:
      - {at: 30 s, severity: minor}
      - {at: 30 s, about: home/b, severity: minor}
"""
    )
    assert found.passed, found.mismatches


@pytest.mark.parametrize(
    ("about", "given", "reason"),
    [
        ("nobody", "{at: 0 s, values: {co2: 1}}", "not about “nobody”"),
        ("one", "{at: 0 s, values: {noise: 1}}", "reports noise"),
        ("one", "{at: 0 s, values: {co2: loud}}", "“loud” is no value"),
    ],
)
def test_a_case_that_cannot_be_run_says_why(about: str, given: str, reason: str) -> None:
    (found,) = results(
        f"""
id: high
when: co2 > 800
tests:
  - name: one
    about: {about}
    given: [{given}]
    expect: [{{at: 1 s, active: false}}]
"""
    )
    assert not found.passed
    assert reason in str(found.trouble)


def test_maintenance_keeps_a_rule_quiet() -> None:
    (found,) = results(
        """
id: high
severity: major
when: co2 > 800
tests:
  - name: in maintenance
    given:
      - {at: 0 min, values: {co2: 900}, every: 1 min}
    maintenance:
      - {from: 0 min, until: 10 min}
    expect:
      - {at: 5 min, severity: none}
      - {at: 12 min, severity: major}
"""
    )
    assert found.passed, found.mismatches


def test_values_of_every_kind_can_be_given() -> None:
    (found,) = results(
        """
id: all
when: 'co2 > 1 && door == "ajar" && open && distance(where, point(47.0, 2.0)) < 100.0'
tests:
  - name: every kind
    given:
      - {at: 0 s, values: {co2: 2, door: ajar, open: true}}
      - {at: 1 s, values: {where: {latitude: 47.0, longitude: 2.0}}}
    expect:
      - {at: 0 s, active: false}
      - {at: 2 s, active: true}
"""
    )
    assert found.passed, (found.mismatches, found.trouble)


def test_a_computed_value_is_checked_by_its_name() -> None:
    (found,) = results(
        """
id: twice
compute: {property: double, value: co2 * 2}
tests:
  - name: it doubles
    given:
      - {at: 1 s, values: {co2: 21}}
    expect:
      - {at: 0 s, computed: {double: null}}
      - {at: 2 s, computed: {double: 42}}
"""
    )
    assert found.passed, found.mismatches
