"""`jalon rules` as it is typed: test, back-test, why, on a solution that does not run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner

from jalon.app import routing
from jalon.app.language import language
from jalon.app.readings import open_store
from jalon.app.solution import load
from jalon.cli.verbs import rules
from jalon.run.batch import Columns
from jalon.vocab.errors import JalonError

EXAMPLE = Path(__file__).parents[2] / "examples" / "school-air"
TUESDAY = 1_773_133_200_000
"""2026-03-10, 10:00 in Paris, a school day."""
MINUTE = 60_000


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "speech", language("en"))
    monkeypatch.setattr(rules, "_", language("en").gettext)


def jalon(*words: object, code: int = 0) -> str:
    """Run the command in this process: to start one takes longer than what it does. What it says
    is the answer; of an error, the sentence."""
    done = CliRunner().invoke(rules.command, [*map(str, words)])
    if isinstance(done.exception, JalonError):
        assert code == 2, done.exception
        return str(done.exception)
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The schools with one bad hour on a Tuesday, never started."""
    hidden = shutil.ignore_patterns(".jalon")
    found = Path(shutil.copytree(EXAMPLE, tmp_path / "air", ignore=hidden))
    store = open_store(found)
    series = routing.by_name(store.declare(routing.specs(load(found))))
    columns = Columns()
    for minute in range(-60, 180, 10):
        columns.series.append(series["zay-cm2-a", "co2"].id)
        columns.times_ms.append(TUESDAY + minute * MINUTE)
        columns.numbers.append(1_250.0 if 0 <= minute <= 60 else 520.0)
    store.append(columns)
    store.close()
    return found


SPAN = ("--from", "2026-03-10T09:00", "--to", "2026-03-10T12:00")


def test_a_rule_is_replayed_with_a_picture_and_another_limit(folder: Path, tmp_path: Path) -> None:
    picture, edited = tmp_path / "out.svg", tmp_path / "air.yaml"
    said = jalon("backtest", folder, "stale-air", *SPAN, "--svg", picture)
    assert "It would have fired 1 times, about 1 of" in said
    assert "10 Mar 2026, 10:10" in said, "ten minutes after it began, in the site's time"
    assert "co2" in said
    svg = Xml.fromstring(picture.read_text("utf-8"))
    names = {one.tag.partition("}")[2] for one in svg}
    assert {"title", "desc", "path", "rect", "text"} <= names
    assert svg.attrib["role"] == "img"
    edited.write_text(
        (folder / "rules" / "air.yaml").read_text().replace("co2 > 800", "co2 > 1300")
    )
    shape = json.loads(
        jalon("backtest", folder, "stale-air", *SPAN, "--file", edited, "--format", "json")
    )
    assert shape["count"] == 0
    assert shape["readings"] > 0


def test_a_rule_says_why_and_why_not(folder: Path) -> None:
    ask = ("why", folder, "stale-air", "zay-cm2-a")
    said = jalon(*ask, "--at", "2026-03-10T10:30")
    assert "It fires: minor, since 10 Mar 2026, 10:10 CET." in said
    assert "co2 = 1,250" in said
    assert "true" in said
    shape = json.loads(jalon(*ask, "--at", "2026-03-10T10:05", "--format", "json"))
    assert shape["firing"] is False
    (minor,) = [one for one in shape["levels"] if one["severity"] == "minor"]
    assert (minor["when"], minor["due"]) == (True, "2026-03-10T09:10:00Z")
    wrong = jalon("why", folder, "stale-air", "nobody", code=2)
    assert "not about nobody" in wrong
    near = jalon("why", folder, "stale-ari", "zay-cm2-a", code=2)
    assert "stale-air" in near


def test_cases_that_fail_are_shown_with_their_place(folder: Path) -> None:
    listed = jalon("list", folder)
    assert "stale-air" in listed
    file = folder / "rules" / "air.yaml"
    text = file.read_text().replace("{at: 46 min, severity: major}", "{at: 46 min, severity: none}")
    file.write_text(text)
    line = text[: text.index("{at: 46 min")].count("\n") + 1
    said = jalon("test", folder, "stale-air", code=1)
    assert f"{file}:{line}:" in said
    assert "After 46 min, severity should be none and is major." in said
    assert "Passed: 1. Failed: 1." in said
    report = Xml.fromstring(jalon("test", folder, "stale-air", "--format", "junit", code=1))
    assert (report.attrib["tests"], report.attrib["failures"]) == ("2", "1")
    jalon("test", folder, "no-such-rule", code=2)
