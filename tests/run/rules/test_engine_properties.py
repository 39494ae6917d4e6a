"""What must hold for any readings: how they are cut, and restarts, change nothing."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import MINUTE, T0, Reading, Stage, columns, rules

from jalon.run.control import Decision

WRITTEN = rules(
    {
        "id": "levels",
        "levels": [
            {"severity": "warning", "when": "co2 > 2", "clear": "co2 < 1", "for": "2 min"},
            {"severity": "major", "when": "co2 > 3 && t > 1", "clear_for": "3 min"},
        ],
    },
    {"id": "mixed", "severity": "minor", "when": 't > 2 || (door && mode == "on")'},
    {"id": "mean", "severity": "minor", "when": 'mean("co2", "4m") >= 2 && count("t", "3m") > 1'},
    {"id": "spread", "severity": "minor", "when": 'max("co2", "9m") - min("co2", "9m") > 2'},
    {"id": "room", "for_each": "room", "severity": "minor", "when": 'place.mean("co2") > 2'},
    {"id": "site", "for_each": "site", "severity": "minor", "when": 'site.count("door", true) > 1'},
    {
        "id": "all",
        "for_each": "solution",
        "severity": "minor",
        "when": 'solution.max("t") > 3 && device("a").co2 < 3',
    },
    {"id": "since", "severity": "minor", "when": 'since("door", true) >= duration("2m")'},
    {"id": "feel", "compute": {"property": "feel", "value": "co2 + t"}},
    {"id": "feels", "severity": "minor", "when": 'feel > 5 && place.min("feel") < 6'},
    {"id": "hours", "severity": "minor", "when": "co2 > 2", "calendar": "school"},
)

_VALUES: dict[str, st.SearchStrategy[float | bool | str]] = {
    "co2": st.integers(0, 4),
    "t": st.integers(0, 4),
    "door": st.booleans(),
    "mode": st.sampled_from(["on", "off"]),
}
Message = tuple[float, list[Reading]]
_DEVICES = st.sampled_from("abd")


@st.composite
def _message(draw: st.DrawFn) -> tuple[str, int, dict[str, float | bool | str]]:
    names = draw(st.sets(st.sampled_from(sorted(_VALUES)), min_size=1, max_size=3))
    values: dict[str, float | bool | str] = {name: draw(_VALUES[name]) for name in sorted(names)}
    return draw(_DEVICES), draw(st.integers(0, 3)), values


@st.composite
def _stories(draw: st.DrawFn, late: int = 0) -> list[Message]:
    """When messages come, and what is in them; time goes on, `late` of ten have an older time."""
    minute = 100
    messages: list[Message] = []
    for device, passes, values in draw(st.lists(_message(), min_size=1, max_size=10)):
        # Two messages of one device at one time side by side would be one message.
        minute += max(passes, 1)
        back = draw(st.integers(1, 20)) if draw(st.integers(0, 9)) < late else 0
        rows: list[Reading] = [(device, name, minute - back, one) for name, one in values.items()]
        messages.append((minute, rows))
    return messages


def _key(decision: Decision) -> tuple[object, ...]:
    return (decision.by, decision.subject, decision.at_ms, decision.key, decision)


def _sorted(decisions: list[Decision]) -> list[str]:
    return sorted(str(_key(one)) for one in decisions)


_END = 170.0


@settings(max_examples=40, deadline=None)
@given(story=_stories(), cuts=st.sets(st.integers(1, 17)))
def test_how_messages_are_cut_into_batches_changes_nothing(
    story: list[Message], cuts: set[int]
) -> None:
    whole, parts = Stage(WRITTEN, at=99), Stage(WRITTEN, at=99)
    whole.feed(*(one for _, message in story for one in message), now=_END)
    edges = [0, *sorted(cut for cut in cuts if cut < len(story)), len(story)]
    for start, end in pairwise(edges):
        parts.feed(*(one for _, message in story[start:end] for one in message), now=_END)
    whole.tick(_END)
    parts.tick(_END)
    assert _sorted(whole.decisions) == _sorted(parts.decisions)
    assert whole.remembered == parts.remembered
    assert whole.stored == parts.stored


@settings(max_examples=40, deadline=None)
@given(story=_stories(late=2), restarts=st.sets(st.integers(0, 9)))
def test_a_restart_changes_nothing(story: list[Message], restarts: set[int]) -> None:
    steady, restarted = Stage(WRITTEN, at=99), Stage(WRITTEN, at=99)
    now = 100.0
    for row, (now, message) in enumerate(story):
        for stage in (steady, restarted):
            stage.feed(*message, now=now)
            stage.tick(now + 0.5)
        if row in restarts:
            restarted.restart(now + 0.5)
    steady.tick(now + 1)
    restarted.tick(now + 1)
    assert _sorted(steady.decisions) == _sorted(restarted.decisions)
    assert steady.remembered == restarted.remembered


@settings(max_examples=30, deadline=None)
@given(story=_stories(late=4))
def test_no_decision_is_made_twice_and_alarms_change_with_each_decision(
    story: list[Message],
) -> None:
    stage = Stage(WRITTEN, at=99)
    for now, message in story:
        stage.feed(*message, now=now)
        stage.tick(now + 0.5)
    keys = [one.key for one in stage.decisions]
    assert len(keys) == len(set(keys))
    alarms: dict[tuple[str, str], list[object]] = {}
    for one in stage.decisions:
        if one.kind == "alarm":
            alarms.setdefault((one.by, one.subject), [None]).append(one.severity)
    for severities in alarms.values():
        assert all(before != after for before, after in pairwise(severities))


@settings(max_examples=30, deadline=None)
@given(story=_stories())
def test_what_is_computed_is_what_the_newest_values_give(story: list[Message]) -> None:
    stage = Stage(WRITTEN, at=99)
    batch = columns(*(one for _, message in story for one in message))
    reported = len(batch)
    stage.feed_columns(batch, _END)
    newest: dict[tuple[str, str], float] = {}
    expected = []
    for _, message in story:
        for device, name, _, value in message:
            if name in ("co2", "t"):
                newest[device, name] = float(value)
        device, _, minutes, _ = message[0]
        touched = any(name in ("co2", "t") for _, name, _, _ in message)
        if touched and {(device, "co2"), (device, "t")} <= newest.keys():
            total = newest[device, "co2"] + newest[device, "t"]
            expected.append((T0 + minutes * MINUTE, total))
    assert list(zip(batch.times_ms[reported:], batch.numbers[reported:], strict=True)) == expected
