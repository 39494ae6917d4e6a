"""Each decision has a record that says what it rests on, and keeps what people wrote in it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from jalon.app.design.choices import write_records
from jalon.app.language import language
from jalon.app.solution import check, load
from jalon.design.choices.records import BY_HAND, fingerprint, records, written_records
from jalon.vocab.finding import Severity

EXAMPLE = Path(__file__).parents[3] / "examples" / "school-air"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The schools, with no record yet."""
    ignored = shutil.ignore_patterns(".jalon", "decisions")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "air", ignore=ignored))


def outdated(folder: Path) -> list[tuple[str, Severity, str]]:
    return [
        (one.rule, one.severity, one.place.file)
        for one in check(folder)
        if one.rule == "choices.record-outdated"
    ]


def test_every_decision_gets_a_record_once(folder: Path) -> None:
    written = write_records(folder)
    assert list(written) == [f"project/decisions/000{n}-D{n}.md" for n in range(1, 6)]
    assert write_records(folder) == []
    text = (folder / written[1]).read_text("utf-8")
    assert "\nstatus: accepted\n" in text
    assert "R-BATTERY" in text
    assert "NB-IoT" in text
    assert "SPOTIS" in text
    assert outdated(folder) == []


def test_what_is_written_by_hand_stays(folder: Path) -> None:
    path = folder / write_records(folder)[0]
    own = "Seen with the schools on 3 March.\n\n| a | b |\n"
    path.write_text(path.read_text("utf-8").replace(BY_HAND + "\n", BY_HAND + "\n" + own), "utf-8")
    change(folder, "figures: {price: 130,", "figures: {price: 140,")
    assert write_records(folder) == ["project/decisions/0001-D1.md"]
    text = path.read_text("utf-8")
    assert own in text
    assert "| 140 |" in text


def test_a_record_is_outdated_when_its_inputs_change(folder: Path) -> None:
    write_records(folder)
    change(folder, "figures: {price: 130,", "figures: {price: 140,")
    assert outdated(folder) == [
        ("choices.record-outdated", Severity.INFO, "architecture.yaml"),
    ]
    write_records(folder)
    assert outdated(folder) == []


def test_a_record_keeps_its_file_and_new_ones_get_the_next_number(folder: Path) -> None:
    write_records(folder)
    decisions = folder / "project" / "decisions"
    (decisions / "0002-D2.md").rename(decisions / "0042-why-lorawan.md")
    (decisions / "0003-D3.md").unlink()
    assert write_records(folder) == ["project/decisions/0043-D3.md"]
    found = records(load(folder).blueprint)
    assert found["D2"].name == "0042-why-lorawan"


def test_a_file_of_somebody_else_is_left_alone(folder: Path) -> None:
    other = folder / "project" / "decisions" / "0007-lunch.md"
    other.parent.mkdir(parents=True)
    other.write_text("# Where to eat\n", "utf-8")
    assert "project/decisions/0008-D1.md" in write_records(folder)
    assert other.read_text("utf-8") == "# Where to eat\n"


def test_the_language_of_the_record_does_not_change_what_it_rests_on() -> None:
    found = load(EXAMPLE).blueprint
    decision = found.architecture.decisions[1]
    texts = written_records(found, language("en"))
    assert "The town's LoRaWAN" in texts["0002-D2"]
    assert fingerprint(found, decision) in texts["0002-D2"]
    again = replace(found)
    assert fingerprint(again, decision) == fingerprint(found, decision)


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "choices.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
