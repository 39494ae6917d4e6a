"""How an alarm lives: raised, acknowledged, cleared, closed; nothing twice and nothing late."""

from __future__ import annotations

import pytest
from alarm_house import MINUTE_MS, House, ann

from jalon.app.alarms.desk import AlarmChanged
from jalon.run.alarms.life import Impossible, State
from jalon.run.alarms.spec import AlarmsFile, Closing
from jalon.run.control import AlarmSeverity
from jalon.vocab.errors import UsageError

WARNING, MAJOR = AlarmSeverity.WARNING, AlarmSeverity.MAJOR


def test_an_alarm_from_its_first_to_its_last_day(house: House) -> None:
    house.decide(WARNING, values={"co2": 812.0})
    alarm = house.only()
    assert (alarm.state, alarm.severity, alarm.rule) == (State.ACTIVE, WARNING, "co2")
    assert alarm.values == {"co2": 812.0}
    assert alarm.site == "jean-zay"
    house.passes(3)
    house.decide(MAJOR, values={"co2": 1530.0})
    house.alarms.desk.acknowledge(alarm.id, ann("I open the windows."))
    house.alarms.desk.assign(alarm.id, "ann", ann())
    house.passes(5)
    house.decide(None, values={"co2": 640.0})
    assert house.only().state is State.RESOLVED
    house.passes(15)
    assert house.only().state is State.CLOSED
    assert house.happened(alarm.id) == [
        "raised",
        "worsened",
        "acknowledged",
        "assigned",
        "cleared",
        "closed",
    ]
    history = house.alarms.reader.history(alarm.id)
    assert [one.who for one in history] == [
        "rule:co2",
        "rule:co2",
        "user:ann",
        "user:ann",
        "rule:co2",
        "system",
    ]
    assert history[2].comment == "I open the windows."
    assert [one.values.get("co2") for one in history if one.what in ("raised", "worsened")] == [
        812.0,
        1530.0,
    ]
    assert [one.what for one in house.news] == house.happened(alarm.id)
    assert house.news[-2].severity is None


def test_there_is_one_alarm_of_a_rule_and_a_subject(house: House) -> None:
    house.decide(WARNING)
    house.decide(WARNING)
    house.decide(WARNING, "device:zay-cp-a")
    house.decide(WARNING, rule="heat")
    assert len(house.all()) == 3
    assert {one.occurrences for one in house.all()} == {1}


def test_what_comes_back_before_it_is_closed_is_the_same_alarm(house: House) -> None:
    house.decide(WARNING)
    first = house.only().id
    house.alarms.desk.acknowledge(first, ann())
    house.passes(1)
    house.decide(None)
    house.passes(1)
    house.decide(WARNING)
    again = house.only()
    assert (again.id, again.state, again.occurrences) == (first, State.ACTIVE, 2)
    assert again.acknowledged_by == ""
    house.passes(1)
    house.decide(None)
    house.alarms.desk.close(first, ann())
    house.passes(1)
    house.decide(WARNING)
    assert [one.id for one in house.all() if one.is_open] != [first]
    assert len(house.all()) == 2


def test_a_decision_is_carried_out_once(house: House) -> None:
    house.decide(WARNING, key="k1")
    house.passes(1)
    house.decide(None, key="k2")
    house.passes(1)
    house.decide(WARNING, key="k1", at_ms=house.now_ms)
    assert house.only().state is State.CLEARED
    assert house.happened(house.only().id) == ["raised", "cleared"]


def test_what_is_older_than_the_last_change_does_nothing(house: House) -> None:
    house.passes(10)
    house.decide(WARNING)
    house.decide(None, at_ms=house.now_ms - 5 * MINUTE_MS)
    assert house.only().state is State.ACTIVE
    house.passes(1)
    house.decide(None)
    house.alarms.desk.close(house.only().id, ann())
    house.decide(MAJOR, at_ms=house.now_ms - 5 * MINUTE_MS)
    assert house.only().state is State.CLOSED


def test_clearing_what_was_never_raised_does_nothing(house: House) -> None:
    house.decide(None)
    assert house.all() == []


def test_worse_than_acknowledged_has_to_be_acknowledged_again(house: House) -> None:
    house.decide(WARNING)
    alarm = house.only().id
    house.alarms.desk.acknowledge(alarm, ann())
    house.passes(1)
    house.decide(MAJOR)
    assert house.only().state is State.ACTIVE
    house.alarms.desk.acknowledge(alarm, ann())
    house.passes(1)
    house.decide(WARNING)
    assert house.only().state is State.ACKNOWLEDGED


