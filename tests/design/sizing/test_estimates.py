"""Whole designs are estimated from what their files say."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sized import ARCHITECTURE, blueprint

from jalon.app.language import language
from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.document import Heading, Table
from jalon.design.sizing.chapter import chapter
from jalon.design.sizing.energy import battery_lives
from jalon.design.sizing.estimates import estimates
from jalon.design.sizing.latency import path_times
from jalon.design.sizing.report import sizing_report
from jalon.design.sizing.traffic import Known, traffic
from jalon.design.values import Value
from jalon.vocab.measure import Statistic

EXAMPLES = Path(__file__).parents[3] / "examples"
EXACT_CELL = {
    "id": "sensors",
    "battery": {"cell": "er14505", "usable": 0.85, "shelf_life_y": 99},
    "lorawan": {"spreading": {"sf7": 1}},
    "sleep_ua": 2,
    "retries": 0,
}
"""All that sizing.yaml can say is exact; the catalogue's cell and radio keep their ranges."""


def value(design: Blueprint, subject: str, of: str = "", statistic: str | None = None) -> Value:
    (found,) = [
        one
        for one in estimates(design)
        if (one.subject, one.of) == (subject, of) and one.statistic == statistic
    ]
    return found


def test_an_hourly_sensor_lasts_what_the_reference_says() -> None:
    (life,) = battery_lives(blueprint({"devices": [EXACT_CELL]}))
    assert life.messages == 24
    assert life.message_mah == pytest.approx(0.00146, rel=0.01)
    assert life.years.low < 37.5 < life.years.high
    assert not life.capped


def test_no_battery_is_promised_longer_than_it_keeps() -> None:
    device = {**EXACT_CELL, "battery": {"cell": "er14505"}}
    (life,) = battery_lives(blueprint({"devices": [device]}))
    assert life.capped
    assert life.uncapped > 20
    assert life.years.high <= 15


def test_the_slowest_data_rate_decides() -> None:
    device = {**EXACT_CELL, "lorawan": {"spreading": {"sf7": 1, "sf12": 1}}}
    (life,) = battery_lives(blueprint({"devices": [device]}))
    first = life.swings[0]
    assert str(first.label) == "Spreading factor"
    assert first.at_low > 3 * first.at_high
    assert [one.size for one in life.swings] == sorted(
        (one.size for one in life.swings), reverse=True
    )


def test_the_same_files_give_the_same_figures() -> None:
    sizing: dict[str, object] = {"devices": [EXACT_CELL]}
    assert estimates(blueprint(sizing)) == estimates(blueprint(sizing))


def test_a_relay_carries_what_reaches_it() -> None:
    flows = traffic(blueprint())
    assert flows["F-up"].per_day == 480
    assert flows["F-net"].per_day == flows["F-in"].per_day == 480
    assert flows["F-net"].known is Known.RELAYED
    assert flows["F-net"].per_sender == 240


def test_flows_in_a_circle_are_read_once() -> None:
    flows: object = ARCHITECTURE["flows"]
    assert isinstance(flows, list)
    back = {"id": "F-back", "from": "broker", "to": "gateways", "protocol": "MQTT"}
    circle = traffic(blueprint(architecture={**ARCHITECTURE, "flows": [*flows, back]}))
    assert circle["F-net"].per_day == 480


def test_broker_store_and_intervals() -> None:
    design = blueprint()
    load_now = value(design, "broker.messages_per_second", "broker")
    assert float(load_now.amount) == pytest.approx(480 / 86_400, rel=1e-4)
    assert load_now.high == pytest.approx(load_now.amount * 10)
    room = value(design, "storage.per_year")
    assert float(room.amount) == pytest.approx(480 * 365.25 * 3 * 1.9, rel=1e-4)
    assert value(design, "device.report_interval", "sensors").amount == 3600
    assert value(design, "device.count").amount == 20


