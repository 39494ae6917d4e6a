"""History through a rule: when it would have fired, and why."""

from __future__ import annotations

from collections.abc import Sequence

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_store import MemoryStore

from jalon.run.batch import Columns
from jalon.run.calendars import CalendarsFile
from jalon.run.control import AlarmSeverity, Subject, SubjectKind
from jalon.run.fleet import Device, Fleet, Room, Site
from jalon.run.ports import SeriesSpec
from jalon.run.rules import backtest as replaying
from jalon.run.rules.backtest import Span, backtest, slices
from jalon.run.rules.engine import World
from jalon.run.rules.reach import Reach
from jalon.run.rules.spec import Rule, RuleFile
from jalon.run.rules.why import answer, look_back
from jalon.run.silences import Silence, SilenceKind
from jalon.run.things import ThingModel
from jalon.vocab.reading import ValueKind

MINUTE = 60_000
START = 1_773_133_200_000
THING = ThingModel.model_validate(
    {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "@type": "tm:ThingModel",
        "title": "Probe",
        "properties": {"co2": {"type": "number"}, "noise": {"type": "number"}},
    }
)
FLEET = Fleet(
    sites=[Site(id="home", name="Home", zone="Europe/Paris", rooms=[Room(id="a", name="A")])],
    devices=[
        Device(id=name, name=name, thing="probe", site="home", room="a") for name in ("one", "two")
    ],
)


def history(rows: Sequence[tuple[str, str, int, float]]) -> tuple[MemoryStore, World]:
    """A store with rows of device, property, minute after the start, value."""
    store = MemoryStore()
    keys = [(one.id, name) for one in FLEET.devices for name in THING.properties]
    specs = [
        SeriesSpec(device, name, ValueKind.NUMBER, "[ppm]", "Europe/Paris") for device, name in keys
    ]
    ids = {key: one.id for key, one in zip(keys, store.declare(specs), strict=True)}
    columns = Columns()
    for device, name, minute, value in rows:
        columns.series.append(ids[device, name])
        columns.times_ms.append(START + minute * MINUTE)
        columns.numbers.append(value)
    store.append(columns)
    return store, World({"probe": THING}, FLEET, CalendarsFile(), ids)


def rule(text: str) -> Rule:
    """A rule as it stands in a file, on one line."""
    entry = {"id": "high", **yaml.safe_load(text)}
    return RuleFile.model_validate({"rules": [entry]}).rules[0]


HIGH = rule("{severity: minor, when: co2 > 800, clear: co2 < 700, for: 10 min, mode: dry-run}")


def span(minutes: int) -> Span:
    """From the start on."""
    return Span(START, START + minutes * MINUTE)


def test_episodes_have_a_start_an_end_and_the_range_of_what_was_seen() -> None:
    rows = [("one", "co2", minute, 900.0 + minute) for minute in range(0, 40, 5)]
    rows += [("one", "co2", 40, 600.0), ("one", "co2", 100, 850.0), ("two", "co2", 50, 500.0)]
    store, world = history(rows)
    found = backtest(HIGH, world, store, span(120))
    first, last = found.episodes
    assert first.subject == Subject(SubjectKind.DEVICE, "one")
    assert (first.start_ms - START, (first.end_ms or 0) - START) == (10 * MINUTE, 40 * MINUTE)
    assert first.severity is AlarmSeverity.MINOR
    # From when it was decided until it was left, the value that ended it included.
    assert first.ranges["co2"] == (600.0, 935.0)
    assert (last.start_ms - START, last.end_ms) == (110 * MINUTE, None)
    assert [(one.subject.id, one.episodes) for one in found.shares] == [("one", 2), ("two", 0)]
    assert found.share == (30 + 10) / 240


def test_the_worst_severity_counts_and_dry_rules_count_as_well() -> None:
    two = rule(
        "{levels: [{severity: minor, when: co2 > 800}, {severity: critical, when: co2 > 1500}]}"
    )
    values = [900.0, 1600.0, 900.0, 100.0]
    store, world = history([("one", "co2", at, value) for at, value in enumerate(values)])
    (episode,) = backtest(two, world, store, span(10)).episodes
    assert episode.severity is AlarmSeverity.CRITICAL
    assert episode.length_ms(0) == 3 * MINUTE