def test_who_acts_on_what_has_changed_is_told_to_look_again(house: House) -> None:
    house.decide(WARNING)
    seen = house.only()
    house.passes(1)
    house.decide(MAJOR)
    with pytest.raises(AlarmChanged, match="Look again"):
        house.alarms.desk.acknowledge(seen.id, ann(version=seen.version))
    assert house.only().state is State.ACTIVE
    house.alarms.desk.comment(seen.id, ann("Hm."))
    house.alarms.desk.acknowledge(seen.id, ann(version=house.only().version))
    assert house.only().acknowledged_by == "user:ann"


def test_what_is_not_possible_is_said_in_a_sentence(house: House) -> None:
    house.decide(WARNING)
    desk, alarm = house.alarms.desk, house.only().id
    desk.acknowledge(alarm, ann())
    with pytest.raises(Impossible, match="acknowledged already"):
        desk.acknowledge(alarm, ann())
    with pytest.raises(UsageError, match="why it is closed"):
        desk.close(alarm, ann())
    with pytest.raises(UsageError, match="not silenced"):
        desk.unsilence(alarm, ann())
    with pytest.raises(UsageError, match="Write the comment"):
        desk.comment(alarm, ann("  "))
    with pytest.raises(UsageError, match="next 31 days"):
        desk.silence(alarm, house.now_ms - 1, ann())
    with pytest.raises(UsageError, match="no alarm 99"):
        desk.acknowledge(99, ann())
    desk.close(alarm, ann("The sensor is broken."))
    for act in (desk.acknowledge, desk.close):
        with pytest.raises(Impossible, match="The alarm is closed"):
            act(alarm, ann())
    desk.comment(alarm, ann("It was the battery."))
    assert house.happened(alarm)[-1] == "commented"


def test_many_are_acknowledged_at_once_and_the_others_stay(house: House) -> None:
    for device in ("zay-cp-a", "zay-cp-b", "zay-ce1-a"):
        house.decide(WARNING, f"device:{device}")
    ids = [one.id for one in house.all()]
    house.alarms.desk.acknowledge(ids[0], ann())
    assert house.alarms.desk.acknowledge_all([*ids, 99], ann()) == 2
    assert {one.state for one in house.all()} == {State.ACKNOWLEDGED}


def test_what_is_over_is_closed_and_in_the_end_forgotten(house: House) -> None:
    day = 24 * 60
    house.says(AlarmsFile(closing=Closing(unacknowledged=2 * day * MINUTE_MS, keep=MINUTE_MS)))
    house.decide(WARNING)
    house.passes(1)
    house.decide(None)
    house.passes(2 * day - 1)
    assert house.only().state is State.CLEARED
    house.passes(1)
    assert house.only().state is State.CLOSED
    house.decide(WARNING, "device:zay-cp-a")
    house.passes(2)
    house.alarms.sweep()
    assert house.only().state is State.ACTIVE


def test_the_alarms_of_what_is_gone_are_closed_with_the_reason(house: House) -> None:
    house.decide(WARNING)
    house.decide(WARNING, "device:ghost", rule="heat")
    house.alarms.reconcile(house.solution)
    reasons = {
        one.subject.id: house.alarms.reader.history(one.id)[-1].comment for one in house.all()
    }
    assert reasons == {
        "zay-cm2-a": "The rule is gone, or does not act any more.",
        "ghost": "The device is retired or gone.",
    }
    assert {one.state for one in house.all()} == {State.CLOSED}


def test_lists_can_be_narrowed(house: House) -> None:
    house.decide(WARNING)
    house.decide(MAJOR, "device:til-ps-a", rule="heat", words={"en": "Too warm"})
    house.passes(1)
    house.decide(None)
    assert [one.rule for one in house.all()] == ["heat", "co2"]
    assert [one.rule for one in house.all(states=(State.CLEARED,))] == ["co2"]
    assert [one.rule for one in house.all(severities=(MAJOR,))] == ["heat"]
    assert [one.rule for one in house.all(site="les-tilleuls")] == ["heat"]
    assert [one.rule for one in house.all(rule="co2")] == ["co2"]
    assert [one.rule for one in house.all(text="too WARM ps")] == ["heat"]
    assert house.all(text="100%") == []
    house.alarms.desk.assign(house.all()[0].id, "ann", ann())
    assert [one.rule for one in house.all(assigned="ann")] == ["heat"]
