"""A database has every reading once, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bad_peers import free_port
from export_office import DEVICE, ExportOffice
from postgres_server import PASSWORD, PostgresServer, postgres_server
from waiting import wait_for

from jalon.run.batch import Columns
from jalon.vocab.times import DAY_MS


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server of the module's own: it is stopped and started."""
    with postgres_server(free_port()) as server:
        yield server


def archive(server: PostgresServer, schema: str, **more: object) -> dict[str, object]:
    """An entry of `postgresql`."""
    return {
        "id": "archive",
        "host": "127.0.0.1",
        "port": server.port,
        "database": "postgres",
        "user": server.user,
        "password": "db",
        "schema": schema,
        "select": {"properties": ["co2"]},
        **more,
    }


def values(server: PostgresServer, schema: str) -> list[float]:
    """What the database has of CO₂, in time order."""
    rows = server.ask(
        f"select number from {schema}.jalon_values where property = 'co2' order by time"
    )
    return [row[0] for row in rows]


def has(server: PostgresServer, schema: str, wanted: list[float]) -> bool:
    """Whether the database has exactly these."""
    there = server.ask("select to_regclass(%s)", f"{schema}.jalon_values")[0][0]
    return there is not None and values(server, schema) == wanted


def test_what_comes_is_copied_and_an_outage_loses_and_doubles_nothing(
    office: ExportOffice, postgres: PostgresServer
) -> None:
    office.secret("db", PASSWORD)
    office.write(postgresql=[archive(postgres, "live")])
    start = office.now - 3_600_000
    office.hear(start - 1, 1.0)  # history, which was not asked for
    office.integrations.start()
    wait_for(lambda: office.works("archive"))
    office.hear(start, 600.0)
    office.hear(start, 20.5, name="temperature")  # not selected
    wait_for(lambda: has(postgres, "live", [600.0]))
    postgres.stop()
    office.hear(start + 1000, 601.0)
    wait_for(lambda: office.trouble("archive") != "")
    assert PASSWORD not in office.trouble("archive")
    office.hear(start - 500 * DAY_MS, 5.0)  # very late
    postgres.start()
    wait_for(lambda: has(postgres, "live", [5.0, 600.0, 601.0]))
    wait_for(lambda: office.works("archive"))
    unselected = "select count(*) from live.jalon_values where property <> 'co2'"
    assert postgres.ask(unselected) == [(0,)]


def test_a_new_start_goes_on_where_the_database_stands(
    office: ExportOffice, postgres: PostgresServer
) -> None:
    office.secret("db", PASSWORD)
    office.write(postgresql=[archive(postgres, "again")])
    office.integrations.start()
    wait_for(lambda: office.works("archive"))
    office.hear(office.now, 600.0)
    wait_for(lambda: has(postgres, "again", [600.0]))
    office.integrations.stop()
    office.hear(office.now + 1, 601.0)
    office.join()
    office.integrations.start()
    wait_for(lambda: has(postgres, "again", [600.0, 601.0]))


def test_the_history_is_copied_when_it_is_asked_for(
    office: ExportOffice, postgres: PostgresServer
) -> None:
    one = office.series[DEVICE, "co2"].id
    times = [office.now - (100 - day) * DAY_MS for day in range(100)]
    office.store.append(Columns([one] * 100, times, [float(day) for day in range(100)]))
    office.store.compact(office.now - 2 * DAY_MS)
    office.secret("db", PASSWORD)
    office.write(postgresql=[archive(postgres, "whole", backfill=True)])
    office.integrations.start()
    wait_for(lambda: has(postgres, "whole", [float(day) for day in range(100)]))
    office.hear(office.now, 999.0)
    wait_for(lambda: has(postgres, "whole", [*(float(day) for day in range(100)), 999.0]))


def test_what_the_store_forgot_is_found_again(
    office: ExportOffice, postgres: PostgresServer
) -> None:
    """Too much waited for a database that was away: nobody knows any more what is new."""
    office.secret("db", PASSWORD)
    office.write(postgresql=[archive(postgres, "gap")])
    office.integrations.start()
    wait_for(lambda: office.works("archive"))
    office.hear(office.now + 1, 600.0)
    wait_for(lambda: has(postgres, "gap", [600.0]))
    office.integrations.stop()
    for step in range(5):
        office.hear(office.now + 2 + step, 601.0 + step)
    office.store.forget_changes(office.store.last_change() - 1)
    office.join()
    office.integrations.start()
    wait_for(lambda: has(postgres, "gap", [600.0 + step for step in range(6)]))


def test_a_secret_that_is_not_set_is_told(office: ExportOffice, postgres: PostgresServer) -> None:
    office.write(postgresql=[archive(postgres, "never")])
    office.integrations.start()
    wait_for(lambda: "“db” has not been set" in office.trouble("archive"))
    assert office.solution.device(DEVICE) is not None
