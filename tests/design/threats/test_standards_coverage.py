"""Standards: which provisions apply and why, what answers them, what is left open."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_fortress import ARCHITECTURE, FAILED, SECURITY, blueprint

from jalon.design.threats.coverage import Coverage, Covered, Standing, coverage


def held(folder: Path, name: str = "etsi-en-303-645", **files: str) -> Coverage:
    found = {one.standard.id: one for one in coverage(blueprint(folder, **files))}
    return found[name]


def provision(folder: Path, ref: str, **files: str) -> Covered:
    name, _colon, number = ref.partition(":")
    found = {one.provision.id: one for one in held(folder, name, **files).provisions}
    return found[number]


def test_a_control_answers_as_far_as_it_is_proved(tmp_path: Path) -> None:
    ref = "etsi-en-303-645:5.1-1"
    assert provision(tmp_path, ref).standing is Standing.PROVED
    assert provision(tmp_path, ref, results=FAILED).standing is Standing.FAILED
    assert provision(tmp_path, ref, results="results: []\n").standing is Standing.CLAIMED


def test_what_decides_whether_it_applies_is_named(tmp_path: Path) -> None:
    never = provision(tmp_path, "etsi-en-303-645:5.3-14")
    assert never.standing is Standing.GAP
    assert (never.feature, str(never.why)) == ("c3", "because of valve")
    renewed = ARCHITECTURE.replace("updates: never", "updates: remote")
    one = provision(tmp_path, "etsi-en-303-645:5.3-14", architecture=renewed)
    assert one.standing is Standing.NOT_APPLICABLE


def test_what_the_files_do_not_say_is_neither_yes_nor_no(tmp_path: Path) -> None:
    assert provision(tmp_path, "etsi-en-303-645:5.4-2").standing is Standing.UNSAID
    said = SECURITY + "features:\n  - {id: l, there: false, reason: No identity is wired.}\n"
    one = provision(tmp_path, "etsi-en-303-645:5.4-2", security=said)
    assert one.standing is Standing.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        ("followed", Standing.STATED),
        ("not-followed", Standing.JUSTIFIED),
        ("not-applicable", Standing.NOT_APPLICABLE),
        ("applicable", Standing.GAP),
    ],
)
def test_a_person_may_know_better(tmp_path: Path, answer: str, standing: Standing) -> None:
    said = (
        SECURITY + "statements:\n"
        "  - {id: S1, provision: 'etsi-en-303-645:5.3-16',"
        f" answer: {answer}, justification: So.}}\n"
    )
    assert provision(tmp_path, "etsi-en-303-645:5.3-16", security=said).standing is standing


def test_the_record_is_complete_when_every_provision_has_an_answer(tmp_path: Path) -> None:
    assert provision(tmp_path, "etsi-en-303-645:5.0-1").standing is Standing.GAP
    left = [
        one.provision.id
        for one in held(tmp_path).provisions
        if one.standing in (Standing.GAP, Standing.UNSAID) and one.provision.id != "5.0-1"
    ]
    lines = [
        f"  - {{id: S{n}, provision: 'etsi-en-303-645:{one}', answer: not-followed,"
        " justification: Later.}"
        for n, one in enumerate(left)
    ]
    whole = SECURITY + "statements:\n" + "\n".join(lines) + "\n"
    assert provision(tmp_path, "etsi-en-303-645:5.0-1", security=whole).standing is Standing.PROVED


def test_owasp_is_answered_by_way_of_the_baseline(tmp_path: Path) -> None:
    one = provision(tmp_path, "owasp-iot-2018:I1")
    assert (one.standing, one.through, one.controls) == (
        Standing.PROVED,
        ("5.1-1",),
        ("C-KEYS",),
    )


def test_shares_count_what_applies_only(tmp_path: Path) -> None:
    one = held(tmp_path)
    assert one.proved_percent == 100 * one.count(Standing.PROVED) // len(one.applying)
    assert len(one.applying) < len(one.provisions)
    assert "5.2-1" in [open_.provision.id for open_ in one.open_mandatory]
