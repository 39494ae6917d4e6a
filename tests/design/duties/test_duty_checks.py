"""What is weak in privacy.yaml, regulation.yaml and accessibility.yaml, each said at its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jalon.app.solution import check
from jalon.vocab.finding import Finding, Severity

EXAMPLES = Path(__file__).parents[3] / "examples"
OURS = ("privacy.", "duties.", "ethics.", "accessibility.")


@pytest.fixture
def cold(tmp_path: Path) -> Path:
    folder = tmp_path / "cold"
    shutil.copytree(EXAMPLES / "cold-chain", folder)
    return folder


@pytest.fixture
def school(tmp_path: Path) -> Path:
    folder = tmp_path / "school"
    shutil.copytree(EXAMPLES / "school-air", folder)
    return folder


def said(folder: Path) -> list[Finding]:
    """Findings of the duties alone."""
    return [one for one in check(folder) if one.rule.startswith(OURS)]


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(folder: Path, file: str, words: str) -> int:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def only(folder: Path, rule: str) -> Finding:
    found = [one for one in said(folder) if one.rule == rule]
    assert len(found) == 1, [str(one.text) for one in said(folder)]
    return found[0]


@pytest.mark.parametrize("name", ["school-air", "cold-chain"])
def test_the_examples_have_nothing_against_them(name: str) -> None:
    assert said(EXAMPLES / name) == []


@pytest.mark.parametrize(
    ("old", "new", "rule", "at"),
    [
        ("truck.location]", "truck.locatoin]", "privacy.unknown-property", "truck.locatoin"),
        ("[truck.location]", "[lorry.location]", "privacy.unknown-thing", "lorry.location"),
        ("recipients: [yanis, sophie]", "recipients: [yanis, police]",
         "privacy.unknown-recipient", "police"),
        ("data: [truck-location]", "data: [truck-place]", "privacy.unknown-data", "truck-place"),
        ("people: [drivers]", "people: [pilots]", "privacy.unknown-people", "pilots"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_an_error(cold: Path, old: str, new: str, rule: str, at: str) -> None:
    change(cold, "privacy.yaml", old, new)
    found = only(cold, rule)
    assert found.severity is Severity.ERROR
    assert (found.place.file, found.place.line) == (
        "privacy.yaml",
        line_of(cold, "privacy.yaml", at),
    )


@pytest.mark.parametrize(
    ("old", "new", "rule", "at"),
    [
        ("    retention: 60 d\n", "", "privacy.endless", "id: rounds"),
        ("    retention: 60 d\n", "    retention: 61 d\n", "privacy.retention", "61 d"),
        ("    basis: legal-obligation\n    basis_reason: {fr: \"Règlement (CE) n° 37/2005 (à"
         " vérifier)\", en: \"Regulation (EC) No 37/2005 (to check)\"}\n    data: [cold, energy]",
         "    data: [cold, energy, doors]", "privacy.basis", "id: cold-record"),
        ("    contract: Conditions de sous-traitance 2026\n", "", "privacy.contract",
         "name: Courriel de Loire"),
        ("    country: FR\n    contract", "    country: US\n    contract", "privacy.transfer",
         "country: US"),
        ("    nature: location\n", "    nature: health\n", "privacy.special", "id: rounds"),
        ("      - {right: objection, how: {fr: Par les", "      - {right: human-review, how: {fr:"
         " Par les", "privacy.rights", "rights:"),
        ("      severity: 3\n", "", "privacy.dpia", "dpia:"),
        ("  review_on: 2027-03-17", "  review_on: 2026-03-17", "privacy.dpia-review",
         "review_on"),
    ],
)  # fmt: skip
def test_a_weakness_of_personal_data_is_said_where_it_is(
    cold: Path, old: str, new: str, rule: str, at: str
) -> None:
    change(cold, "privacy.yaml", old, new)
    found = next(one for one in said(cold) if one.rule == rule)
    assert found.severity is Severity.WARNING
    assert found.place.line == line_of(cold, "privacy.yaml", at)


def test_personal_data_that_no_purpose_needs_is_not_to_be_collected(cold: Path) -> None:
    change(cold, "privacy.yaml", "data: [doors]", "data: [cold]")
    found = only(cold, "privacy.unused")
    assert found.place.line == line_of(cold, "privacy.yaml", "id: doors")


def test_a_property_that_sounds_personal_must_be_in_a_category(cold: Path) -> None:
    change(cold, "privacy.yaml", "properties: [truck.location]", "properties: [truck.setpoint]")
    assert "truck.location" in str(only(cold, "privacy.unclassified").text)


def test_a_flow_that_is_personal_says_what_it_carries(school: Path) -> None:
    change(school, "architecture.yaml", "data: [accounts]\n", "data: [air]\n")
    found = only(school, "privacy.flow-data")
    assert found.place.file == "architecture.yaml"


def test_a_longer_promise_is_kept_by_another_purpose(cold: Path) -> None:
    change(cold, "privacy.yaml", "data: [doors]", "data: [doors, cold]")
    assert said(cold) == [], "the record keeps temperatures three years, whatever alarms need"


def test_a_promise_to_keep_counts_what_goes_a_little_before_its_time(cold: Path) -> None:
    change(cold, "privacy.yaml", "    retention: 1096 d\n", "    retention: 1095 d\n")
    found = only(cold, "privacy.retention")
    assert "1094 days" in str(found.text)
    assert found.place.line == line_of(cold, "privacy.yaml", "1095 d")


def test_a_promise_to_delete_is_broken_by_what_has_no_end(school: Path) -> None:
    change(school, "privacy.yaml", "    retention: 400 d\n", "")
    found = only(school, "privacy.retention")
    assert found.place.line == line_of(school, "privacy.yaml", "id: upkeep")


def test_consent_must_be_taken_back_as_easily(cold: Path) -> None:
    change(cold, "privacy.yaml", "basis: legitimate-interests", "basis: consent")
    assert only(cold, "privacy.consent").severity is Severity.WARNING


@pytest.mark.parametrize(
    ("old", "new", "rule", "at"),
    [
        ("  - {id: gdpr-6,", "  - {id: gdpr-60,", "duties.unknown-obligation", "gdpr-60"),
        ("requirements: [R-TRUCK, R-KEEP]", "requirements: [R-LORRY]", "duties.unknown-proof",
         "R-LORRY"),
        ("  - id: turnover-250m", "  - id: turnover", "duties.unknown-fact", "id: turnover"),
        ("  - id: proportionality", "  - id: proportion", "ethics.unknown-question",
         "id: proportion"),
    ],
)  # fmt: skip
def test_a_duty_that_leads_nowhere_is_an_error(
    cold: Path, old: str, new: str, rule: str, at: str
) -> None:
    change(cold, "regulation.yaml", old, new)
    found = only(cold, rule)
    assert found.severity is Severity.ERROR
    assert found.place.line == line_of(cold, "regulation.yaml", at)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("due: 2027-01-15", "due: 2026-01-15", "duties.overdue"),
        ("    due: 2027-01-15\n", "", "duties.unplanned"),
        ("  - {id: gdpr-6, status: met, owner: Responsable qualité, documents: [privacy.yaml]}\n",
         "  - {id: gdpr-6, status: met}\n", "duties.no-proof"),
        ("  - {id: gdpr-6, status: met, owner: Responsable qualité, documents: [privacy.yaml]}\n",
         "", "duties.open"),
        ("    stand: matched\n    commitments: [no-watching]\n    requirements: [R-TRUCK]\n"
         "  - id: power", "    stand: conflict\n    commitments: [no-watching]\n  - id: power",
         "ethics.conflict"),
        ("    reason: {fr: Entreprise privée, en: A private company}\n", "", "duties.no-reason"),
    ],
)  # fmt: skip
def test_a_duty_that_is_late_or_without_proof_is_said(
    cold: Path, old: str, new: str, rule: str
) -> None:
    change(cold, "regulation.yaml", old, new)
    found = only(cold, rule)
    assert found.severity is Severity.WARNING
    assert found.place.file == "regulation.yaml"


def test_a_no_against_what_the_files_show_is_a_contradiction(school: Path) -> None:
    text = "answers:\n  - {id: personal-data, answer: no, reason: none}\n"
    change(school, "regulation.yaml", "answers:\n", text)
    found = only(school, "duties.contradiction")
    assert found.place.line == line_of(school, "regulation.yaml", "personal-data")
    assert "accounts" in str(found.text)


def test_a_fact_without_an_answer_is_asked_for_once(school: Path) -> None:
    change(
        school,
        "regulation.yaml",
        "  - {id: public-body, answer: yes",
        "  - {id: money, answer: yes",
    )
    found = only(school, "duties.unanswered")
    assert found.severity is Severity.INFO
    assert "public-body" in str(found.text)


def test_a_persona_with_a_need_that_nothing_answers_is_said(school: Path) -> None:
    path = school / "accessibility.yaml"
    path.unlink()
    text = (school / "solution.yaml").read_text(encoding="utf-8")
    changed = text.replace("kind: accessibility", "kind: functional")
    (school / "solution.yaml").write_text(changed, encoding="utf-8")
    rules = {one.rule for one in said(school)}
    assert "accessibility.unmet" in rules
    assert "accessibility.owed" in rules, "a public client owes RGAA"


def test_a_rate_too_low_for_what_is_declared(school: Path) -> None:
    change(school, "accessibility.yaml", "statement:\n", "statement:\n  rate: 42\n")
    found = only(school, "accessibility.rate")
    assert found.place.line == line_of(school, "accessibility.yaml", "aim:")


def test_a_folder_without_these_files_is_left_in_peace(school: Path) -> None:
    for name in ("privacy", "regulation", "accessibility"):
        (school / f"{name}.yaml").unlink()
    (one,) = said(school)
    assert (one.rule, one.severity) == ("privacy.missing", Severity.INFO)
