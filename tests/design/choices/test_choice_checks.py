"""Options are excluded with a reason, choices are held against it, bricks against their worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from sized import ARCHITECTURE, blueprint, demand

from jalon.app.solution import load
from jalon.design.blueprint import Blueprint
from jalon.design.choices.checks import check
from jalon.design.choices.demands import Verdict, update_days
from jalon.design.choices.report import answers, ranking
from jalon.vocab.finding import Path as Place
from jalon.vocab.finding import Severity

TODAY = date(2026, 11, 23)
EXAMPLES = Path(__file__).parents[3] / "examples"
COST: Mapping[str, object] = {
    "id": "cost",
    "name": "Cost",
    "better": "less",
    "weight": 1,
    "low": 0,
    "high": 100,
}
OPTIONS: list[dict[str, object]] = [
    {"id": "lorawan", "radio": "lorawan-eu868", "figures": {"cost": 10}},
    {"id": "wifi", "radio": "wifi", "figures": {"cost": 20}},
]
LAYERS = ("perception", "network", "processing")
DECISIONS: list[dict[str, object]] = [
    {
        "id": "D1",
        "layer": "network",
        "choice": "LoRaWAN",
        "reason": "Cheap.",
        "requirements": ["R-1"],
    }
]
SIZING: dict[str, object] = {
    "devices": [{"id": "sensors", "battery": {"cell": "er14505"}, "lorawan": {}}]
}


def question(**more: object) -> dict[str, object]:
    return {
        "id": "radio",
        "layer": "network",
        "name": "Which radio?",
        "decision": "D1",
        "components": ["sensors"],
        "criteria": [COST],
        "options": OPTIONS,
        "choice": "lorawan",
        **more,
    }


def design(
    *questions: dict[str, object],
    requirements: list[dict[str, object]] | None = None,
    bricks: list[dict[str, object]] | None = None,
    decisions: list[dict[str, object]] | None = None,
    **more: object,
) -> Blueprint:
    architecture = {**ARCHITECTURE, "decisions": DECISIONS if decisions is None else decisions}
    return blueprint(
        SIZING,
        requirements or [demand("device.count >= 1")],
        architecture,
        {"questions": list(questions), "bricks": bricks or [], **more},
        [{"id": "town", "name": "Town", "protocols": ["MQTT 3.1.1"]}],
    )


def said(found: Blueprint) -> list[tuple[str, Place]]:
    """Without what is said of layers: small designs decide one only."""
    rule = "choices.undecided-layer"
    return [(one.rule, one.at.path) for one in check(found, TODAY) if one.rule != rule]


def reasons(found: Blueprint, option: str) -> list[str]:
    (answer,) = answers(found)
    judged = answer.judged(option)
    assert judged
    return [str(one.reason) for one in judged.broken]


def test_a_sound_choice_is_left_in_peace() -> None:
    assert said(design(question())) == []


def test_without_choices_nothing_is_said() -> None:
    assert list(check(design(), TODAY)) == []


def test_every_layer_with_components_needs_a_choice() -> None:
    remarks = list(check(design(question()), TODAY))
    layers = {str(one.text) for one in remarks if one.rule == "choices.undecided-layer"}
    assert len(layers) == len(LAYERS) - 1


@pytest.mark.parametrize(
    ("changed", "option", "words"),
    [
        ({"kind": "payload", "value": 13}, {"radio": "sigfox"}, "13 bytes; 12 fit"),
        ({"kind": "rate", "value": 200}, {"radio": "sigfox"}, "200 messages a day"),
        ({"kind": "uplink", "value": 2}, {"radio": "sigfox"}, "within 2 s"),
        (
            {"kind": "downlink", "value": 10},
            {"radio": "lorawan-eu868"},
            "waits for the next uplink",
        ),
        ({"kind": "link-budget", "value": 130}, {"radio": "wifi"}, "105 dB can be"),
        ({"kind": "mobility"}, {"radio": "nb-iot"}, "travels"),
        ({"kind": "end-to-end"}, {"radio": "zigbee"}, "ends at the first hop"),
        ({"kind": "update", "value": 2, "image_kb": 200}, {"radio": "lorawan-eu868"}, "2 days"),
        ({"kind": "update", "value": 2}, {"radio": "sigfox"}, "carries no updates"),
        ({"kind": "licence", "words": ["SSPL-1.0"]}, {"store": "mongodb"}, "SSPL-1.0 is refused"),
        ({"kind": "speaks", "system": "town"}, {"radio": "ble"}, "none of: MQTT 3.1.1"),
        ({"kind": "cost", "value": 1}, {"cost_month": 2}, "costs 2"),
        ({"kind": "feature", "words": ["tls"]}, {"hardware": "class-0"}, "lacks tls"),
        ({"kind": "battery", "value": 9}, {"battery_years": 3}, "it lasts 3"),
    ],
)
def test_an_option_that_breaks_a_demand_is_out_with_the_reason(
    changed: dict[str, object], option: dict[str, object], words: str
) -> None:
    asked = {"id": "asked", "requirement": "R-1", **changed}
    options = [{"id": "weak", "figures": {"cost": 1}, **option}, *OPTIONS]
    found = design(question(demands=[asked], options=options, derive=False, choice=None))
    (reason,) = reasons(found, "weak")
    assert words in reason
    (answer,) = answers(found)
    assert "weak" not in answer.order
    judged = answer.judged("weak")
    assert judged
    assert judged.broken[0].requirement == "R-1"


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "payload", "value": 12},
        {"kind": "rate", "value": 140},
        {"kind": "uplink", "value": 10},
        {"kind": "link-budget", "value": 160},
    ],
)
def test_a_demand_that_is_just_met_excludes_nobody(changed: dict[str, object]) -> None:
    options = [{"id": "weak", "radio": "sigfox", "figures": {"cost": 1}}, *OPTIONS]
    asked = {"id": "asked", **changed}
    assert reasons(design(question(demands=[asked], options=options, derive=False)), "weak") == []


def test_what_nobody_knows_excludes_nobody_and_is_told() -> None:
    options: list[dict[str, object]] = [{"id": "own", "figures": {"cost": 5}}, *OPTIONS]
    asked = {"id": "asked", "kind": "downlink", "value": 5}
    (answer,) = answers(design(question(demands=[asked], options=options, derive=False)))
    judged = answer.judged("own")
    assert judged
    assert not judged.out
    assert [one.verdict for one in judged.unknown] == [Verdict.UNKNOWN]


def test_demands_follow_from_flows_and_requirements() -> None:
    wish = demand("battery.life >= 6 y", components=["sensors"])
    found = design(question(), requirements=[wish])
    (answer,) = answers(found)
    derived = {one.demand.kind.value: one.demand.value for one in answer.demands if one.derived}
    assert derived == {"payload": 20, "rate": 24, "battery": 6}
    (reason,) = reasons(found, "wifi")
    assert "6 years" in reason
    assert reasons(found, "lorawan") == []


def test_a_written_demand_takes_the_place_of_a_derived_one() -> None:
    asked = {"id": "own", "kind": "payload", "value": 300}
    (answer,) = answers(design(question(demands=[asked])))
    payloads = [one for one in answer.demands if one.demand.kind.value == "payload"]
    assert [one.demand.value for one in payloads] == [300]


def test_an_image_over_lorawan_takes_days() -> None:
    assert update_days(200, 0.25, 0.01) == pytest.approx(7.4, abs=0.01)


@pytest.mark.parametrize(
    ("changed", "rule", "path"),
    [
        ({"choice": "pigeon"}, "unknown-option", ("choice",)),
        ({"decision": "D9"}, "unknown-decision", ("decision",)),
        ({"components": ["ghost"]}, "unknown-component", ("components", 0)),
        (
            {"demands": [{"id": "d", "kind": "mobility", "requirement": "R-9"}]},
            "unknown-requirement",
            ("demands", 0, "requirement"),
        ),
        (
            {"demands": [{"id": "d", "kind": "speaks", "system": "moon"}]},
            "unknown-system",
            ("demands", 0, "system"),
        ),
        (
            {"options": [{**OPTIONS[0], "radio": "telepathy"}, OPTIONS[1]]},
            "unknown-entry",
            ("options", 0, "radio"),
        ),
        (
            {"options": [{**OPTIONS[0], "figures": {"price": 1}}, OPTIONS[1]]},
            "unknown-criterion",
            ("options", 0, "figures", "price"),
        ),
        ({"options": [OPTIONS[0], OPTIONS[0]]}, "duplicate-id", ("options", 1, "id")),
    ],
)
def test_words_that_lead_nowhere(changed: dict[str, object], rule: str, path: Place) -> None:
    (remark,) = check(design(question(**changed)), TODAY)
    assert (remark.rule, remark.severity) == (f"choices.{rule}", Severity.ERROR)
    assert (remark.at.part, remark.at.path) == ("choices", ("questions", 0, *path))


BIG = {"id": "d", "kind": "link-budget", "value": 140}


@pytest.mark.parametrize(
    ("changed", "rule", "path"),
    [
        ({"options": OPTIONS[:1]}, "one-option", ()),
        ({"choice": "wifi"}, "not-first", ("choice",)),
        ({"choice": "wifi", "demands": [BIG]}, "excluded", ("choice",)),
        ({"choice": None}, "no-choice", ()),
        ({"decision": None}, "no-decision", ("choice",)),
        ({"demands": [{"id": "d", "kind": "uplink"}]}, "empty-demand", ("demands", 0)),
        ({"demands": [{"id": "d", "kind": "feature"}]}, "empty-demand", ("demands", 0)),
        (
            {"options": [OPTIONS[0], {"id": "wifi", "radio": "wifi"}]},
            "missing-figure",
            ("options", 1),
        ),
        (
            {"options": [OPTIONS[0], {**OPTIONS[1], "figures": {"cost": 500}}]},
            "outside-scale",
            ("options", 1, "figures", "cost"),
        ),
        (
            {"options": [{**OPTIONS[0], "requires": ["sql"]}, OPTIONS[1]]},
            "incompatible",
            ("options", 0, "requires", 0),
        ),
    ],
)
def test_weak_choices_are_told_where_they_stand(
    changed: dict[str, object], rule: str, path: Place
) -> None:
    found = said(design(question(**changed)))
    expected = (f"choices.{rule}", ("questions", 0, *path))
    assert expected in found
    if "uplink" not in str(changed):  # a bound of nothing excludes all: two remarks for one slip
        assert found == [expected]


def test_a_reason_allows_another_than_the_first() -> None:
    assert said(design(question(choice="wifi", reason="It is there."))) == []


def test_when_everything_is_excluded_that_is_told() -> None:
    asked = {"id": "d", "kind": "link-budget", "value": 200}
    found = said(design(question(demands=[asked], choice=None, decision=None)))
    assert found == [("choices.none-left", ("questions", 0, "options"))]


def test_a_decision_without_requirements() -> None:
    bare: list[dict[str, object]] = [{**DECISIONS[0], "requirements": []}]
    found = said(design(question(), decisions=bare))
    assert found == [("choices.no-requirement", ("questions", 0, "decision"))]


def test_what_a_choice_needs_may_exist_already() -> None:
    needing = [{**OPTIONS[0], "requires": ["mqtt"]}, OPTIONS[1]]
    assert said(design(question(options=needing))) == []


BRICK: dict[str, object] = {
    "id": "b",
    "name": "B",
    "purpose": "P",
    "licence": "MIT",
    "build_days": 10,
    "adopt_days": 1,
    "evidence": ["a file"],
}


@pytest.mark.parametrize(
    ("changed", "rule", "path"),
    [
        ({}, None, ()),
        ({"build_days": None}, "no-gain", ()),
        ({"adopt_days": 20}, "no-gain", ("adopt_days",)),
        ({"evidence": []}, "no-evidence", ()),
        ({"last_release": "2024-01-01"}, "stale-brick", ("last_release",)),
        ({"last_release": "2026-06-01"}, None, ()),
        ({"open_vulnerabilities": 2}, "vulnerable-brick", ("open_vulnerabilities",)),
        ({"maintainers": 1}, "one-maintainer", ("maintainers",)),
        ({"licence": "AGPL-3.0-only"}, "licence", ("licence",)),
        ({"licence": "MyOwn-1.0"}, "unknown-licence", ("licence",)),
        ({"components": ["ghost"]}, "unknown-component", ("components", 0)),
    ],
)
def test_bricks_are_looked_at(changed: dict[str, object], rule: str | None, path: Place) -> None:
    brick = {key: one for key, one in {**BRICK, **changed}.items() if one is not None}
    found = said(design(bricks=[brick], distribution="service"))
    assert found == ([(f"choices.{rule}", ("bricks", 0, *path))] if rule else [])


def test_licences_that_cannot_be_joined() -> None:
    bricks: list[dict[str, object]] = [
        {**BRICK, "linked": True, "licence": "GPL-2.0-only"},
        {**BRICK, "id": "c", "linked": True, "licence": "Apache-2.0"},
    ]
    assert said(design(bricks=bricks)) == [("choices.licence-clash", ("bricks", 1, "licence"))]


@pytest.mark.parametrize("name", ["school-air", "cold-chain"])
def test_the_examples_decide_every_layer_and_say_why(name: str) -> None:
    found = load(EXAMPLES / name).blueprint
    assert list(check(found, TODAY)) == []
    assert len({one.question.layer for one in answers(found)}) == 5
    for answer in answers(found):
        assert ranking(answer) is not None
    excluding = [one for one in answers(found) if any(it.out for it in one.options)]
    assert len(excluding) >= 5