def test_costs_are_shared_and_exact() -> None:
    sizing: dict[str, object] = {
        "years": 5,
        "devices": [{"id": "sensors", "hardware_eur": 60.1, "connectivity_eur_year": 2}],
        "shared": [
            {
                "id": "server",
                "name": "Server",
                "once_eur": 100,
                "year_eur": {"low": 10, "typical": 20, "high": 30},
            }
        ],
    }
    design = blueprint(sizing)
    total = value(design, "cost.total")
    assert total.amount == Decimal("1602.00")
    assert (total.low, total.high) == (Decimal("1552.00"), Decimal("1652.00"))
    assert value(design, "cost.purchase").amount == Decimal("1302.00")
    assert value(design, "cost.per_year").amount == Decimal("60.00")
    assert value(design, "cost.per_device").amount == Decimal("1.34")


def test_batteries_that_do_not_last_are_changed_and_paid() -> None:
    device = {
        **EXACT_CELL,
        "battery": {"cell": "cr2032"},
        "messages_per_day": 144,
        "hardware_eur": 10,
    }
    sizing: dict[str, object] = {"years": 10, "devices": [device]}
    report = sizing_report(blueprint(sizing))
    assert report.cost
    (line,) = report.cost.lines
    assert line.changes.typical > 3
    assert line.running.typical == int(line.changes.typical) * 20 * Decimal(16)


def test_without_prices_there_is_no_cost() -> None:
    assert sizing_report(blueprint()).cost is None


def test_the_way_of_an_alarm_adds_up() -> None:
    sizing: dict[str, object] = {
        "flows": [{"id": "F-up", "seconds": {"low": 1, "typical": 2, "high": 3}}],
        "paths": [
            {
                "id": "alarm",
                "name": "Alarm",
                "flows": ["F-up"],
                "steps": [{"name": "Rule", "seconds": 10}],
            }
        ],
    }
    design = blueprint(sizing)
    (path,) = path_times(design)
    assert (path.total.low, path.total.typical, path.total.high) == (11, 12, 13)
    assert 12 < path.p95 < 13
    late = value(design, "alarm.latency", statistic=Statistic.P95)
    assert late.low is not None
    assert late.high is not None
    assert late.low <= late.amount <= late.high


def test_without_a_way_the_slowest_is_found() -> None:
    (path,) = path_times(blueprint())
    assert [one.flow for one in path.hops] == ["F-up", "F-net", "F-in"]
    assert path.subject == "message.latency"


def test_an_empty_design_has_an_empty_report() -> None:
    assert sizing_report(blueprint(architecture={"components": []})).cost is None


@pytest.mark.parametrize("name", ["school-air", "cold-chain"])
@pytest.mark.parametrize("code", ["en", "fr"])
def test_the_chapters_of_the_examples_are_whole(name: str, code: str) -> None:
    design = load(EXAMPLES / name).blueprint
    import datetime

    blocks = list(chapter(design, language(code), datetime.date(2026, 11, 23)))
    tables = [one for one in blocks if isinstance(one, Table)]
    assert len([one for one in blocks if isinstance(one, Heading)]) >= 6
    assert len(tables) >= 7
    for table in tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.header)}
    assert not [one for one in estimates(design) if not one.amount.is_finite()]


def test_answers_on_the_same_road_are_not_carried_twice() -> None:
    flows: object = ARCHITECTURE["flows"]
    assert isinstance(flows, list)
    wish = {
        "id": "F-wish",
        "from": "broker",
        "to": "sensors",
        "protocol": "MQTT",
        "rate": "1/h",
        "direction": "both",
    }
    design = blueprint(architecture={**ARCHITECTURE, "flows": [*flows, wish]})
    assert traffic(design)["F-in"].per_day == 480
    load_now = value(design, "broker.messages_per_second", "broker")
    assert float(load_now.amount) == pytest.approx(480 / 86_400, rel=1e-4)
