"""Makes the engine of a solution from its files and its store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jalon.app.rules.places import every_rule, world_of
from jalon.app.solution import Solution
from jalon.run.ports import Point, ReadingStore, Series
from jalon.run.rules.engine import Engine, Past
from jalon.run.rules.plugin import PluginRunner

_MOST_POINTS = 20_000


def open_engine(
    solution: Solution,
    store: ReadingStore,
    series: Mapping[tuple[str, str], Series],
    remembered: Mapping[str, bytes],
    now_ms: int,
    plugins: PluginRunner | None = None,
) -> Engine:
    """An engine that goes on where the store and what was remembered stand. To be called with no
    append under way: at the start, and after a change of the files."""

    def points(series_id: int, start_ms: int, end_ms: int) -> Sequence[Point]:
        return store.points(series_id, start_ms, end_ms, limit=_MOST_POINTS, newest=True)

    past = Past(store.latest(), points, remembered)
    rules = [rule for _name, _index, rule in every_rule(solution)]
    return Engine(world_of(solution, series), rules, past, now_ms, plugins)
