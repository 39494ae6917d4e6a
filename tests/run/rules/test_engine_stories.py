"""What rules do, told as stories of readings that come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from small_world import MINUTE, T0, WORLD, Stage, columns, rules, told

from jalon.run.control import (
    CallDue,
    CommandDue,
    DesireDue,
    FiredDue,
    NoticeDue,
    Subject,
    SubjectKind,
)
from jalon.run.rules.engine import Engine, Past
from jalon.run.rules.explanation import Evaluation
from jalon.run.rules.plugin import Answered, Ask, PluginFailed
from jalon.run.silences import Silence, SilenceKind

AIR: dict[str, object] = {
    "id": "air",
    "title": "Air",
    "levels": [
        {"severity": "warning", "when": "co2 > 800", "clear": "co2 < 700", "for": "5 min"},
        {"severity": "major", "when": "co2 > 1500"},
    ],
}


def test_a_level_is_reached_after_its_time_left_by_hysteresis_and_rises_to_the_next() -> None:
    stage = Stage(rules(AIR))
    stage.feed(("a", "co2", 0, 900))
    assert told(stage.feed(("a", "co2", 4, 850))) == []
    assert told(stage.tick(5)) == [("device:a", "warning", 5)]
    assert told(stage.feed(("a", "co2", 6, 750))) == []
    assert told(stage.feed(("a", "co2", 7, 1600))) == [("device:a", "major", 7)]
    assert told(stage.feed(("a", "co2", 8, 1000))) == [("device:a", "warning", 8)]
    assert told(stage.feed(("a", "co2", 9, 650))) == [("device:a", "", 9)]
    assert stage.tick(60) == []


def test_a_timer_starts_anew_when_the_condition_breaks() -> None:
    stage = Stage(rules(AIR))
    stage.feed(("a", "co2", 0, 900), ("a", "co2", 4, 790), ("a", "co2", 6, 900))
    assert told(stage.tick(10)) == []
    assert told(stage.tick(11)) == [("device:a", "warning", 11)]


def test_a_timer_that_ended_between_two_readings_is_not_lost_to_the_second() -> None:
    stage = Stage(rules(AIR))
    stage.feed(("a", "co2", 0, 900))
    assert told(stage.feed(("a", "co2", 6, 600))) == [
        ("device:a", "warning", 5),
        ("device:a", "", 6),
    ]


def test_debounce_keeps_a_level_through_a_short_break() -> None:
    stage = Stage(rules({"id": "d", "severity": "minor", "when": "door", "clear_for": "2 min"}))
    assert told(stage.feed(("a", "door", 0, True))) == [("device:a", "minor", 0)]
    assert told(stage.feed(("a", "door", 1, False), ("a", "door", 2, True))) == []
    stage.feed(("a", "door", 5, False))
    assert told(stage.tick(6.9)) == []
    assert told(stage.tick(7)) == [("device:a", "", 7)]


def test_what_is_unknown_changes_nothing_and_stops_timers() -> None:
    stage = Stage(rules({"id": "u", "severity": "minor", "when": "co2 > 800 && t > 20"}))
    assert stage.feed(("a", "co2", 0, 900)) == []
    assert told(stage.feed(("a", "t", 1, 21))) == [("device:a", "minor", 1)]
    false_either_way = Stage(rules({"id": "u", "severity": "minor", "when": "co2 > 800 || t > 20"}))
    assert told(false_either_way.feed(("a", "co2", 0, 900))) == [("device:a", "minor", 0)]


def test_one_message_is_seen_as_a_whole() -> None:
    stage = Stage(rules({"id": "m", "severity": "minor", "when": "co2 > 800 && t < 18"}))
    stage.feed(("a", "co2", 0, 500), ("a", "t", 0, 10))
    assert stage.feed(("a", "co2", 1, 900), ("a", "t", 1, 20)) == []


def test_what_came_from_a_device_that_was_away_raises_nothing_stale() -> None:
    stage = Stage(rules(AIR))
    batch = [("a", "co2", minute, 1600.0) for minute in range(3)]
    decisions = stage.feed(*batch, ("a", "co2", 3, 500), now=120)
    assert told(decisions) == []
    fired = [one for one in decisions if isinstance(one, FiredDue)]
    assert [(one.active, one.late) for one in fired] == [(True, True), (False, True)]
    stage.tick(121)
    assert told(stage.decisions) == []


def test_what_is_still_true_once_it_is_heard_again_is_acted_on_once() -> None:
    stage = Stage(rules(AIR))
    assert told(stage.feed(("a", "co2", 0, 1600), now=120)) == []
    assert told(stage.tick(120.5)) == []
    assert told(stage.feed(("a", "co2", 121, 1700))) == [("device:a", "major", 121)]
    assert told(stage.feed(("a", "co2", 122, 1700))) == []


def test_an_older_reading_does_not_change_what_is_current() -> None:
    stage = Stage(rules(AIR))
    stage.feed(("a", "co2", 10, 500))
    assert stage.feed(("a", "co2", 9, 1600), now=10) == []


def test_an_unbelievable_value_is_not_looked_at() -> None:
    stage = Stage(rules(AIR))
    batch = columns(("a", "co2", 0, 60000))
    batch.flaws[0] = 1
    assert stage.feed_columns(batch, 0) == []


def test_windows_look_back_so_far_and_no_further() -> None:
    stage = Stage(
        rules(
            {"id": "mean", "severity": "minor", "when": 'mean("co2", "10m") > 1000'},
            {"id": "rate", "severity": "minor", "when": 'rate("t", "10m") >= 2'},
            {"id": "delta", "severity": "minor", "when": 'delta("t", "3m") < -5'},
            {"id": "count", "severity": "minor", "when": 'count("door", "5m") >= 3'},
        )
    )

    def by() -> set[str]:
        return {one.by for one in stage.decisions if one.kind == "alarm"}

    stage.feed(("a", "co2", 0, 800), ("a", "co2", 5, 1100))
    assert "rule:mean" not in by()
    stage.feed(("a", "co2", 10, 1000))
    assert "rule:mean" in by()
    stage.feed(("b", "t", 0, 20), ("b", "t", 2, 24))
    assert "rule:rate" in by()
    stage.feed(("b", "t", 4, 18))
    assert "rule:delta" in by()
    stage.feed(("c", "door", 1, 1), ("c", "door", 2, 0), ("c", "door", 4, 1))
    assert "rule:count" in by()


def test_a_place_is_seen_through_all_its_devices() -> None:
    stage = Stage(
        rules(
            {
                "id": "room",
                "for_each": "room",
                "severity": "minor",
                "when": 'place.mean("co2") > 1000 && !place.any("door")',
                "words": "{room}: {place.max('co2')}",
            },
            {"id": "near", "severity": "minor", "when": 't < 15 && place.any("door")'},
        )
    )
    stage.feed(("a", "co2", 0, 900), ("b", "co2", 0, 1000), ("a", "door", 0, 0))
    assert told(stage.feed(("c", "co2", 1, 1400))) == [("room:s/r", "minor", 1)]
    assert stage.decisions[-1].words["en"] == "Red: 1400"  # type: ignore[union-attr]
    stage.feed(("a", "t", 1, 10))
    stage.feed(("b", "door", 2, True))
    assert ("device:a", "minor", 2.5) in told(stage.tick(2.5))


def test_absence_silence_and_since_are_seen_as_time_passes() -> None:
    stage = Stage(
        rules(
            {"id": "gone", "severity": "major", "when": 'silent("30m")', "select": {"device": "a"}},
            {"id": "open", "severity": "minor", "when": 'since("door", true) > duration("5m")'},
            {
                "id": "none",
                "severity": "minor",
                "when": 'absent("co2", "40m")',
                "select": {"device": "a"},
            },
        )
    )
    stage.feed(("a", "door", 0, True))
    assert told(stage.tick(5)) == []
    assert told(stage.tick(5.1)) == [("device:a", "minor", 5.1)]
    assert told(stage.tick(29.9)) == []
    assert told(stage.tick(30)) == [("device:a", "major", 30)]
    assert told(stage.tick(40)) == [("device:a", "minor", 40)]
    assert told(stage.feed(("a", "co2", 41, 500))) == [("device:a", "", 41)]


def test_a_calendar_opens_and_closes_a_rule_and_hours_are_those_of_the_site() -> None:
    stage = Stage(
        rules(
            {"id": "class", "severity": "minor", "when": "co2 > 800", "calendar": "school"},
            {"id": "noon", "severity": "minor", "when": 'time_of_day >= "12:00" && hour < 13 && '
             "weekday == 2", "select": {"device": "a"}},
        )
    )  # fmt: skip
    stage.feed(("a", "co2", 119, 900))
    assert told(stage.tick(119.5)) == []
    assert told(stage.decisions) == [("device:a", "minor", 119)]
    closing = told(stage.tick(120))
    assert set(closing) == {("device:a", "", 120), ("device:a", "minor", 120)}
    assert ("device:a", "", 180) in told(stage.tick(180))
    assert told(stage.tick(210)) == [("device:a", "minor", 210)]


def test_a_fence_is_measured_on_the_ground() -> None:
    stage = Stage(
        rules({"id": "away", "severity": "minor", "when": "distance(pos, site) > 1000",
               "clear": "inside(pos, point(47.0, 2.0), 500.0)"})
    )  # fmt: skip
    assert stage.feed(("a", "pos", 0, "geo:47.0089,2.0")) == []
    assert told(stage.feed(("a", "pos", 1, "geo:47.01,2.0"))) == [("device:a", "minor", 1)]
    assert told(stage.feed(("a", "pos", 2, "geo:47.004,2.0"))) == [("device:a", "", 2)]


def test_actions_become_decisions_with_their_words_and_values() -> None:
    stage = Stage(
        rules(
            {
                "id": "acts",
                "when": "co2 > 800",
                "words": {"fr": "{co2} ppm en {room}", "en": "{co2} ppm in {room} ({device})"},
                "actions": [
                    {"kind": "notify", "to": "ops"},
                    {"kind": "command", "action": "beep", "thing": "sensor", "expires": "1 min",
                     "input": "co2 > 1000 ? 'loud' : 'soft'"},
                    {"kind": "desire", "desired": {"t": "co2 / 100"}, "on": "change"},
                    {"kind": "call", "webhook": "hook", "on": "clear"},
                ],
            }
        )
    )  # fmt: skip
    decisions = stage.feed(("a", "co2", 0, 850.5))
    notice = next(one for one in decisions if isinstance(one, NoticeDue))
    assert notice.words == {"fr": "850,5 ppm en Red", "en": "850.5 ppm in Red (A)"}
    assert notice.values == {"co2": 850.5}
    commands = [one for one in decisions if isinstance(one, CommandDue)]
    assert [one.subject for one in commands] == ["device:a", "device:b", "device:c"]
    assert {one.input for one in commands} == {"soft"}
    assert commands[0].expires_ms == T0 + MINUTE
    assert next(o for o in decisions if isinstance(o, DesireDue)).desired == {"t": 8.505}
    cleared = stage.feed(("a", "co2", 1, 500))
    assert {type(one) for one in cleared} == {FiredDue, DesireDue, CallDue}
    keys = [one.key for one in stage.decisions]
    assert len(set(keys)) == len(keys)


def test_a_reminder_comes_again_while_it_lasts() -> None:
    stage = Stage(
        rules({"id": "r", "when": "door", "actions": [
            {"kind": "notify", "to": ["ops"], "on": ["repeat"], "every": "10 min"}]})
    )  # fmt: skip
    stage.feed(("a", "door", 0, True))
    times = [minute for minute in range(1, 31) if told(stage.tick(minute), "notice")]
    assert times == [10, 20, 30]
    stage.feed(("a", "door", 31, False))
    assert not any(told(stage.tick(minute), "notice") for minute in range(32, 60))


def test_maintenance_holds_actions_back_until_it_ends() -> None:
    stage = Stage(rules(AIR))
    for scope in ("device:a", "room:s/r", "site:s", "rule:air", "solution:"):
        stage.engine.silences = [
            Silence(1, SilenceKind.MAINTENANCE, scope, T0, T0 + 10 * MINUTE),
            Silence(2, SilenceKind.SILENCE, "device:b", T0, T0 + 10 * MINUTE),
        ]
        assert told(stage.feed(("a", "co2", 1, 1600))) == []
    assert [one.silenced for one in stage.decisions if isinstance(one, FiredDue)] == [True]
    if scope != "solution:":
        assert told(stage.feed(("b", "co2", 1, 1600))) == [("device:b", "major", 1)]
    stage.feed(("a", "co2", 9, 1700))
    assert told(stage.tick(9.9)) == []
    assert told(stage.tick(10)) == [("device:a", "major", 10)]


def test_a_dry_run_remembers_and_does_nothing() -> None:
    stage = Stage(rules({**AIR, "mode": "dry-run"}))
    (decision,) = stage.feed(("a", "co2", 0, 1600))
    assert isinstance(decision, FiredDue)
    assert decision.dry


def test_a_computed_property_is_stored_and_seen_by_other_rules() -> None:
    written = rules(
        {"id": "hot", "severity": "minor", "when": "feel > 30"},
        {"id": "feel", "compute": {"property": "feel", "value": "t + co2 / 100"}},
        {
            "id": "air",
            "for_each": "room",
            "select": {"room": "r"},
            "compute": {
                "property": "air",
                "value": 'place.mean("feel")',
                "into": "b",
                "every": "2 min",
            },
        },
    )
    stage = Stage(written)
    batch = columns(("a", "co2", 0, 1000), ("a", "t", 0, 25))
    assert told(stage.feed_columns(batch, 0)) == [("device:a", "minor", 0)]
    assert batch.numbers[2:] == [35, 35]
    batch = columns(("a", "t", 1, 15), ("a", "t", 3, 10))
    stage.feed_columns(batch, 3)
    assert batch.numbers[2:] == [25, 20, 20]


def test_a_rule_that_divides_by_zero_is_in_trouble_and_disturbs_no_other() -> None:
    stage = Stage(
        rules(
            {"id": "bad", "severity": "minor", "when": "100.0 / t > 3"},
            {"id": "good", "severity": "minor", "when": "t < 1"},
        )
    )
    assert [one.by for one in stage.feed(("a", "t", 0, 0)) if one.kind == "alarm"] == ["rule:good"]
    assert set(stage.engine.troubles) == {"bad"}
    stage.feed(("a", "t", 1, 10))
    assert not stage.engine.troubles


class _Plugins:
    """Says yes to what is above 10, and counts."""

    def __init__(self) -> None:
        self.broken = False

    def ask(self, name: str, asks: Sequence[Ask], memory: Mapping[str, str]) -> Answered:
        if self.broken:
            raise PluginFailed("it took too long")
        assert name == "model"
        counts = {one.subject: str(int(memory.get(one.subject, "0")) + 1) for one in asks}
        return Answered([float(one.values["heat"] or 0) > 10 for one in asks], counts)


def test_a_function_in_python_answers_and_its_failure_stops_no_other_rule() -> None:
    plugins = _Plugins()
    written = rules(
        {
            "id": "plug",
            "severity": "minor",
            "when": "answer && t < 100",
            "plugin": "model",
            "inputs": {"heat": "t / 2"},
        },
        {"id": "cold", "severity": "minor", "when": "t < 5"},
    )
    engine = Engine(WORLD, written, Past(), T0, plugins)
    decisions, memory = engine.feed(columns(("a", "t", 0, 30)), T0)
    assert [one.by for one in decisions if one.kind == "alarm"] == ["rule:plug"]
    assert memory["plugin/plug/device:a"]
    plugins.broken = True
    decisions, _ = engine.feed(columns(("a", "t", 1, 2)), T0 + MINUTE)
    assert [one.by for one in decisions if one.kind == "alarm"] == ["rule:cold"]
    assert str(engine.troubles["plug"]) == "it took too long"


def test_a_changed_rule_neither_clears_nor_raises_what_is_still_so() -> None:
    stage = Stage(rules({"id": "x", "severity": "minor", "when": "co2 > 800"}))
    stage.feed(("a", "co2", 0, 900))
    stage.restart(1, rules({"id": "x", "severity": "minor", "when": "co2 > 850"}))
    assert told(stage.feed(("a", "co2", 1, 900)) + stage.tick(2)) == []
    assert told(stage.feed(("a", "co2", 3, 840))) == [("device:a", "", 3)]


def test_the_alarms_of_a_rule_that_is_gone_or_off_are_cleared() -> None:
    stage = Stage(rules({"id": "x", "severity": "minor", "when": "co2 > 800"}))
    stage.feed(("a", "co2", 0, 900))
    stage.restart(1, rules({"id": "x", "severity": "minor", "when": "co2 > 800", "mode": "off"}))
    assert told(stage.tick(1)) == [("device:a", "", 1)]
    stage.restart(2)
    assert told(stage.tick(2)) == []


def test_a_look_can_be_explained() -> None:
    stage = Stage(rules({"id": "x", "severity": "minor", "for": "5 min",
                         "when": "co2 > 800 && (t > 30 || door)"}))  # fmt: skip
    seen: list[Evaluation] = []
    stage.engine.observer = seen.append
    stage.feed(("a", "co2", 0, 900), ("a", "door", 0, True))
    subject = Subject(SubjectKind.DEVICE, "a")
    told_ = stage.engine.explain("x", subject, T0 + MINUTE)
    assert told_.values == {"co2": 900, "t": None, "door": True}
    (level,) = told_.levels
    assert [(one.text, one.truth) for one in level.clauses] == [
        ("co2 > 800", True),
        ("t > 30", None),
        ("door", True),
    ]
    assert (level.when, level.active, level.due_ms) == (True, False, T0 + 5 * MINUTE)
    assert [(one.subject, one.at_ms) for one in seen] == [(subject, T0)]
    with pytest.raises(KeyError):
        stage.engine.explain("x", Subject(SubjectKind.DEVICE, "nobody"), T0)


def test_it_is_known_when_there_is_something_to_do() -> None:
    stage = Stage(rules(AIR))
    stage.tick(0)
    assert stage.engine.next_due_ms is None
    stage.feed(("a", "co2", 0, 900))
    assert stage.engine.next_due_ms == T0 + 5 * MINUTE
