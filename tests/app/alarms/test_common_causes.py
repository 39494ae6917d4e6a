"""One alarm for one cause, and quiet for what comes and goes."""

from __future__ import annotations

import dataclasses

from alarm_house import MINUTE_MS, House, ann

from jalon.run.alarms.life import State
from jalon.run.alarms.spec import AlarmsFile, Around, Escalation, Flapping, Group, Step
from jalon.run.control import AlarmSeverity
from jalon.run.fleet import Device

MINOR, MAJOR = AlarmSeverity.MINOR, AlarmSeverity.MAJOR
TELL = [Escalation(id="all", steps=[Step(to=["caretaker"])])]
OUTAGE = Group.model_validate(
    {
        "id": "outage",
        "title": {"en": "A site is silent", "fr": "Un site est muet"},
        "around": "site",
        "members": {"rules": ["silent"]},
        "cause": {"rules": ["gateway-silent"]},
        "at_least": 5,
        "within": "5 min",
    }
)
ZAY = [f"zay-{one}" for one in ("cp-a", "cp-b", "ce1-a", "ce1-b", "ce2-a", "ce2-b", "cm1-a")]


def crowd(house: House, count: int) -> list[str]:
    """So many sensors in one building."""
    fleet = house.solution.fleet
    more = [
        Device(id=f"hall-{n}", name=f"Hall {n}", thing="air-sensor", site="jean-zay")
        for n in range(count)
    ]
    house.solution = dataclasses.replace(
        house.solution, fleet=fleet.model_copy(update={"devices": [*fleet.devices, *more]})
    )
    return [f"device:{one.id}" for one in more]


def test_two_hundred_silent_sensors_are_one_message(house: House) -> None:
    sensors = crowd(house, 200)
    house.says(AlarmsFile(escalations=TELL, groups=[OUTAGE]))
    for sensor in sensors:
        house.decide(MINOR, sensor, rule="silent")
        house.now_ms += 100
    house.passes(120)
    assert len(house.outbox) == 1
    (common,) = house.all(alone=True)
    assert (common.by, str(common.subject)) == ("group:outage", "site:jean-zay")
    assert (common.children, common.severity) == (200, MINOR)
    assert house.outbox[0].title["fr"] == "Un site est muet"
    for sensor in sensors[:-1]:
        house.decide(None, sensor, rule="silent")
    house.passes(4)
    assert len(house.outbox) == 1
    house.passes(20)
    told = [(one.severity, one.subject) for one in house.outbox[1:]]
    assert told == [(None, "site:jean-zay"), (MINOR, sensors[-1])], (
        "the battery that died meanwhile is told on its own"
    )


def test_all_back_ends_the_common_alarm_at_once(house: House) -> None:
    house.says(AlarmsFile(escalations=TELL, groups=[OUTAGE]))
    for device in ZAY:
        house.decide(MINOR, f"device:{device}", rule="silent")
    house.passes(1)
    for device in ZAY:
        house.decide(None, f"device:{device}", rule="silent")
    assert [one.title["en"] for one in house.outbox] == ["A site is silent"] * 2
    assert [one.severity for one in house.outbox] == [MINOR, None]
    house.passes(60)
    assert len(house.outbox) == 2


def test_the_cause_takes_those_that_came_before_and_after_it(house: House) -> None:
    house.says(AlarmsFile(escalations=TELL, groups=[OUTAGE]))
    house.decide(MINOR, "device:zay-cp-a", rule="silent")
    house.decide(MINOR, "device:til-ps-a", rule="silent")
    house.passes(1)
    house.decide(MAJOR, "device:zay-gateway", rule="gateway-silent")
    house.passes(1)
    house.decide(MINOR, "device:zay-cp-b", rule="silent")
    assert [one.subject for one in house.outbox] == ["device:zay-gateway"]
    house.passes(10)
    assert [one.subject for one in house.outbox[1:]] == ["device:til-ps-a"], "it is elsewhere"
    gateway = house.all(rule="gateway-silent")[0]
    assert [str(one.subject) for one in house.all(parent=gateway.id)] == [
        "device:zay-cp-b",
        "device:zay-cp-a",
    ]
    house.alarms.desk.acknowledge(gateway.id, ann())
    assert {one.state for one in house.all(parent=gateway.id)} == {State.ACKNOWLEDGED}


def test_when_the_cause_clears_what_is_left_stands_on_its_own(house: House) -> None:
    house.says(AlarmsFile(escalations=TELL, groups=[OUTAGE]))
    house.decide(MAJOR, "device:zay-gateway", rule="gateway-silent")
    for device in ZAY[:3]:
        house.decide(MINOR, f"device:{device}", rule="silent")
    house.passes(30)
    house.decide(None, "device:zay-gateway", rule="gateway-silent")
    house.passes(2)
    for device in ZAY[:2]:
        house.decide(None, f"device:{device}", rule="silent")
    house.passes(30)
    assert [one.subject for one in house.outbox] == [
        "device:zay-gateway",
        "device:zay-gateway",
        f"device:{ZAY[2]}",
    ]
    (left,) = [one for one in house.all(alone=True) if one.holds]
    assert "released" in house.happened(left.id)


