"""Readings in a real PostgreSQL: each once, with how far the copy has come."""

from __future__ import annotations

from dataclasses import replace

import pytest
from postgres_server import PASSWORD, PostgresServer

from jalon.adapters.sinks.postgresql import PostgresqlTable, Target
from jalon.run.integrations.ports import Kept, Progress, SinkDown
from jalon.run.ports import SeriesSpec, StoredRow
from jalon.vocab.reading import ValueKind

NOON = 1_700_049_600_000
SERIES = {
    7: Kept(SeriesSpec("d1", "co2", ValueKind.NUMBER, "[ppm]", "Europe/Paris"), "town", "air"),
    9: Kept(SeriesSpec("d1", "mode", ValueKind.TEXT, "", "Europe/Paris"), "town", "air"),
}
ROWS = [StoredRow(7, NOON, 612.5, None, 0), StoredRow(9, NOON, None, "au\0to ☃", 1)]


def target(server: PostgresServer, schema: str) -> Target:
    """Tables in a schema of the test's own."""
    return Target(
        "127.0.0.1", server.port, "postgres", server.user, PASSWORD, False, None, schema, "jalon_"
    )


def test_rows_and_progress_are_kept_together_and_once(postgres: PostgresServer) -> None:
    place = target(postgres, 'odd "name')
    table = PostgresqlTable(place, "school", "archive")
    assert table.progress() is None
    assert table.write(SERIES, ROWS, Progress(3, NOON, 0)) == 2
    assert table.write(SERIES, ROWS, Progress(4, NOON, 0)) == 0, "known already"
    table.close()
    again = PostgresqlTable(place, "school", "archive")
    assert again.progress() == Progress(4, NOON, 0)
    again.close()
    found = postgres.ask(
        "select device, property, number, text, unit, quality, extract(epoch from time) * 1000"
        ' from "odd ""name".jalon_values order by property'
    )
    assert [row[:6] for row in found] == [
        ("d1", "co2", 612.5, None, "[ppm]", 0),
        ("d1", "mode", None, "auto ☃", "", 1),
    ]
    assert {int(row[6]) for row in found} == {NOON}


def test_a_write_that_fails_moves_nothing(postgres: PostgresServer) -> None:
    table = PostgresqlTable(target(postgres, "failing"), "school", "archive")
    table.write(SERIES, ROWS[:1], Progress(1, NOON, 0))
    broken = StoredRow(7, NOON + 1, 1.0, None, 99_999)  # no smallint
    with pytest.raises(SinkDown):
        table.write(SERIES, [StoredRow(7, NOON + 2, 1.0, None, 0), broken], Progress(2, NOON, 0))
    assert table.progress() == Progress(1, NOON, 0)
    assert postgres.ask("select count(*) from failing.jalon_readings") == [(1,)]
    table.close()


def test_two_solutions_share_tables_and_a_series_follows_its_files(
    postgres: PostgresServer,
) -> None:
    place = target(postgres, "shared")
    school, shop = (PostgresqlTable(place, name, "archive") for name in ("school", "shop"))
    school.write(SERIES, ROWS[:1], Progress(1, NOON, 0))
    shop.write(SERIES, ROWS[:1], Progress(5, NOON, 0))
    moved = {7: replace(SERIES[7], site="village")}
    school.write(moved, [StoredRow(7, NOON + 1, 613.0, None, 0)], Progress(2, NOON, 0))
    rows = postgres.ask("select solution, site, count(*) from shared.jalon_values group by 1, 2")
    assert sorted(rows) == [("school", "village", 2), ("shop", "town", 1)]
    school.close()
    shop.close()


def test_a_wrong_password_is_told_without_it(postgres: PostgresServer) -> None:
    wrong = replace(target(postgres, "public"), password="hunter2-secret")
    with pytest.raises(SinkDown) as down:
        PostgresqlTable(wrong, "school", "archive")
    assert "password authentication failed" in str(down.value)
    assert "hunter2" not in str(down.value)


def test_encryption_that_is_asked_for_is_not_given_up(postgres: PostgresServer) -> None:
    strict = replace(target(postgres, "public"), encrypted=True)
    with pytest.raises(SinkDown, match="SSL"):
        PostgresqlTable(strict, "school", "archive")
