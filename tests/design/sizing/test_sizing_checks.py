"""What cannot work is said, where it is written; what is sound is left in peace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sized import ARCHITECTURE, blueprint, demand

from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.sizing.checks import check
from jalon.vocab.finding import Path as Place
from jalon.vocab.finding import Severity

TODAY = date(2026, 11, 23)
EXAMPLES = Path(__file__).parents[3] / "examples"


def said(design: Blueprint) -> list[tuple[str, str, Place]]:
    return [(one.rule, one.at.part, one.at.path) for one in check(design, TODAY)]


def with_flow(**changed: object) -> dict[str, object]:
    flows: object = ARCHITECTURE["flows"]
    assert isinstance(flows, list)
    return {**ARCHITECTURE, "flows": [{**flows[0], **changed}, *flows[1:]]}


def device(**more: object) -> dict[str, object]:
    return {"devices": [{"id": "sensors", **more}]}


def test_a_sound_design_is_left_in_peace() -> None:
    assert said(blueprint()) == []
    assert said(blueprint(device(battery={"cell": "er14505"}, lorawan={}))) == []


@pytest.mark.parametrize(
    ("sizing", "rule", "path"),
    [
        (device() | {"devices": [{"id": "ghosts"}]}, "component", ("devices", 0, "id")),
        (device(battery={"cell": "aaa"}), "cell", ("devices", 0, "battery", "cell")),
        (device(profile="carrier-pigeon"), "profile", ("devices", 0, "profile")),
        (device(lorawan={"sub_band": "915"}), "band", ("devices", 0, "lorawan", "sub_band")),
        ({"flows": [{"id": "F-none"}]}, "flow", ("flows", 0, "id")),
        (
            {"paths": [{"id": "p", "name": "P", "flows": ["F-up", "F-no"]}]},
            "flow",
            ("paths", 0, "flows", 1),
        ),
        (
            {"flows": [{"id": "F-net", "stack": {"application": "mqtt", "security": "tls-9"}}]},
            "layer",
            ("flows", 0, "stack", "security"),
        ),
    ],
)
def test_words_that_lead_nowhere_are_errors(
    sizing: dict[str, object], rule: str, path: Place
) -> None:
    (remark,) = check(blueprint(sizing), TODAY)
    assert (remark.rule, remark.at.part, remark.at.path) == (
        f"sizing.unknown-{rule}",
        "sizing",
        path,
    )
    assert remark.severity is Severity.ERROR


def test_a_payload_too_long_for_a_data_rate() -> None:
    found = said(
        blueprint(
            device(lorawan={"spreading": {"sf7": 1, "sf9": 1}}), architecture=with_flow(size=120)
        )
    )
    assert found == [("sizing.payload", "architecture", ("flows", 0, "size"))]


def test_speaking_more_often_than_the_law_allows() -> None:
    sizing = device(lorawan={"spreading": {"sf12": 1}})
    remarks = list(check(blueprint(sizing, architecture=with_flow(rate="1/min")), TODAY))
    places = [(one.rule, one.at.path) for one in remarks]
    assert places == [("sizing.duty-cycle", ("flows", 0, "rate"))]
    assert "19 messages an hour" in str(remarks[0].hint)


def test_a_full_channel() -> None:
    found = said(blueprint(device(lorawan={"spreading": {"sf10": 1}, "neighbours": 20_000})))
    assert found == [("sizing.collisions", "sizing", ("devices", 0, "lorawan"))]


def test_fair_use_and_too_many_downlinks() -> None:
    lorawan = {"spreading": {"sf12": 1}, "public": True, "confirmed": 1}
    found = said(blueprint(device(lorawan=lorawan)))
    assert [rule for rule, _part, _path in found] == ["sizing.fair-use", "sizing.downlinks"]


def test_a_button_cell_does_not_bear_the_radio() -> None:
    found = said(blueprint(device(battery={"cell": "cr2032"}, lorawan={})))
    assert found == [("sizing.pulse", "sizing", ("devices", 0, "battery", "cell"))]


def test_a_battery_that_lasts_no_month() -> None:
    busy = {"id": "lamp", "name": "Lamp", "current_ma": 300, "seconds": 3600, "per_day": 12}
    found = said(blueprint(device(battery={"cell": "er14505"}, lorawan={}, activities=[busy])))
    assert found == [("sizing.battery-life", "sizing", ("devices", 0, "battery"))]


def test_a_subscription_that_is_too_small() -> None:
    sizing: dict[str, object] = {"flows": [{"id": "F-net", "plan_mb_month": 1}]}
    assert said(blueprint(sizing)) == [
        ("sizing.data-plan", "sizing", ("flows", 0, "plan_mb_month"))
    ]


@pytest.mark.parametrize(
    ("measure", "rule"),
    [
        ("battery.life >= 30 y", "sizing.broken"),
        ("battery.life >= 12 y", "sizing.uncertain"),
        ("battery.life >= 5 y", None),
        ("battery.life >= 5 kg", "sizing.unit"),
        ("device.report_interval p95 <= 10 min", "sizing.broken"),
        ("alarm.false_rate <= 1 %", None),
    ],
)
def test_estimates_are_held_against_measures(measure: str, rule: str | None) -> None:
    sizing = device(battery={"cell": "er14505"}, lorawan={"spreading": {"sf7": 1}})
    found = said(blueprint(sizing, [demand(measure)]))
    place = ("solution", ("requirements", 0, "measure"))
    assert found == ([(rule, *place)] if rule else [])


def test_what_may_fail_is_a_note_and_what_fails_a_warning() -> None:
    sizing = device(battery={"cell": "er14505"}, lorawan={"spreading": {"sf7": 1}})
    for bound, severity in ((12, Severity.INFO), (30, Severity.WARNING)):
        design = blueprint(sizing, [demand(f"battery.life >= {bound} y")])
        assert [one.severity for one in check(design, TODAY)] == [severity]


def test_one_word_when_nothing_can_be_estimated() -> None:
    design = blueprint(requirements=[demand("battery.life >= 4 y"), demand("cost.total < 9 EUR")])
    (remark,) = check(design, TODAY)
    assert (remark.rule, remark.severity) == ("sizing.missing", Severity.INFO)


@pytest.mark.parametrize("name", ["school-air", "cold-chain"])
def test_the_examples_keep_what_they_promise(name: str) -> None:
    assert said(load(EXAMPLES / name).blueprint) == []