def test_a_few_are_told_one_by_one_after_the_holding_time(house: House) -> None:
    house.says(AlarmsFile(escalations=TELL, groups=[OUTAGE]))
    for device in ZAY[:4]:
        house.decide(MINOR, f"device:{device}", rule="silent")
    house.decide(None, f"device:{ZAY[0]}", rule="silent", at_ms=house.now_ms + 1)
    house.passes(4.9)
    assert house.outbox == []
    house.passes(0.2)
    assert len(house.outbox) == 3


def test_a_share_of_the_devices_of_a_gateway_has_a_common_cause(house: House) -> None:
    fleet = house.solution.fleet
    tagged = [
        one.model_copy(update={"tags": [*one.tags, "gateway:zay-gateway"]})
        if one.id in ZAY[:4]
        else one
        for one in fleet.devices
    ]
    fleet = fleet.model_copy(update={"devices": tagged})
    house.solution = dataclasses.replace(house.solution, fleet=fleet)
    half = OUTAGE.model_copy(update={"around": Around.GATEWAY, "at_least": None, "share": 50.0})
    house.says(AlarmsFile(escalations=TELL, groups=[half]))
    house.decide(MINOR, f"device:{ZAY[0]}", rule="silent")
    assert house.outbox == []
    house.decide(MINOR, f"device:{ZAY[1]}", rule="silent")
    assert [one.subject for one in house.outbox] == ["device:zay-gateway"]
    house.decide(MINOR, f"device:{ZAY[6]}", rule="silent")
    assert len(house.outbox) == 2, "what has no gateway is told at once"


def test_a_common_alarm_that_a_person_closes_lets_its_members_go(house: House) -> None:
    house.says(AlarmsFile(escalations=TELL, groups=[OUTAGE]))
    for device in ZAY[:5]:
        house.decide(MINOR, f"device:{device}", rule="silent")
    (common,) = house.all(alone=True)
    house.alarms.desk.close(common.id, ann("Five batteries."))
    house.passes(10)
    assert len(house.outbox) == 6
    assert len([one for one in house.all(alone=True) if one.holds]) == 5


def test_what_comes_and_goes_is_told_once_until_it_is_steady(house: House) -> None:
    flapping = Flapping.model_validate({"changes": 4, "within": "10 min", "steady": "15 min"})
    house.says(AlarmsFile(escalations=TELL, flapping=flapping))
    for _ in range(8):
        house.decide(MAJOR)
        house.passes(0.5)
        house.decide(None)
        house.passes(0.5)
    alarm = house.only()
    assert (alarm.flapping, alarm.occurrences) == (True, 8)
    titles = [(one.severity, bool(one.body)) for one in house.outbox]
    assert titles == [
        (MAJOR, False),
        (None, False),
        (MAJOR, False),
        (MAJOR, True),
    ], "raised, over, raised, and that it comes and goes"
    house.decide(MAJOR)
    house.passes(14)
    assert len(house.outbox) == 4
    house.passes(2)
    assert house.told()[4:] == [("caretaker",)]
    assert not house.only().flapping
    assert house.happened(alarm.id)[-2:] == ["steady", "told"]


def test_what_ends_quiet_after_flapping_says_that_it_is_over(house: House) -> None:
    house.says(AlarmsFile(escalations=TELL, flapping=Flapping(changes=4)))
    for _ in range(3):
        house.decide(MAJOR)
        house.passes(0.5)
        house.decide(None)
        house.passes(0.5)
    before = len(house.outbox)
    house.passes(30)
    assert [one.severity for one in house.outbox[before:]] == [None]


def test_an_alarm_may_belong_to_more_than_one_group(house: House) -> None:
    gateway = OUTAGE.model_copy(update={"id": "gateway", "at_least": None})
    many = OUTAGE.model_copy(update={"id": "many", "cause": None, "within": 10 * MINUTE_MS})
    house.says(AlarmsFile(escalations=TELL, groups=[gateway, many]))
    for device in ZAY[:4]:
        house.decide(MINOR, f"device:{device}", rule="silent")
    house.passes(9)
    assert house.outbox == [], "the longer time of the two"
    house.decide(MINOR, f"device:{ZAY[4]}", rule="silent")
    assert [one.subject for one in house.outbox] == ["site:jean-zay"]
    (common,) = house.all(alone=True)
    assert common.by == "group:many"


def test_what_a_cause_leaves_behind_is_one_message_when_it_is_many(house: House) -> None:
    house.says(AlarmsFile(escalations=TELL, groups=[OUTAGE]))
    house.decide(MAJOR, "device:zay-gateway", rule="gateway-silent")
    for device in ZAY:
        house.decide(MINOR, f"device:{device}", rule="silent")
    house.passes(30)
    house.decide(None, "device:zay-gateway", rule="gateway-silent")
    house.passes(30)
    assert [one.subject for one in house.outbox] == [
        "device:zay-gateway",
        "device:zay-gateway",
        "site:jean-zay",
    ]
