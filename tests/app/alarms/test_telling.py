"""Who is told of alarms: step by step, in their hours, not while it is silent, and when it is
over."""

from __future__ import annotations

import pytest
from alarm_house import MINUTE_MS, House, ann
from waiting import wait_for

from jalon.run.alarms.spec import AlarmsFile, Escalation, PlannedSilence, Step, Which
from jalon.run.calendars import CalendarsFile
from jalon.run.control import AlarmSeverity
from jalon.run.silences import Silence, SilenceKind
from jalon.vocab.errors import UsageError

WARNING, MAJOR = AlarmSeverity.WARNING, AlarmSeverity.MAJOR
CARETAKER = Step(to=["caretaker"])
CHAIN = Escalation(
    id="house",
    steps=[
        CARETAKER,
        Step.model_validate({"to": ["head"], "after": "10 min"}),
        Step.model_validate({"to": ["mayor"], "after": "20 min"}),
    ],
)
SCHOOL_HOURS = CalendarsFile.model_validate(
    {"calendars": [{"id": "school", "week": {"mon": ["08:00-17:00"], "tue": ["08:00-17:00"]}}]}
)


def test_one_after_the_other_is_told_until_somebody_acknowledges(house: House) -> None:
    house.says(AlarmsFile(escalations=[CHAIN]))
    house.decide(MAJOR, values={"co2": 1600.0})
    assert house.told() == [("caretaker",)]
    (first,) = house.outbox
    assert first.title == {"en": "Too much CO₂", "fr": "Trop de CO₂"}
    assert (first.severity, first.values, first.path) == (MAJOR, {"co2": 1600.0}, "/alarms/1")
    house.passes(9)
    assert len(house.outbox) == 1
    house.passes(1)
    assert house.told() == [("caretaker",), ("head",)]
    assert "10" in house.outbox[1].body["en"]
    house.alarms.desk.acknowledge(1, ann())
    house.passes(60)
    assert len(house.outbox) == 2
    assert house.happened(1) == ["raised", "told", "escalated", "acknowledged"]


def test_a_chain_begins_again_as_often_as_is_written(house: House) -> None:
    again = Escalation(id="a", steps=[CARETAKER], repeat_after=5 * MINUTE_MS, repeat_times=2)
    house.says(AlarmsFile(escalations=[again]))
    house.decide(MAJOR)
    house.passes(60)
    assert len(house.outbox) == 3
    assert len({one.key for one in house.outbox}) == 3


def test_timers_survive_the_end_of_the_process(house: House) -> None:
    house.says(AlarmsFile(escalations=[CHAIN]))
    house.decide(MAJOR)
    house.alarms = house.service()
    house.now_ms += 11 * MINUTE_MS
    house.alarms.tick()
    house.alarms.tick()
    assert house.told() == [("caretaker",), ("head",)]


def test_who_was_told_is_told_that_it_is_over(house: House) -> None:
    house.says(AlarmsFile(escalations=[CHAIN]))
    house.decide(MAJOR)
    house.passes(10)
    house.decide(None)
    house.passes(120)
    assert house.told() == [("caretaker",), ("head",), ("caretaker", "head")]
    assert house.outbox[-1].severity is None
    assert house.outbox[-1].title["en"] == "Too much CO₂"
    assert house.outbox[-1].at_ms > house.outbox[0].at_ms


def test_worse_is_told_anew_and_to_whom_it_concerns(house: House) -> None:
    severe = Escalation(id="severe", alarms=Which(severities=[MAJOR]), steps=[Step(to=["mayor"])])
    house.says(AlarmsFile(escalations=[Escalation(id="all", steps=[CARETAKER]), severe]))
    house.decide(WARNING)
    assert house.told() == [("caretaker",)]
    house.passes(1)
    house.decide(MAJOR)
    assert house.told()[1:] == [("caretaker",), ("mayor",)]
    house.passes(1)
    house.decide(WARNING)
    assert len(house.outbox) == 3


@pytest.mark.parametrize(
    ("which", "told"),
    [
        (Which(rules=["co2"]), True),
        (Which(rules=["heat"]), False),
        (Which(sites=["les-tilleuls"]), False),
        (Which(tags=["classroom"]), True),
        (Which(tags=["air"], sites=["jean-zay"]), True),
        (Which(tags=["outdoor"]), False),
    ],
)
def test_a_chain_is_for_some_alarms(house: House, which: Which, told: bool) -> None:
    house.says(AlarmsFile(escalations=[Escalation(id="a", alarms=which, steps=[CARETAKER])]))
    house.decide(WARNING, tags=["air"])
    assert bool(house.outbox) is told


