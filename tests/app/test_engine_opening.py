"""The engine of a solution goes on where its store and its memory stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from small_world import CALENDARS, FLEET, MINUTE, PROPERTIES, ROOMS, T0, THING, rules

from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app.rules.opening import open_engine
from jalon.app.solution import ControlFiles, Solution, load
from jalon.run.batch import Columns
from jalon.run.ports import SeriesSpec
from jalon.run.rules.spec import RuleFile

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"


def _solution() -> Solution:
    example = load(EXAMPLE)
    written = rules(
        {"id": "mean", "severity": "minor", "when": 'mean("co2", "10m") > 800', "for": "2 min"},
        {"id": "open", "severity": "minor", "when": 'mode == "open" && t > 20'},
    )
    control = ControlFiles(rules={"all": RuleFile(rules=written)}, calendars=CALENDARS)
    return replace(example, things={"sensor": THING}, fleet=FLEET, control=control)


def test_values_windows_and_timers_come_back_from_the_store(tmp_path: Path) -> None:
    store = DuckdbStore.open(tmp_path / "store")
    try:
        specs = [
            SeriesSpec(device, name, THING.properties[name].kind, "", "Europe/Paris")
            for device in ROOMS
            for name in PROPERTIES
        ]
        series = {(one.spec.device, one.spec.property): one for one in store.declare(specs)}
        solution = _solution()
        engine = open_engine(solution, store, series, {}, T0)
        number = {name: series["a", name].id for name in PROPERTIES}
        batch = Columns(
            series=[number["co2"], number["co2"], number["mode"]],
            times_ms=[T0, T0 + MINUTE, T0 + MINUTE],
            numbers=[700.0, 1000.0, float("nan")],
            texts={2: "open"},
        )
        _, memory = engine.feed(batch, T0 + MINUTE)
        store.append(batch)
        kept = {key: value for key, value in memory.items() if value is not None}

        engine = open_engine(solution, store, series, kept, T0 + 2 * MINUTE)
        assert engine.tick(T0 + 2 * MINUTE)[0] == []
        decisions, _ = engine.tick(T0 + 3 * MINUTE)
        assert [(one.by, one.at_ms) for one in decisions if one.kind == "alarm"] == [
            ("rule:mean", T0 + 3 * MINUTE)
        ]
        warm = Columns([number["t"]], [T0 + 4 * MINUTE], [21.0])
        decisions, _ = engine.feed(warm, T0 + 4 * MINUTE)
        assert [one.by for one in decisions if one.kind == "alarm"] == ["rule:open"]
    finally:
        store.close()
