"""`jalon design sizing` and `choices` end so that a pipeline can stop there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jalon.app.language import language
from jalon.cli.verbs.design import choices, sizing

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (choices, sizing):
        monkeypatch.setattr(module, "speech", language("en"))
        monkeypatch.setattr(module, "_", language("en").gettext)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    hidden = shutil.ignore_patterns(".jalon")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "air", ignore=hidden))


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def sized(*words: object) -> Result:
    return CliRunner().invoke(sizing.command, [*map(str, words)], catch_exceptions=False)


def weighed(*words: object) -> Result:
    return CliRunner().invoke(choices.command, [*map(str, words)], catch_exceptions=False)


def test_a_measure_that_is_broken_ends_with_one(folder: Path) -> None:
    assert sized(folder).exit_code == 0
    change(folder, "solution.yaml", "battery.life >= 4 y", "battery.life >= 40 y")
    done = sized(folder)
    assert done.exit_code == 1
    assert "broken" in done.output
    assert "[sizing.broken]" in done.output
    told = json.loads(sized(folder, "--format", "json").stdout)
    assert {one["rule"] for one in told["findings"]} == {"sizing.broken"}
    battery = next(one for one in told["estimates"] if one["subject"] == "battery.life")
    assert battery["low"] < battery["amount"] < battery["high"] < 40


def test_what_may_fail_ends_well(folder: Path) -> None:
    change(folder, "solution.yaml", "cost.per_device <= 4 EUR", "cost.per_device <= 3.7 EUR")
    done = sized(folder)
    assert "[sizing.uncertain]" in done.output
    assert done.exit_code == 0


def test_a_choice_that_breaks_a_demand_ends_with_one(folder: Path) -> None:
    change(folder, "choices.yaml", "choice: town-lorawan", "choice: wifi")
    done = weighed(folder)
    assert done.exit_code == 1
    assert "The choice breaks a hard demand" in done.output
    assert "[choices.excluded]" in done.output


def test_a_requirement_that_changes_puts_another_option_out(folder: Path) -> None:
    change(folder, "solution.yaml", "battery.life >= 4 y", "battery.life >= 11 y")
    told = json.loads(weighed(folder, "--format", "json").stdout)
    network = next(one for one in told["questions"] if one["id"] == "network")
    lorawan = next(one for one in network["options"] if one["id"] == "town-lorawan")
    (reason,) = lorawan["excluded"]
    assert reason["requirement"] == "R-BATTERY"
    rules = {one["rule"] for one in told["findings"]}
    assert {"choices.excluded", "choices.none-left", "choices.record-outdated"} <= rules