def test_each_chain_tells_in_its_hours(house: House) -> None:
    day = Escalation(id="day", during="school", steps=[CARETAKER])
    night = Escalation(id="night", outside="school", steps=[Step(to=["guard"])])
    house.says(AlarmsFile(escalations=[day, night]), SCHOOL_HOURS)
    house.decide(WARNING)
    assert house.told() == [("caretaker",)]
    house.passes(4 * 60 - 1)
    assert len(house.outbox) == 1
    house.passes(1)
    assert house.told() == [("caretaker",), ("guard",)], "it is five o'clock at the school"
    house.decide(WARNING, "device:zay-cp-a")
    assert house.told()[2:] == [("guard",)]
    house.passes(15 * 60)
    assert house.told()[3:] == [("caretaker",)], "the next morning at eight"


def test_nobody_is_told_of_a_silenced_alarm_until_the_silence_ends(house: House) -> None:
    house.says(AlarmsFile(escalations=[CHAIN]))
    house.decide(WARNING)
    house.alarms.desk.silence(1, house.now_ms + 60 * MINUTE_MS, ann("Painters"))
    house.passes(59)
    assert len(house.outbox) == 1
    house.passes(1)
    assert house.told() == [("caretaker",), ("head",)]
    assert house.happened(1)[-2:] == ["unsilenced", "escalated"]
    house.alarms.desk.silence(1, house.now_ms + 600 * MINUTE_MS, ann())
    house.passes(30)
    house.alarms.desk.unsilence(1, ann())
    house.passes(0)
    assert house.told()[2:] == [("mayor",)]


@pytest.mark.parametrize(
    "scope", ["device:zay-cm2-a", "room:jean-zay/cm2-a", "site:jean-zay", "rule:co2", "solution:"]
)
def test_a_silence_covers_what_is_inside(house: House, scope: str) -> None:
    house.says(AlarmsFile(escalations=[CHAIN]))
    until = house.now_ms + 30 * MINUTE_MS
    wanted = Silence(0, SilenceKind.SILENCE, scope, house.now_ms, until, "user:ann", "Works")
    created = house.alarms.silencing.create(wanted)
    assert list(house.alarms.silences()) == [created]
    house.decide(WARNING)
    house.decide(WARNING, "device:til-ps-a", rule="heat")
    assert len(house.outbox) == (0 if scope == "solution:" else 1)
    before = len(house.outbox)
    house.passes(10)
    house.alarms.silencing.end(created.id, "user:ann")
    house.outbox.clear()
    house.passes(0)
    assert ("caretaker",) in house.told()
    assert len(house.told()) == 2 - before or before == 1
    assert house.silences_changed == 2
    assert house.alarms.silences() == []
    (over,) = house.alarms.silencing.over()
    assert over.end_ms < until


def test_a_silence_that_makes_no_sense_is_refused(house: House) -> None:
    now = house.now_ms

    def order(scope: str, start: int, end: int) -> None:
        house.alarms.silencing.create(Silence(0, SilenceKind.SILENCE, scope, start, end))

    with pytest.raises(UsageError, match="ends after it begins"):
        order("site:jean-zay", now, now)
    with pytest.raises(UsageError, match="a year at most"):
        order("site:jean-zay", now, now + 400 * 86_400_000)
    with pytest.raises(UsageError, match="no site:nowhere"):
        order("site:nowhere", now, now + 1000)
    with pytest.raises(UsageError, match="can be silenced"):
        order("everything", now, now + 1000)
    with pytest.raises(UsageError, match="no silence 7"):
        house.alarms.silencing.end(7, "user:ann")


def test_a_planned_silence_follows_its_calendar(house: House) -> None:
    planned = PlannedSilence(id="nights", scope="site:jean-zay", calendar="school")
    house.says(AlarmsFile(escalations=[CHAIN], silences=[planned]), SCHOOL_HOURS)
    windows = house.alarms.silences()
    assert len(windows) == 3
    assert windows[0].start_ms == house.now_ms + 4 * 60 * MINUTE_MS, "at five"
    house.passes(4 * 60)
    house.decide(WARNING)
    assert house.outbox == []
    house.passes(15 * 60)
    assert house.told() == [("caretaker",)], "at eight"


def test_the_thread_does_what_is_due_and_ends_when_told(house: House) -> None:
    house.says(AlarmsFile(escalations=[CHAIN]))
    house.decide(MAJOR)
    house.now_ms += 10 * MINUTE_MS
    house.alarms.start()
    try:
        wait_for(lambda: len(house.outbox) == 2)
        house.now_ms += 20 * MINUTE_MS
        house.alarms.silencing.refresh()
        wait_for(lambda: len(house.outbox) == 3)
    finally:
        house.alarms.stop()
    assert house.told() == [("caretaker",), ("head",), ("mayor",)]
