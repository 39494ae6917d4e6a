"""What records say: reports that were due, gaps at the ends, and the unit of what is shown."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.stores.registry import open_sqlite
from jalon.app.design.measuring import Look, Times, completeness, lived, loss, report_intervals
from jalon.app.new_solution import create
from jalon.app.solution import load
from jalon.design.prototype.report import interval_words
from jalon.design.prototype.verdicts import Sample, judge
from jalon.design.spec.prototype import Hypothesis, RunSettings
from jalon.vocab.measure import Measure

MINUTE = 60_000


def counted(folder: Path, reports: Times, end: int) -> dict[str, tuple[float, float | None]]:
    """Device → reports stored and due, of the cold chain's fridges, which report every minute."""
    create(folder, "cold-chain")
    with closing(open_sqlite(folder / "registry.sqlite")) as registry:
        look = Look(load(folder), registry, 0, end, reports)
        lost = {one.device: one.value for one in loss(look)}
        found = {one.device: (one.value, one.of) for one in completeness(look)}
    assert lost == {device: (of or 0) - there for device, (there, of) in found.items()}
    return found


def test_gaps_inside_and_at_both_ends_are_missing(tmp_path: Path) -> None:
    late = [minute * MINUTE + 900 for minute in (2, 3, 4, 8)]
    found = counted(tmp_path / "s", {"dairy-1": late, "meat-1": []}, 10 * MINUTE)
    assert found == {"dairy-1": (4.0, 10.0), "meat-1": (0.0, 10.0)}


def test_a_report_that_comes_some_seconds_late_is_no_gap(tmp_path: Path) -> None:
    times = [minute * MINUTE + (minute % 3) * 2_000 for minute in range(10)]
    assert counted(tmp_path / "s", {"dairy-1": times}, 10 * MINUTE) == {"dairy-1": (10.0, 10.0)}


def test_before_the_first_report_nothing_was_due() -> None:
    look = Look(None, None, 0, 10, {"a": [7, 8], "b": [5], "c": []})  # type: ignore[arg-type]
    assert lived(look).start_ms == 5
    empty = Look(None, None, 3, 10, {"a": []})  # type: ignore[arg-type]
    assert lived(empty).start_ms == 3


@given(st.lists(st.integers(0, 10**9), max_size=30, unique=True).map(sorted))
def test_intervals_add_up(times: list[int]) -> None:
    look = Look(None, None, 0, 10**9, {"d": times})  # type: ignore[arg-type]
    seconds = [one.value for one in report_intervals(look)]
    assert len(seconds) == max(0, len(times) - 1)
    assert round(sum(seconds) * 1000) == (times[-1] - times[0] if times else 0)


def test_amounts_are_shown_in_the_unit_of_the_bound() -> None:
    asked = Hypothesis.model_validate({"id": "H", "statement": "S", "samples": 1})
    bound = Measure.parse("silence.detection max <= 65 min")
    found = judge(asked, bound, RunSettings(), [Sample("H", "d", 3630.0)])
    assert interval_words(found) == ("60.5 min", "60.5 min", "60.5 min")
