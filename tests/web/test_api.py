"""What programs read: devices, newest values, history, downloads, metrics."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import httpx
import pytest
from school import School

from jalon.app.running import Part

DEVICE = "zay-cm2-a"


def test_devices_come_a_page_at_a_time_and_by_site(client: httpx.Client, school: School) -> None:
    everything = client.get("/api/v1/devices?limit=1000").json()
    assert everything["total"] == len(school.running.solution.fleet.devices)
    page = client.get("/api/v1/devices?limit=5&offset=5").json()
    assert page["devices"] == everything["devices"][5:10]
    site = everything["devices"][0]["site"]
    of_site = client.get(f"/api/v1/devices?site={site}").json()
    assert {one["site"] for one in of_site["devices"]} == {site}
    states = {one["state"] for one in everything["devices"]}
    assert {"reporting", "never"} <= states


def test_a_device_tells_its_properties_with_their_units(client: httpx.Client) -> None:
    device = client.get(f"/api/v1/devices/{DEVICE}?lang=fr").json()
    properties = {one["name"]: one for one in device["properties"]}
    assert properties["temperature"]["unit"] == "Cel"
    assert properties["temperature"]["title"] == "Température"
    assert device["zone"] == "Europe/Paris"


def test_the_newest_values_are_those_of_the_history(client: httpx.Client) -> None:
    latest = {one["property"]: one for one in client.get(f"/api/v1/devices/{DEVICE}/latest").json()}
    history = client.get(f"/api/v1/devices/{DEVICE}/history?property=co2").json()
    assert history["points"][-1]["value"] == latest["co2"]["value"]
    assert history["points"][-1]["time"] == latest["co2"]["time"]


def test_buckets_cover_the_range_and_show_the_gap(client: httpx.Client) -> None:
    answer = client.get(f"/api/v1/devices/{DEVICE}/history?property=co2&bucket=3600").json()
    buckets = answer["buckets"]
    assert len(buckets) == 24
    empty = [one for one in buckets if one["count"] == 0]
    assert 4 <= len(empty) <= 5
    assert all(one["mean"] is None for one in empty)
    for one in buckets:
        if one["count"]:
            assert one["min"] <= one["mean"] <= one["max"]


def test_days_are_those_of_the_site(client: httpx.Client) -> None:
    start = datetime.now(UTC) - timedelta(days=1, hours=12)
    params = {"property": "co2", "bucket": "day", "from": start.isoformat()}
    buckets = client.get(f"/api/v1/devices/{DEVICE}/history", params=params).json()["buckets"]
    starts = [datetime.fromisoformat(one["start"]) for one in buckets]
    assert all(one.utcoffset() == timedelta(0) for one in starts)
    assert all(one.hour in (22, 23) for one in starts[1:]), "midnight in Paris"


def test_raw_values_are_cut_at_the_limit_and_it_is_said(client: httpx.Client) -> None:
    answer = client.get(f"/api/v1/devices/{DEVICE}/history?property=co2&limit=3").json()
    assert len(answer["points"]) == 3
    assert answer["truncated"] is True


def test_the_fleet_is_taken_together(client: httpx.Client) -> None:
    one = client.get("/api/v1/fleet/aggregate?property=co2&bucket=86400").json()
    assert one["devices"] > 20
    assert one["unit"] == "[ppm]"
    assert sum(bucket["count"] for bucket in one["buckets"]) > 20 * 100


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/devices/nobody", 404),
        (f"/devices/{DEVICE}/history?property=nothing", 404),
        (f"/devices/{DEVICE}/history", 422),
        (f"/devices/{DEVICE}/history?property=co2&bucket=fortnight", 422),
        (f"/devices/{DEVICE}/history?property=co2&bucket=1&from=0", 422),
        (f"/devices/{DEVICE}/history?property=co2&from=yesterday", 422),
        (f"/devices/{DEVICE}/history?property=co2&from=2026-01-02&to=2026-01-01", 422),
        ("/fleet/aggregate?property=nothing", 404),
        ("/fleet/aggregate?property=battery", 422),
        ("/export?format=xls", 422),
        ("/nothing", 404),
    ],
)
def test_mistakes_are_answered_as_problem_details(
    client: httpx.Client, path: str, status: int
) -> None:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]


def test_csv_and_parquet_hold_the_same_rows(client: httpx.Client, tmp_path: Path) -> None:
    ask = f"/api/v1/export?device={DEVICE}&property=co2&format="
    text = client.get(ask + "csv")
    assert "attachment" in text.headers["content-disposition"]
    (tmp_path / "values.parquet").write_bytes(client.get(ask + "parquet").content)
    rows = duckdb.sql(f"SELECT count(*) FROM '{tmp_path}/values.parquet'").fetchone()
    assert rows == (len(list(io.StringIO(text.text))) - 1,)
    assert rows[0] > 50


def test_prometheus_reads_counters_and_sizes(client: httpx.Client, school: School) -> None:
    text = client.get("/metrics").text
    assert f"jalon_messages_total {float(school.running.counters.messages)}" in text
    assert 'jalon_refused_total{reason="malformed"} 1.0' in text
    rows = re.search(r'jalon_store_rows\{part="hot"\} (\S+)', text)
    assert rows
    assert float(rows[1]) > 1000
    assert 'jalon_devices{state="never"} 1.0' in text


def test_not_ready_is_503_with_the_reason(client: httpx.Client, school: School) -> None:
    working = school.running.parts
    school.running.parts = lambda: [*working(), Part("broker", ready=False, detail="died")]
    try:
        answer = client.get("/health/ready")
    finally:
        school.running.parts = working
    assert answer.status_code == 503
    assert answer.json()["parts"][-1] == {"name": "broker", "ready": False, "detail": "died"}


def test_the_description_names_every_operation(client: httpx.Client) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    assert len(paths) >= 9
    for path, operations in paths.items():
        assert all(one["summary"] for one in operations.values()), path
        assert path in client.get("/api").text
