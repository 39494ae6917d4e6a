"""Threats: found by what an element is, weighed by what is at stake, lowered by what is proved."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from small_fortress import ARCHITECTURE, FAILED, SECURITY, TODAY, blueprint, threat

from jalon.design.blueprint import Blueprint
from jalon.design.controls import CaseResult, Strength
from jalon.design.scales import Gravity, Likelihood, Risk
from jalon.design.spec.architecture import ArchitectureFile
from jalon.design.spec.security import SecurityFile
from jalon.design.spec.solution import SolutionFile
from jalon.design.spec.tests import Verdict
from jalon.design.threats.report import all_threats, threats
from jalon.design.threats.threat import Treatment


def test_what_can_be_touched_can_be_stolen_and_what_is_locked_cannot(tmp_path: Path) -> None:
    keys = all_threats(blueprint(tmp_path))
    assert "device-stolen@valve" in keys
    assert "device-stolen@gate" not in keys


def test_a_threat_is_listed_once_and_the_better_said_one_stands(tmp_path: Path) -> None:
    found = threats(blueprint(tmp_path))
    keys = [one.key for one in found]
    assert len(keys) == len(set(keys))
    assert "radio-jammed@up" in keys
    assert "flow-cut@up" not in keys, "it is the jammed radio, said better"


def test_gravity_and_likelihood_are_explained(tmp_path: Path) -> None:
    one = threat(tmp_path, "actuator-misused@valve")
    assert one.gravity is Gravity.SERIOUS
    assert [str(why) for why in one.why_gravity] == ["it acts on the world"]
    assert one.likelihood is Likelihood.VERY_LIKELY
    assert [str(why) for why in one.why_likelihood] == [
        "it speaks by radio where anybody can stand"
    ]


def test_nothing_that_guards_a_flow_makes_it_likelier(tmp_path: Path) -> None:
    bare = threat(tmp_path, "flow-password-in-clear@wire")
    assert "nothing encrypts it, as far as is written" in [str(why) for why in bare.why_likelihood]
    guarded = ARCHITECTURE.replace("encryption: none, auth", "encryption: TLS 1.3, auth")
    assert "flow-password-in-clear@wire" not in all_threats(
        blueprint(tmp_path, architecture=guarded)
    )


def test_what_a_file_declares_lowers_what_is_left_as_long_as_no_test_fails(tmp_path: Path) -> None:
    one = threat(tmp_path, "device-impersonated@valve")
    assert (one.strength, one.controls) == (Strength.CLAIMED, ())
    assert one.residual_likelihood == one.likelihood - 1


def test_a_failed_test_raises_the_risk_again(tmp_path: Path) -> None:
    proved = threat(tmp_path, "device-stolen@valve")
    assert proved.strength is Strength.PROVED
    assert (proved.initial, proved.residual) == (Risk.HIGH, Risk.LOW)
    failed = threat(tmp_path, "device-stolen@valve", results=FAILED)
    assert failed.strength is Strength.FAILED
    assert failed.residual is Risk.HIGH
    assert failed.treatment(TODAY) is Treatment.FAILED
    assert "C-KEYS: a test of it failed, it counts for nothing" in [
        str(why) for why in failed.why_residual
    ]


def test_a_failed_test_takes_back_what_the_architecture_declares_too(tmp_path: Path) -> None:
    security = SECURITY.replace("[device-stolen,", "[device-stolen, device-impersonated,")
    one = threat(tmp_path, "device-impersonated@valve", security=security, results=FAILED)
    assert one.residual_likelihood == one.likelihood


def test_without_a_test_a_control_counts_for_one_step(tmp_path: Path) -> None:
    security = SECURITY.replace("    tests: [T-KEYS]\n", "")
    one = threat(tmp_path, "device-stolen@valve", security=security)
    assert one.strength is Strength.CLAIMED
    assert one.residual_likelihood == one.likelihood - 1


def test_a_planned_control_changes_nothing_yet(tmp_path: Path) -> None:
    security = SECURITY.replace("done", "planned")
    one = threat(tmp_path, "device-stolen@valve", security=security)
    assert (one.strength, one.residual) == (Strength.PLANNED, one.initial)
    assert one.treatment(TODAY) is Treatment.PLANNED


def test_what_is_accepted_is_so_until_its_day(tmp_path: Path) -> None:
    one = threat(tmp_path, "radio-jammed@up")
    assert one.treatment(date(2027, 1, 2)) is Treatment.ACCEPTED
    assert one.treatment(date(2027, 1, 3)) is Treatment.OPEN


def test_what_cannot_happen_is_left_out_but_still_known(tmp_path: Path) -> None:
    never = "not_applicable:\n  - {id: N1, threat: sensor-deceived, reason: It is sealed.}\n"
    found = blueprint(tmp_path, security=SECURITY + never)
    assert "sensor-deceived@valve" not in [one.key for one in threats(found)]
    assert "sensor-deceived@valve" in all_threats(found)


def test_threats_by_hand_and_stakes_by_hand_count(tmp_path: Path) -> None:
    more = """\
