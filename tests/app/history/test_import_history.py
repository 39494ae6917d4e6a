"""History comes in from a file: whole, once, at the right times, and what is wrong is said."""

from __future__ import annotations

import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jalon.app import importing
from jalon.app.importing import Job, import_file
from jalon.app.local import read_run
from jalon.app.local_api import LocalApi
from jalon.app.sinks import messages
from jalon.app.solution import load
from jalon.run.batch import Reason
from jalon.run.codecs.table import Wishes
from jalon.run.intake import MAX_PAYLOAD
from jalon.run.ports import Point
from jalon.vocab.errors import UsageError
from jalon.vocab.times import to_ms

DEVICE, FRIDGE = "zay-cp-a", "tre-dairy-1"
MACHINE = ("--device", DEVICE, "--property", "temperature", "--unit", "degF")

Jalon = Callable[..., subprocess.CompletedProcess[str]]
Up = Callable[[Path], "subprocess.Popen[str]"]
Points = Callable[[Path, str, str], list[Point]]
Table = Callable[[str], Path]


def quiet(_share: float) -> None:
    """Nobody watches."""


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as text:
        return list(csv.DictReader(text))


def distinct(file: Path) -> int:
    return len({row["timestamp"] for row in lines(file)})


def test_a_real_series_comes_in_with_its_own_times_and_unit(
    jalon: Jalon, points: Points, school: Path, machine: Path
) -> None:
    said = jalon("import", school, machine, *MACHINE, "--zone", "UTC").stdout
    rows = lines(machine)
    assert f"Values stored: {distinct(machine)}." in said
    stored = points(school, DEVICE, "temperature")
    assert len(stored) == distinct(machine)
    first = datetime.fromisoformat(rows[0]["timestamp"]).replace(tzinfo=UTC)
    assert stored[0].time_ms == to_ms(first)
    assert stored[0].value == pytest.approx((float(rows[0]["value"]) - 32) / 1.8)


def test_doing_it_twice_stores_nothing_twice(
    jalon: Jalon, points: Points, school: Path, machine: Path
) -> None:
    jalon("import", school, machine, *MACHINE, "--zone", "UTC")
    said = jalon("import", school, machine, *MACHINE, "--zone", "UTC").stdout
    assert "Values stored: 0." in said
    assert len(points(school, DEVICE, "temperature")) == distinct(machine)