def test_what_came_before_the_span_is_known_to_the_rule() -> None:
    store, world = history([("one", "co2", -20, 900.0), ("one", "co2", 30, 100.0)])
    (episode,) = backtest(HIGH, world, store, span(60)).episodes
    assert (episode.end_ms or 0) - START == 30 * MINUTE


def test_a_rule_about_absence_is_replayed_too() -> None:
    store, world = history(
        [("one", "co2", 0, 1.0), ("one", "noise", 90, 1.0), ("two", "co2", 0, 1.0)]
    )
    silent = rule('{severity: major, when: "silent(\\"1h\\")"}')
    found = backtest(silent, world, store, span(120))
    starts = {one.subject.id: round((one.start_ms - START) / MINUTE) for one in found.episodes}
    assert starts == {"one": 60, "two": 60}
    ended = [one.subject.id for one in found.episodes if one.end_ms is not None]
    assert ended == ["one"], "noise is a sign of life as well"


def test_only_the_series_that_a_rule_looks_at_are_read() -> None:
    _store, world = history([])
    one = Subject(SubjectKind.DEVICE, "one")
    ids = world.series
    assert Reach(HIGH, world).series([one]) == [ids["one", "co2"]]
    place = rule("{severity: minor, when: 'place.max(\"noise\") > 3'}")
    assert Reach(place, world).named(one) == {"noise": [ids["one", "noise"], ids["two", "noise"]]}
    fixed = rule("{severity: minor, when: 'device(\"two\").co2 > co2'}")
    assert set(Reach(fixed, world).series([one])) == {ids["one", "co2"], ids["two", "co2"]}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["one", "two"]), st.integers(0, 3_000), st.integers(0, 9)),
        max_size=60,
        unique_by=lambda row: row[:2],
    )
)
def test_slices_give_every_reading_once_in_order(rows: list[tuple[str, int, int]]) -> None:
    store, world = history(
        [(device, "co2", minute, float(value)) for device, minute, value in rows]
    )
    series = sorted(world.series.values())
    limit = replaying._EACH
    try:
        replaying._EACH = 7  # so that slices have to shrink
        pieces = list(slices(store, series, span(3_001)))
    finally:
        replaying._EACH = limit
    times = [time for piece in pieces for time in piece.times_ms]
    assert times == sorted(times)
    names = {number: device for (device, _), number in world.series.items()}
    seen = sorted(
        (names[number], (time - START) // MINUTE)
        for piece in pieces
        for number, time in zip(piece.series, piece.times_ms, strict=True)
    )
    assert seen == sorted(row[:2] for row in rows)


def why(about: Rule, rows: Sequence[tuple[str, str, int, float]], minute: int) -> list[str]:
    """The answer about device one, in sentences."""
    store, world = history(rows)
    subject = Subject(SubjectKind.DEVICE, "one")
    until = Span(START - 24 * 60 * MINUTE, START + minute * MINUTE)
    look = look_back(about, world, store, subject, until)
    silence = Silence(1, SilenceKind.MAINTENANCE, "rule:high", 0, START * 2, "anne", "cleaning")
    held = [silence] if about.mode == "live" else []
    return [str(one) for one in answer(about, look.evaluation, held, look.trouble)]


def test_why_not_names_what_would_have_to_be_true() -> None:
    sentences = why(HIGH, [("one", "co2", 0, 500.0)], 5)
    assert sentences[0] == "It does not fire."
    assert "mode: dry-run" in sentences[1]
    assert "must become true: co2 > 800" in sentences[2]


def test_why_not_yet_names_the_timer() -> None:
    sentences = why(HIGH, [("one", "co2", 0, 900.0)], 5)
    assert sentences[0] == "It does not fire."
    assert "it fires at 2026-03-10 09:10 UTC" in sentences[-1]


def test_why_names_since_when_and_what_would_end_it() -> None:
    live = HIGH.model_copy(update={"mode": "live"})
    sentences = why(live, [("one", "co2", 0, 900.0), ("one", "co2", 20, 750.0)], 30)
    assert sentences[0] == "It fires: minor, since 2026-03-10 09:10 UTC."
    assert "maintenance period" in sentences[1]
    assert "cleaning" in sentences[1]
    assert "must become true: co2 < 700" in sentences[2]


def test_why_says_what_was_never_heard() -> None:
    assert any("Not known at that moment: co2" in one for one in why(HIGH, [], 5))
