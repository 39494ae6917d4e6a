"""What `alarms.yaml` may say, and what is said of it when it does not hold together."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from jalon.app.solution import load
from jalon.run.alarms.checks import check_alarms
from jalon.run.alarms.facts import Facts, Whereabouts
from jalon.run.alarms.spec import AlarmsFile, Around, Group
from jalon.run.calendars import CalendarsFile
from jalon.run.control import AlarmSeverity, Subject, SubjectKind
from jalon.run.fleet import Device, Fleet, Site
from jalon.run.known import Known

EXAMPLE = Path(__file__).parents[3] / "examples" / "school-air"
CALENDARS = CalendarsFile.model_validate({"calendars": [{"id": "school", "week": {}}]})


def rules_of(text: str) -> list[str]:
    """The rules of the checks that complain about a file."""
    solution = load(EXAMPLE)
    known = Known(
        solution.things,
        solution.fleet,
        calendars=CALENDARS,
        recipients=frozenset({"caretaker"}),
        rules=frozenset({"co2"}),
    )
    written = AlarmsFile.model_validate(yaml.safe_load(text))
    return [one.rule for one in check_alarms(written, known)]


CHAIN = "escalations: [{id: a, steps: [{to: [caretaker]}], %s}]"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CHAIN % "alarms: {rules: [co2], sites: [jean-zay]}, during: school", []),
        (CHAIN % "alarms: {rules: [c02]}", ["alarms.rule"]),
        (CHAIN % "alarms: {sites: [nowhere]}", ["alarms.site"]),
        (CHAIN % "outside: holidays", ["alarms.calendar"]),
        (CHAIN % "during: school, outside: school", ["alarms.never"]),
        ("escalations: [{id: a, steps: [{to: [nobody]}]}]", ["alarms.recipient"]),
        ("silences: [{id: n, scope: 'site:jean-zay', calendar: school}]", []),
        ("silences: [{id: n, scope: 'link:x', calendar: school}]", []),
        ("silences: [{id: n, scope: 'rule:co2', calendar: schol}]", ["alarms.calendar"]),
        ("silences: [{id: n, scope: 'room:jean-zay/attic', calendar: school}]", ["alarms.scope"]),
        ("silences: [{id: n, scope: 'all', calendar: school}]", ["alarms.scope"]),
        ("groups: [{id: g, title: G, around: site, members: {}}]", ["alarms.no-cause"]),
        (
            "groups: [{id: g, title: G, around: site, members: {}, at_least: 3},"
            " {id: g, title: G, around: link, members: {}, cause: {rules: [co2]}}]",
            ["alarms.id"],
        ),
    ],
)
def test_what_does_not_hold_together_is_said(text: str, found: list[str]) -> None:
    assert rules_of(text) == found


def test_a_device_is_around_its_gateway_link_room_and_site() -> None:
    device = Device(
        id="a", name="A", thing="t", site="s", room="r", link="l", tags=["gateway:g", "air"]
    )
    fleet = Fleet(sites=[Site(id="s", name="S", zone="Europe/Paris")], devices=[device])
    place = Whereabouts(fleet).place(Subject(SubjectKind.DEVICE, "a"))
    assert {one: one.of(place) for one in Around} == {
        Around.GATEWAY: "device:g",
        Around.LINK: "link:l",
        Around.ROOM: "room:s/r",
        Around.SITE: "site:s",
        Around.SOLUTION: "solution:",
    }
    assert list(place.scopes) == ["device:a", "room:s/r", "site:s", "link:l", "solution:"]


def test_the_cause_is_no_consequence_of_itself() -> None:
    group = Group.model_validate(
        {
            "id": "g",
            "title": "G",
            "around": "gateway",
            "members": {"tags": ["silent"]},
            "cause": {"rules": ["gateway"]},
        }
    )
    gateway = Device(id="g", name="G", thing="t", site="s")
    device = Device(id="a", name="A", thing="t", site="s", tags=["gateway:g"])
    places = Whereabouts(Fleet(devices=[gateway, device]))

    def facts(rule: str, name: str) -> Facts:
        """An alarm of silence."""
        place = places.place(Subject(SubjectKind.DEVICE, name))
        return Facts(rule, AlarmSeverity.MINOR, place, frozenset({"silent"}))

    assert group.origin(facts("gateway", "g")) == "device:g"
    assert group.consequence(facts("gateway", "g")) is None
    assert group.consequence(facts("silent", "a")) == "device:g"
    assert group.consequence(facts("silent", "g")) is None, "it is behind no gateway"


@pytest.mark.parametrize(
    ("numbers", "devices", "enough"),
    [
        ({"at_least": 5}, 200, 5),
        ({"share": 50}, 200, 100),
        ({"share": 50}, 3, 2),
        ({"share": 10}, 3, 2),
        ({"at_least": 5, "share": 50}, 4, 2),
        ({"at_least": 5, "share": 50}, 40, 5),
    ],
)
def test_how_many_have_a_common_cause(numbers: dict[str, int], devices: int, enough: int) -> None:
    group = Group.model_validate(
        {"id": "g", "title": "G", "around": "site", "members": {}, **numbers}
    )
    assert group.enough(devices) == enough
