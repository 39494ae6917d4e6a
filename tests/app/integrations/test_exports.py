"""Files of values: one a period, those missed too, and the same again when asked."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from export_office import DEVICE, ExportOffice
from waiting import wait_for

from jalon.vocab.times import DAY_MS, to_ms

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> int:
    """A local time in Paris."""
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=PARIS))


def daily(folder: Path, **more: object) -> dict[str, object]:
    """An entry of `exports`."""
    return {
        "id": "daily",
        "every": "day",
        "folder": str(folder),
        "select": {"devices": [DEVICE]},
        **more,
    }


def names(folder: Path) -> list[str]:
    """The files there are."""
    return sorted(path.name for path in folder.rglob("*.csv"))


def finished(office: ExportOffice) -> list[tuple[str, int]]:
    """State and rows of the runs, the newest period first."""
    return [(run.state, run.rows) for run in office.shown("daily").runs]


def rows(path: Path) -> list[dict[str, str]]:
    """The lines of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_days_that_were_missed_are_written_at_the_next_start(
    office: ExportOffice, tmp_path: Path
) -> None:
    """The clock goes back on 25 October 2026: that day has 25 hours."""
    target = tmp_path / "files"
    office.now = at("2026-10-27 08:00")
    for hour in range(60):
        office.hear(at("2026-10-24 12:00") + hour * 3_600_000, 600.0 + hour)
    office.write(exports=[daily(target, since="2026-10-24")])
    office.integrations.start()
    wait_for(lambda: finished(office) == [("done", 23), ("done", 25), ("done", 12)])
    assert names(target) == [f"daily-2026-10-{day}.csv" for day in (24, 25, 26)]
    counts = [len(rows(target / "daily" / name)) for name in names(target)]
    assert counts == [12, 25, 23]
    office.integrations.stop()
    office.now += 2 * DAY_MS
    office.join()
    office.integrations.start()
    wait_for(lambda: len(names(target)) == 5)


def test_run_again_the_same_file_has_what_came_late(office: ExportOffice, tmp_path: Path) -> None:
    target = tmp_path / "files"
    office.now = at("2026-11-24 08:00")
    office.hear(at("2026-11-23 12:00"), 600.0)
    office.write(exports=[daily(target)])
    office.integrations.start()
    path = target / "daily" / "daily-2026-11-23.csv"
    office.integrations.run_now("daily")
    wait_for(lambda: path.exists() and len(rows(path)) == 1)
    office.hear(at("2026-11-23 11:00"), 590.0)
    office.integrations.run_now("daily")
    wait_for(lambda: len(rows(path)) == 2)
    wait_for(
        lambda: [(one.state, one.tries) for one in office.shown("daily").runs] == [("done", 2)]
    )
    assert names(target) == ["daily-2026-11-23.csv"]
    assert [line["value"] for line in rows(path)] == ["590.0", "600.0"]


def test_a_place_that_takes_nothing_holds_up_its_own_export_only(
    office: ExportOffice, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder")
    office.now = at("2026-11-24 08:00")
    broken = {**daily(blocked, since="2026-11-23"), "id": "broken"}
    office.write(exports=[broken, daily(tmp_path / "files", since="2026-11-23")])
    office.integrations.start()
    wait_for(lambda: names(tmp_path / "files") == ["daily-2026-11-23.csv"])
    wait_for(lambda: "cannot be written" in office.trouble("broken"))
    wait_for(lambda: [one.state for one in office.shown("broken").runs] == ["failed"])
    blocked.unlink()
    wait_for(lambda: names(blocked) == ["broken-2026-11-23.csv"])
