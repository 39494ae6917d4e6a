"""Whatever rules decide and people do, in whatever order: an alarm's life keeps to its table."""

from __future__ import annotations

import tempfile
from itertools import count
from pathlib import Path

from alarm_house import MINUTE_MS, House, ann, open_house
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jalon.run.alarms.alarm import Alarm, Wish
from jalon.run.alarms.life import TABLE, Event, Impossible, State, may
from jalon.run.alarms.spec import AlarmsFile, Closing, Escalation, Flapping, Step
from jalon.run.control import AlarmSeverity
from jalon.vocab.errors import UsageError

_subjects = count(1)
SETTINGS = AlarmsFile(
    escalations=[
        Escalation(id="all", steps=[Step(to=["caretaker"]), Step(to=["head"], after=5 * MINUTE_MS)])
    ],
    flapping=Flapping(changes=4, within=5 * MINUTE_MS, steady=3 * MINUTE_MS),
    closing=Closing(acknowledged=2 * MINUTE_MS, unacknowledged=20 * MINUTE_MS),
)


class AlarmLife(RuleBasedStateMachine):
    """One subject of one rule, in a house that other runs used before."""

    house: House

    @initialize()
    def arrive(self) -> None:
        self.subject = f"solution:{next(_subjects)}"
        self.wanted: AlarmSeverity | None = None
        self.house.outbox.clear()
        self.house.news.clear()

    @rule(severity=st.one_of(st.none(), st.sampled_from(AlarmSeverity)))
    def decide(self, severity: AlarmSeverity | None) -> None:
        self.house.now_ms += 1000
        self.house.decide(severity, self.subject)
        self.wanted = severity

    @precondition(lambda self: self.alarms())
    @rule()
    def decide_late(self) -> None:
        before = self.alarms()
        self.house.decide(AlarmSeverity.CRITICAL, self.subject, at_ms=before[0].changed_ms - 1)
        assert self.alarms() == before

    @rule(minutes=st.sampled_from([0.5, 1, 3, 10, 30]))
    def wait(self, minutes: float) -> None:
        self.house.passes(minutes)

    @precondition(lambda self: self.alarms())
    @rule(what=st.sampled_from(["acknowledge", "close", "silence", "unsilence", "comment"]))
    def act(self, what: str) -> None:
        alarm = self.alarms()[-1]
        desk, by = self.house.alarms.desk, ann("So it is.", alarm.version)
        event = {
            "acknowledge": Event.ACKNOWLEDGED,
            "close": Event.CLOSED,
            "silence": Event.SILENCED,
            "unsilence": Event.UNSILENCED,
            "comment": Event.COMMENTED,
        }[what]
        possible = may(alarm.state, event) and (
            event is not Event.UNSILENCED or alarm.silenced_ms is not None
        )
        try:
            if what == "silence":
                desk.silence(alarm.id, self.house.now_ms + 4 * MINUTE_MS, by)
            else:
                getattr(desk, what)(alarm.id, by)
        except (Impossible, UsageError):
            assert not possible
        else:
            assert possible

    @invariant()
    def at_most_one_is_open(self) -> None:
        if not hasattr(self, "subject"):
            return
        alarms = self.alarms()
        assert [one.is_open for one in alarms[:-1]] == [False] * len(alarms[:-1])
        if self.wanted is None:
            assert not any(one.holds for one in alarms)
        elif alarms and alarms[-1].is_open:
            assert alarms[-1].holds
            assert alarms[-1].severity is self.wanted

    @invariant()
    def history_is_a_road_through_the_table(self) -> None:
        if not hasattr(self, "subject"):
            return
        for alarm in self.alarms():
            state = State.NORMAL
            for entry in self.house.alarms.reader.history(alarm.id):
                state = TABLE[state][entry.what]
            assert state is alarm.state
        keys = [one.key for one in self.house.outbox]
        assert len(keys) == len(set(keys))

    def alarms(self) -> list[Alarm]:
        """Those of the subject, the oldest first."""
        found = self.house.alarms.reader.select(Wish(subject=self.subject), 1000)
        return sorted(found, key=lambda one: one.id)


def test_an_alarm_keeps_to_its_table() -> None:
    with tempfile.TemporaryDirectory() as folder:
        AlarmLife.house = open_house(Path(folder))
        AlarmLife.house.says(SETTINGS)
        run_state_machine_as_test(
            AlarmLife, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
        )
        AlarmLife.house.registry.close()
