"""What was stored comes out again, from the store and from the running solution alike."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

Jalon = Callable[..., subprocess.CompletedProcess[str]]
Up = Callable[[Path], "subprocess.Popen[str]"]
HISTORY = """device,property,time,value,unit,quality
tre-truck-1,door,2026-01-05T07:00:00.000Z,true,,good
tre-truck-1,location,2026-01-05T07:00:00.000Z,"geo:47.4306,-0.5183",,good
tre-truck-1,temperature,2026-01-05T07:00:00.000Z,2.5,Cel,good
tre-truck-1,temperature,2026-01-05T07:02:00.000Z,99.0,Cel,out-of-range
"""


def rows(text: str) -> list[list[str]]:
    """A table's cells, however they are quoted."""
    return list(csv.reader(text.splitlines()))


@pytest.fixture
def filled(jalon: Jalon, cold: Path, table: Callable[[str], Path]) -> Path:
    """A solution with every kind of value but text."""
    assert "Values stored: 4." in jalon("import", cold, table(HISTORY)).stdout
    return cold


def test_an_export_is_what_an_import_reads(jalon: Jalon, filled: Path) -> None:
    assert rows(jalon("export", filled).stdout) == rows(HISTORY)


def test_running_or_not_the_export_is_the_same(
    jalon: Jalon, up: Up, filled: Path, tmp_path: Path
) -> None:
    up(filled)
    assert rows(jalon("export", filled).stdout) == rows(HISTORY)
    out = tmp_path / "values.csv"
    jalon("export", filled, "--device", "tre-truck-1", "--out", out)
    assert rows(out.read_text()) == rows(HISTORY)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("running", [False, True])
def test_parquet_and_choices(
    jalon: Jalon, up: Up, filled: Path, tmp_path: Path, running: bool
) -> None:
    if running:
        up(filled)
    out = tmp_path / "values.parquet"
    chosen = ("--property", "temperature", "--to", "2026-01-05T08:01")
    jalon("export", filled, *chosen, "--format", "parquet", "--out", out)
    found = duckdb.sql(f"select device, property, number, unit from '{out}'").fetchall()
    assert found == [("tre-truck-1", "temperature", 2.5, "Cel")]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--device", "nobody"], "No device has the id nobody"),
        (["--from", "yesterday"], "Write a time as"),
        (["--from", "2026-01-02", "--to", "2026-01-01"], "before the end"),
        (["--property", "radon"], "nothing to export"),
        (["--format", "parquet"], "needs a name"),
    ],
)
def test_what_makes_no_sense_is_said(
    jalon: Jalon, filled: Path, words: list[str], says: str
) -> None:
    assert says in jalon("export", filled, *words, code=2).stderr