threats:
  - {id: frost, name: Frost, elements: [valve], gravity: 4, likelihood: 3, reason: Winter.}
stakes:
  - {id: valve, service: 4, reason: The herd drinks.}
"""
    found = all_threats(blueprint(tmp_path, security=SECURITY + more))
    assert found["frost@valve"].own
    assert found["frost@valve"].residual is Risk.HIGH
    one = found["device-destroyed@valve"]
    assert one.gravity is Gravity.CRITICAL
    assert [str(why) for why in one.why_gravity] == ["security.yaml says so (stakes, valve)"]


def test_personal_data_makes_secrecy_serious_and_brings_linddun(tmp_path: Path) -> None:
    found = all_threats(blueprint(tmp_path))
    assert found["store-read@server"].gravity is Gravity.SERIOUS
    assert found["data-kept-too-long@server"].linddun


def large(components: int) -> Blueprint:
    """So many devices, each with its flow to one broker."""
    zones = [{"id": "street", "name": "Street", "exposure": "public"}]
    parts = [{"id": "broker", "name": "Broker", "layer": "network", "kind": "broker"}]
    parts += [
        {
            "id": f"d{n}",
            "name": f"Device {n}",
            "layer": "perception",
            "zone": "street",
            "kind": "sensor",
        }
        for n in range(components)
    ]
    flows = [
        {"id": f"f{n}", "from": f"d{n}", "to": "broker", "protocol": "MQTT"}
        for n in range(components)
    ]
    return Blueprint(
        SolutionFile.model_validate(
            {"id": "x", "name": "X", "client": {"name": "X"}, "problem": {"statement": "X"}}
        ),
        ArchitectureFile.model_validate({"zones": zones, "components": parts, "flows": flows}),
    )


def test_two_hundred_components_give_thousands_of_threats_each_with_its_own_key() -> None:
    found = threats(large(200))
    assert len(found) > 2000
    assert len({one.key for one in found}) == len(found)
    order = [-one.residual for one in found]
    assert order == sorted(order)


VERDICTS = st.sampled_from([None, *Verdict])


@given(
    verdicts=st.lists(VERDICTS, max_size=4),
    status=st.sampled_from(["done", "planned"]),
    likelihood=st.integers(0, 3),
    gravity=st.integers(0, 3),
)
def test_no_control_ever_makes_a_risk_worse_and_a_failed_one_never_better(
    verdicts: list[Verdict | None], status: str, likelihood: int, gravity: int
) -> None:
    whole = large(1)
    cases = [f"T{n}" for n in range(len(verdicts))]
    control = {
        "id": "C",
        "name": "C",
        "status": status,
        "treats": ["@d0"],
        "tests": cases,
        "lowers": {"likelihood": likelihood, "gravity": gravity},
    }
    results = {
        case: CaseResult(case, verdict)
        for case, verdict in zip(cases, verdicts, strict=True)
        if verdict
    }
    security = SecurityFile.model_validate({"controls": [control]})
    treated = Blueprint(whole.about, whole.architecture, security=security, results=results)
    for one in threats(treated):
        assert one.residual <= one.initial
        if one.element == "d0" and (Verdict.FAILED in verdicts or status == "planned"):
            assert one.residual_gravity == one.gravity
        if one.element == "d0" and Verdict.FAILED in verdicts:
            assert one.residual_likelihood == one.likelihood
