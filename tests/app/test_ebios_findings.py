"""What `jalon check` says of a risk study: each rule once, at its exact place."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_study import ARCHITECTURE, SECURITY, SOLUTION, STUDY, told, write_study

from jalon.app.solution import check


def spoilt(old: str, new: str) -> str:
    """The study with one thing changed."""
    assert STUDY.count(old) == 1, old
    return STUDY.replace(old, new)


def test_a_sound_study_is_not_talked_about(tmp_path: Path) -> None:
    assert told(write_study(tmp_path)) == []


LOST = [
    ("{id: P2, origin: amateur", "{id: P1, origin: amateur", "ebios.duplicate-id"),
    (
        "id: personal-data, needs",
        "id: personal-data, mission: farm, needs",
        "ebios.unknown-mission",
    ),
    ("pair: P2, feared", "pair: P9, feared", "ebios.unknown-pair"),
    ("feared_event: O1-integrity", "feared_event: O1-integrty", "ebios.unknown-event"),
    ("path: [smoke, gate]", "path: [smoke, gat]", "ebios.unknown-stop"),
    ("strategic: S2", "strategic: S9", "ebios.unknown-strategic-scenario"),
    ("asset: gate", "asset: gait", "ebios.unknown-asset"),
    ("after: [A1]", "after: [A7]", "ebios.unknown-action"),
    ("controls: [seal]", "controls: [seel]", "ebios.unknown-control"),
    ("risk: S3", "risk: S8", "ebios.unknown-strategic-scenario"),
    ("likelihood: 4, controls: [seal]", "after: [A2], likelihood: 4", "ebios.circle"),
]


@pytest.mark.parametrize(("old", "new", "rule"), LOST, ids=[new for _old, new, _rule in LOST])
def test_what_leads_nowhere_is_an_error(tmp_path: Path, old: str, new: str, rule: str) -> None:
    (said, line), *_others = told(write_study(tmp_path, ebios=spoilt(old, new)))
    assert said == rule
    assert any(word in line for word in new.split()), line


def test_thresholds_go_down(tmp_path: Path) -> None:
    study = "study: {danger: 1, control: 2}" + STUDY
    assert told(write_study(tmp_path, ebios=study)) == [
        ("ebios.thresholds", "study: {danger: 1, control: 2}")
    ]


WEAK = [
    (
        "pairs:\n",
        "feared_events:\n  - {id: FIRE, name: It burns, gravity: 2}\npairs:\n",
        "ebios.event-without-value",
        "- {id: FIRE, name: It burns, gravity: 2}",
    ),
    (
        "id: O1, needs: {availability: 4, integrity: 2",
        "id: O1, needs: {availability: 4, integrity: 2, confidentiality: 3, traceability: 1}}\n"
        "  - {id: other, name: Other, needs: {availability: 1",
        "ebios.event-without-scenario",
        "- {id: O1, needs: {availability: 4, integrity: 2, confidentiality: 3, traceability: 1}}",
    ),
    (
        "aim: espionage, motivation: 1, resources: 4, retained: false",
        "aim: espionage, motivation: 1, resources: 4, retained: true",
        "ebios.pair-without-scenario",
        "- {id: P3, origin: state, aim: espionage, motivation: 1, resources: 4, retained: true,"
        " reason: No}",
    ),
    (
        "strategic: S2",
        "strategic: S1",
        "ebios.scenario-without-operation",
        "- {id: S2, name: A prank, pair: P2, feared_event: O1-integrity, path: [smoke]}",
    ),
    (
        ", measures: [second]}\nstrategic",
        "}\nstrategic",
        "ebios.danger-without-measure",
        "- {id: host-host-ltd, dependence: 4, penetration: 4, maturity: 2, trust: 2}",
    ),
    (
        "id: keys, leave_out: Only the farmer holds them",
        "id: keys, values: [O1]",
        "ebios.never-reached",
        "operational_scenarios:",
    ),
    (
        "id: page, leave_out: Shows only",
        "id: pagge, leave_out: Shows only",
        "ebios.nameless",
        "- {id: pagge, leave_out: Shows only what the server has}",
    ),
    (
        "likelihood: 1, name: Blow smoke",
        "name: Blow smoke",
        "ebios.unweighed",
        "- {id: A1, phase: exploit, asset: smoke, name: Blow smoke}",
    ),
    (
        "likelihood: 1, name: Blow smoke",
        "likelihood: 1, threats: [device-opend@smoke], name: Blow smoke",
        "ebios.unknown-threat",
        "- {id: A1, phase: exploit, asset: smoke, likelihood: 1, threats: [device-opend@smoke],"
        " name: Blow smoke}",
    ),
    (
        "measures: [second], accepted_by: Ann, accepted_on: 2026-05-01",
        "measures: [second], accepted_by: Ann",
        "ebios.unsigned",
        "- {id: T-S1, risk: S1, strategy: reduce, measures: [second], accepted_by: Ann}",
    ),
    (
        "measures: [second], accepted_by: Ann, accepted_on: 2026-05-01",
        "measures: [second], accepted_by: Ann, accepted_on: 2025-05-01, accepted_until: 2025-06-01",
        "ebios.signature-expired",
        "- {id: T-S1, risk: S1, strategy: reduce, measures: [second], accepted_by: Ann,"
        " accepted_on: 2025-05-01, accepted_until: 2025-06-01}",
    ),
    (
        "risk: S3, strategy: accept",
        "risk: S3, strategy: reduce",
        "ebios.reduced-by-nothing",
        "- {id: T-S3, risk: S3, strategy: reduce, reason: Rare, accepted_by: Ann, accepted_on:"
        " 2026-05-01}",
    ),
    (
        "treatments:\n",
        "treatments:\n  - {id: T-0, risk: S3, strategy: accept, accepted_by: Ann,"
        " accepted_on: 2026-05-01}\n",
        "ebios.treated-twice",
        "- {id: T-S3, risk: S3, strategy: accept, reason: Rare, accepted_by: Ann, accepted_on:"
        " 2026-05-01}",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"), WEAK, ids=[rule for _old, _new, rule, _line in WEAK]
)
def test_a_weakness_is_told_where_it_is(
    tmp_path: Path, old: str, new: str, rule: str, line: str
) -> None:
    said = told(write_study(tmp_path, ebios=spoilt(old, new)))
    assert (rule, line) in said


def test_a_high_risk_without_treatment_is_told(tmp_path: Path) -> None:
    start = STUDY.index("  - {id: T-S1")
    end = STUDY.index("  - {id: T-S3")
    rules = [rule for rule, _line in told(write_study(tmp_path, ebios=STUDY[:start] + STUDY[end:]))]
    assert rules == ["ebios.untreated", "ebios.unsigned"]


def test_a_measure_without_a_test_is_told(tmp_path: Path) -> None:
    folder = write_study(tmp_path, security=SECURITY.replace("    tests: [T2]\n", ""))
    assert [rule for rule, _line in told(folder)] == ["ebios.measure-without-test"]


def test_a_failed_test_raises_the_risk_again(tmp_path: Path) -> None:
    study = spoilt("strategic: S1\n", "strategic: S1\n    likelihood: 4\n").replace(
        "controls: [seal]", "controls: [seal, second]"
    )
    failed = "results:\n  - {case: T2, verdict: failed, on: 2026-06-01}\n"
    assert ("ebios.raised", study.splitlines()[-2].strip()) in told(
        write_study(tmp_path, ebios=study, results=failed)
    )


def test_judgement_is_asked_for_once(tmp_path: Path) -> None:
    study = spoilt(
        "  - {id: measurements, needs: {availability: 2, integrity: 2, confidentiality: 1,"
        " traceability: 1}}\n",
        "",
    )
    solution = SOLUTION.replace(
        "    components: [smoke, server]\n",
        "    components: [smoke, server]\n    measure: data.completeness >= 99 %\n",
    )
    assert told(write_study(tmp_path, ebios=study, solution=solution)) == [
        ("ebios.unconfirmed", "business_values:")
    ]


@pytest.mark.parametrize(
    ("architecture", "rules"),
    [(ARCHITECTURE, ["ebios.absent"]), (ARCHITECTURE.replace(", personal_data: true", ""), [])],
    ids=["people at stake", "nobody at stake"],
)
def test_a_missing_study_is_told_once_and_only_where_people_are_at_stake(
    tmp_path: Path, architecture: str, rules: list[str]
) -> None:
    folder = write_study(tmp_path, architecture=architecture, ebios="{}\n")
    (folder / "ebios.yaml").unlink()
    said = [one.rule for one in check(folder) if one.rule.startswith("ebios.")]
    assert said == rules
