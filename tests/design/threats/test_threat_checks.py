"""What `jalon check` says of security.yaml, with its exact place, and where it is silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_fortress import FAILED, SECURITY, told, write_fortress

from jalon.app.solution import check
from jalon.vocab.finding import Severity

CALM = SECURITY.replace(
    'treats: [device-stolen, "@broker"]',
    'treats: [device-stolen, "@broker", firmware-frozen, sensor-deceived]',
)
"""Nothing high is left open."""


def test_a_sound_file_is_met_with_silence(tmp_path: Path) -> None:
    assert told(tmp_path, security=CALM) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "[device-stolen,",
            "[device-stolne,",
            "threats.unknown-threat security.yaml:5:14 There is no threat “device-stolne”",
        ),
        (
            '"@broker"',
            '"@brokr"',
            "threats.unknown-threat security.yaml:5:29 There is no threat “@brokr”",
        ),
        (
            "[device-stolen,",
            '["device-stolen@gate",',
            "threats.no-such-threat security.yaml:5:14 Nothing in the architecture gives rise to",
        ),
        (
            "[T-KEYS]",
            "[T-KYES]",
            "threats.unknown-test security.yaml:6:13 There is no test case “T-KYES” in tests/.",
        ),
        (
            ":5.1-1",
            ":5.1-99",
            "threats.unknown-provision security.yaml:7:18 No standard that is known here has",
        ),
        (
            "    tests: [T-KEYS]\n",
            "",
            "threats.untested-control security.yaml:2:9 No test shows that “C-KEYS” works",
        ),
        (
            "status: done",
            "due: 2026-01-01",
            "threats.overdue-control security.yaml:4:10 “C-KEYS” was to be there by 2026-01-01.",
        ),
        (
            "until: 2027-01-02",
            "until: 2026-01-03",
            "threats.acceptance-ended security.yaml:9:98 “radio-jammed@up” was accepted until",
        ),
        (
            "threat: radio-jammed@up",
            "threat: radio-jamed@up",
            "threats.unknown-threat security.yaml:9:22 There is no threat “radio-jamed@up”",
        ),
        (
            "controls:",
            "standards: [etsi]\ncontrols:",
            "threats.unknown-standard security.yaml:1:13 No standard “etsi” is known here.",
        ),
        (
            "controls:",
            "standards: [owasp-iot-2018, cra-annex-1]\ncontrols:",
            "threats.provisions-open security.yaml:1:29 Mandatory provisions of CRA (2024/2847), I",
        ),
        (
            "accepted:",
            "stakes:\n  - {id: vlave, service: 3, reason: Dry.}\naccepted:",
            "threats.unknown-element security.yaml:9:10 There is no component, flow",
        ),
        (
            "accepted:",
            "features:\n  - {id: zz, there: true, reason: No.}\naccepted:",
            "threats.unknown-feature security.yaml:9:10 No provision asks for the feature “zz”.",
        ),
        (
            "accepted:",
            "threats:\n  - {id: flow-read, name: Read, gravity: 1, likelihood: 1, reason: No.}\n"
            "accepted:",
            "threats.taken-id security.yaml:9:10 “flow-read” is the id of a rule",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in CALM
    assert any(one.startswith(expected) for one in told(tmp_path, security=CALM.replace(old, new)))


def test_a_control_that_does_nothing_is_told(tmp_path: Path) -> None:
    idle = CALM + "  - {id: A2, threat: radio-jammed, reason: So., by: Farmer, on: 2026-01-02}\n"
    idle = idle.replace(
        "controls:", "controls:\n  - {id: C-IDLE, name: Nothing, status: planned}", 1
    )
    assert told(tmp_path, security=idle) == [
        "threats.idle-control security.yaml:2:10"
        " “C-IDLE” treats no threat and answers no provision."
    ]


def test_a_failed_test_is_told_where_it_is_named_and_opens_the_risk_again(tmp_path: Path) -> None:
    found = told(tmp_path, security=CALM, results=FAILED)
    assert any(one.startswith("threats.control-failed security.yaml:6:5") for one in found)
    assert any(
        one.startswith("threats.untreated architecture.yaml:5:5") and "device-stolen@valve" in one
        for one in found
    )


def test_without_security_yaml_there_is_one_word_at_most(tmp_path: Path) -> None:
    folder = write_fortress(tmp_path)
    (folder / "security.yaml").unlink()
    (one,) = [one for one in check(folder) if one.rule.startswith("threats.")]
    assert (one.rule, one.severity) == ("threats.nothing-done", Severity.INFO)
    assert str(one.place).startswith("architecture.yaml:4")


def test_both_examples_leave_nothing_to_say() -> None:
    for name in ("school-air", "cold-chain"):
        folder = Path(__file__).parents[3] / "examples" / name
        assert [one for one in check(folder) if one.rule.startswith("threats.")] == []
