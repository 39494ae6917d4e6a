"""The drills' own judge: it notices whatever is missing, foreign, doubled or wrong."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import duckdb
import numpy as np
import pytest

from bench import fleet
from bench.load import Plan
from bench.stored import Comparison, Rows, compare, fill, planned

FIRST_MS = int(time.time() * 1000) // 1000 * 1000 - 86_400_000


@pytest.fixture(scope="module")
def solution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two devices with ten reports each: eighty rows."""
    folder = tmp_path_factory.mktemp("comparison") / "judged"
    fleet.write_solution(folder, 2)
    assert fill(folder, 2, FIRST_MS, 10_000, 10) == 80
    return folder


@pytest.fixture(scope="module")
def rows(solution: Path) -> Rows:
    """What was stored."""
    accounts = fleet.credentials(solution, 2)
    return planned(Plan("", 0, accounts, 10, FIRST_MS, 10_000, seed=2))


def without_first(rows: Rows) -> Rows:
    return {name: column[1:] for name, column in rows.items()}


def test_nothing_to_say_of_what_is_as_expected(solution: Path, rows: Rows) -> None:
    assert compare(solution, rows) == Comparison(80, 0, 0, 0, 0)


def test_a_row_that_was_never_sent_is_foreign(solution: Path, rows: Rows) -> None:
    assert compare(solution, without_first(rows)) == Comparison(80, 0, 1, 0, 0)


def test_a_row_that_was_sent_and_not_acknowledged_may_be_stored(solution: Path, rows: Rows) -> None:
    assert compare(solution, without_first(rows), rows) == Comparison(80, 0, 0, 0, 0)


def test_an_expected_row_that_is_not_stored_is_missing(solution: Path, rows: Rows) -> None:
    times = np.asarray(rows["time_ms"], dtype=np.int64).copy()
    times[0] += 1
    assert compare(solution, {**rows, "time_ms": times}) == Comparison(80, 1, 1, 0, 0)


def test_another_value_is_wrong(solution: Path, rows: Rows) -> None:
    numbers = np.asarray(rows["number"], dtype=np.float64).copy()
    numbers[3] += 0.1
    assert compare(solution, {**rows, "number": numbers}) == Comparison(80, 0, 0, 0, 1)


def test_a_row_stored_twice_is_doubled(tmp_path: Path, solution: Path, rows: Rows) -> None:
    """The store refuses to do that, so its file is changed behind its back."""
    solution = Path(shutil.copytree(solution, tmp_path / "doubled"))
    with duckdb.connect(solution / ".jalon" / "store" / "hot.duckdb") as db:
        db.execute("insert into hot select * from hot limit 1")
    assert compare(solution, rows) == Comparison(81, 0, 0, 1, 0)