def test_killed_at_any_moment_it_goes_on_where_it_was(
    points: Points, school: Path, machine: Path, jalon: Jalon, tmp_path: Path
) -> None:
    long = tmp_path / "long.csv"
    header, first = "timestamp,value\n", datetime(2020, 1, 1, tzinfo=UTC)
    with long.open("w") as file:
        file.write(header)
        for row in range(120_000):
            file.write(f"{(first + timedelta(minutes=row)).isoformat()},{row % 90}\n")
    words = ["import", str(school), str(long), *MACHINE[:4]]
    process = subprocess.Popen([sys.executable, "-m", "jalon.cli", *words])
    imports = school / ".jalon" / "store" / "imports"
    deadline = time.monotonic() + 60
    while not list(imports.glob("*.json")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    state = json.loads(next(imports.glob("*.json")).read_text())
    assert 0 < state["offset"] < long.stat().st_size
    said = jalon(*words).stdout
    assert f"Went on at line {state['line'] + 1}." in said
    stored = points(school, DEVICE, "temperature")
    assert [point.value for point in stored[:200]] == [float(row % 90) for row in range(200)]
    with_limit = jalon("export", school, "--device", DEVICE).stdout
    assert with_limit.count("\n") == 120_001


def test_a_running_solution_takes_it_through_its_broker(
    jalon: Jalon, up: Up, school: Path, machine: Path, points: Points
) -> None:
    process = up(school)
    rows = distinct(machine)
    said = jalon("import", school, machine, *MACHINE, "--zone", "UTC").stdout
    assert re.search(r"handed to the running solution: \d+\.", said)
    run = read_run(school)
    assert run is not None
    api = LocalApi(school, run)
    query = [("device", DEVICE), ("property", "temperature"), ("from", "2013-01-01")]
    deadline = time.monotonic() + 60
    while api.read("/api/v1/export", query).count(b"\n") < rows + 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert jalon("deadletters", "list", school).stdout == "No dead letter.\n"
    process.terminate()
    process.wait(20)
    assert len(points(school, DEVICE, "temperature")) == rows


def test_the_hour_that_comes_twice_is_read_in_file_order(
    jalon: Jalon, points: Points, school: Path, table: Table
) -> None:
    local = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    text = "time,value\n" + "".join(f"2025-10-26 {at},{20 + n}\n" for n, at in enumerate(local))
    said = jalon("import", school, table(text), "--device", DEVICE, "--property", "temperature")
    assert "the clock repeats, read in file order: 4." in said.stdout
    stored = points(school, DEVICE, "temperature")
    start = to_ms(datetime(2025, 10, 26, 1, 30, tzinfo=ZoneInfo("Europe/Paris")))
    assert [point.time_ms for point in stored] == [start + n * 1_800_000 for n in range(6)]
    assert [point.value for point in stored] == [20.0, 21.0, 22.0, 23.0, 24.0, 25.0]


def test_the_hour_that_is_skipped_is_moved_on_and_reported(
    jalon: Jalon, points: Points, school: Path, table: Table
) -> None:
    text = "time,value\n2026-03-29 01:59,20\n2026-03-29 02:30,21\n"
    said = jalon("import", school, table(text), "--device", DEVICE, "--property", "temperature")
    assert "the clock skips, moved one hour on: 1." in said.stdout
    moved = points(school, DEVICE, "temperature")[-1]
    assert moved.time_ms == to_ms(datetime(2026, 3, 29, 1, 30, tzinfo=UTC))


def test_rejected_lines_are_counted_explained_and_kept_for_mending(
    jalon: Jalon, points: Points, school: Path, tmp_path: Path
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(
        b"device,property,time,value,unit\n"
        b"zay-cp-a,co2,2025-05-05T10:00:00Z,812,[ppm]\n"
        b"zay-cp-a,co2,2025-05-05T10:05:00Z,much,[ppm]\n"
        b"zay-cp-a,co2,yesterday,812,[ppm]\n"
        b"nobody,co2,2025-05-05T10:00:00Z,812,[ppm]\n"
        b"zay-cp-a,radon,2025-05-05T10:00:00Z,812,[ppm]\n"
        b"zay-cp-a,co2,2099-05-05T10:00:00Z,812,[ppm]\n"
        b"zay-cp-a,co2,2025-05-05T10:10:00Z,nan,[ppm]\n"
        b"zay-cp-a,co2,2025-05-05T10:10:00Z,812,kg\n"
        b"zay-cp-a,co2,2025-05-05T10:10:00Z\n"
        b"zay-cp-a,co2,2025-05-05T10:10:00Z,\xff,[ppm]\n"
        b"\n"
        b"zay-cp-a,temperature,2025-05-05T10:00:00Z,68,[degF]\n"
    )
    done = jalon("import", school, file, code=1)
    assert "Values stored: 2." in done.stdout
    assert "9 lines rejected:" in done.stdout
    kept = lines(next((school / ".jalon" / "imports").glob("*.rejected.csv")))
    assert [(row["line"], row["reason"]) for row in kept] == [
        ("3", "not-a-number"),
        ("4", "invalid-time"),
        ("5", "unknown-device"),
        ("6", "unknown-property"),
        ("7", "future"),
        ("8", "not-a-number"),
        ("9", "wrong-unit"),
        ("10", "malformed"),
        ("11", "invalid-utf8"),
    ]
    assert kept[0]["text"] == "zay-cp-a,co2,2025-05-05T10:05:00Z,much,[ppm]"
    assert points(school, DEVICE, "temperature")[0].value == pytest.approx(20)


def test_a_table_with_a_column_for_each_property(
    jalon: Jalon, points: Points, cold: Path, table: Table
) -> None:
    text = (
        "\ufeffDate;temperature;setpoint;door;compressor\n"
        "16/11/2025 08:00;3,4;3;0;running\n"
        "16/11/2025 08:01;3,1;;1;idle\n"
    )
    words = ("--device", FRIDGE, "--time-column", "Date", "--time-format", "%d/%m/%Y %H:%M")
    jalon("import", cold, table(text), *words)
    assert [p.value for p in points(cold, FRIDGE, "temperature")] == [3.4, 3.1]
    assert [p.value for p in points(cold, FRIDGE, "setpoint")] == [3.0]
    assert [p.value for p in points(cold, FRIDGE, "door")] == [False, True]
    assert [p.value for p in points(cold, FRIDGE, "compressor")] == ["running", "idle"]
    when = datetime.fromtimestamp(points(cold, FRIDGE, "door")[0].time_ms / 1000, UTC)
    assert when == datetime(2025, 11, 16, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--device", "zay-cp-z", "--property", "co2"], "nearest: zay-cp-"),
        (["--device", DEVICE, "--property", "radon"], "has no property radon"),
        (["--device", DEVICE, "--property", "co2", "--unit", "kg"], "cannot be converted"),
        (["--device", DEVICE], "Say which property"),
        (["--property", "co2"], "no column “device”"),
        (["--device", DEVICE, "--property", "co2", "--zone", "Europe/Pari"], "no IANA time zone"),
        (["--device", DEVICE, "--property", "co2", "--value-column", "val"], "“val”"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_before_anything_is_read(
    jalon: Jalon, school: Path, table: Table, words: list[str], says: str
) -> None:
    done = jalon("import", school, table("time,value\n2025-01-01,4\n"), *words, code=2)
    assert says in done.stderr


def test_an_import_may_be_cut_into_batches_anywhere(
    school: Path, table: Table, monkeypatch: pytest.MonkeyPatch, points: Points
) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS", 2)
    rows = [f'2025-01-01T00:{n:02d}:00Z,{n},"a\nb{n}"\n' for n in range(7)]
    file = table("time,value,note\n" + "".join(rows) + "x,8,\n")
    wishes = Wishes(device=DEVICE, property="co2")
    report = import_file(load(school), Job(file, wishes), quiet)
    assert report.tally.stored == 7
    assert report.tally.rejected == {Reason.INVALID_TIME: 1}
    assert report.rejected_file is not None
    assert lines(report.rejected_file)[0]["line"] == "16"
    assert len(points(school, DEVICE, "co2")) == 7


def test_an_import_cut_short_begins_again_when_the_store_was_made_anew(
    school: Path, table: Table, monkeypatch: pytest.MonkeyPatch, points: Points
) -> None:
    monkeypatch.setattr(importing, "BATCH_ROWS", 2)
    rows = "".join(f"2025-01-01T00:{n:02d}:00Z,{n}\n" for n in range(7))
    job = Job(table("time,value\n" + rows), Wishes(device=DEVICE, property="co2"))

    def stop(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(load(school), job, stop)
    shutil.rmtree(school / ".jalon" / "store")
    report = import_file(load(school), job, quiet)
    assert report.resumed_line == 0
    assert report.tally.stored == 7
    assert len(points(school, DEVICE, "co2")) == 7


def test_through_the_broker_long_rows_and_repeated_times_are_kept_as_the_store_keeps_them(
    jalon: Jalon, up: Up, cold: Path, table: Table, points: Points
) -> None:
    up(cold)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    long = "running " * 40
    rows = [f"{(start + timedelta(minutes=n)).isoformat()},{n},{long}{n}\n" for n in range(600)]
    rows.insert(3, rows[2].replace(",2,", ",-5,"))
    file = table("time,temperature,compressor\n" + "".join(rows))
    jalon("import", cold, file, "--device", FRIDGE)
    run = read_run(cold)
    assert run is not None
    query = [("device", FRIDGE), ("from", "2025-01-01"), ("to", "2025-01-02")]
    deadline = time.monotonic() + 30
    while (text := LocalApi(cold, run).read("/api/v1/export", query)).count(b"\n") < 1201:
        assert jalon("deadletters", "list", cold).stdout == "No dead letter.\n"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert b"T00:02:00.000Z,2.0," in text
    assert b",-5.0," not in text


def test_messages_to_the_intake_hold_every_object_once_and_are_as_long_as_it_takes() -> None:
    objects = [{"ts": n, "state": "x" * (n * 977 % 40_000)} for n in range(200)]
    sent = list(messages(objects))
    assert [one for content in sent for one in json.loads(content)] == objects
    assert max(map(len, sent)) <= MAX_PAYLOAD
    assert len(sent) < 100
    assert list(messages([])) == []


def test_a_file_that_is_not_there(school: Path) -> None:
    with pytest.raises(UsageError, match="no file"):
        import_file(load(school), Job(school / "none.csv"), quiet)
