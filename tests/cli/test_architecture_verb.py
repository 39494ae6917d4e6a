"""`jalon design architecture`: for people, for programs, as diagrams, and of what runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from jalon.cli.shell import root
from jalon.vocab.errors import UsageError

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*words: str | Path) -> Result:
    """Type it."""
    return CliRunner().invoke(root, ["design", "architecture", *map(str, words)])


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """A copy of the example that may be changed."""
    hidden = shutil.ignore_patterns(".jalon")
    return Path(shutil.copytree(EXAMPLES / "school-air", tmp_path / "air", ignore=hidden))


def test_a_sound_architecture_is_shown_whole() -> None:
    done = run(EXAMPLES / "cold-chain")
    assert done.exit_code == 0, done.output
    for words in ("Components by layer", "client certificate", "Nothing stands out."):
        assert words in done.stdout


def test_a_weakness_ends_with_code_one(school: Path) -> None:
    file = school / "architecture.yaml"
    safe = "{encryption: TLS 1.3, authentication: client certificate, integrity: TLS}"
    text = file.read_text("utf-8")
    assert text.count(safe) == 1
    file.write_text(text.replace(safe, "{encryption: none, authentication: none}"), "utf-8")
    done = run(school)
    assert done.exit_code == 1
    assert "warning: The flow “F-backhaul” goes from gateways to lns" in done.stdout
    told = json.loads(run(school, "--format", "json").stdout)
    rules = {one["rule"]: one for one in told["findings"]}
    found = rules["architecture.unguarded-crossing"]
    assert found["path"] == ["flows", 2, "protection"]
    [flow] = [one for one in told["flows"] if one["id"] == "F-backhaul"]
    assert flow["crosses"] is True
    assert flow["protection"]["encryption"] == "none"


def test_programs_read_layers_roads_and_growth() -> None:
    done = run(EXAMPLES / "school-air", "--format", "json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["findings"] == []
    assert told["layers"]["security"] == ["identities"]
    assert told["roads"]["air-displays"] == ["F-display", "F-intake", "F-pages"]
    assert told["single_points"][0]["host"] == "town-server"
    assert told["growth"]["bottleneck"] == "gateways"


def test_growth_past_a_limit_ends_with_code_one() -> None:
    assert run(EXAMPLES / "school-air", "--growth").exit_code == 0
    done = run(EXAMPLES / "school-air", "--growth", "300")
    assert done.exit_code == 1
    assert "breaks first" in done.stdout


@pytest.mark.parametrize("view", ["context", "layers", "flows", "deployment"])
def test_each_view_is_drawn_and_told(view: str) -> None:
    words = (EXAMPLES / "school-air", "--diagram", view, "--format")
    drawn = run(*words, "svg")
    assert ElementTree.fromstring(drawn.stdout).tag.endswith("svg")
    assert run(*words, "mermaid").stdout.startswith("flowchart LR\n")
    told = run(*words, "text").stdout
    assert told.startswith("School air – ")
    assert len(told.splitlines()) > 3
    assert json.loads(run(*words, "json").stdout)["text"] == told.splitlines()[1:]


def test_structurizr_needs_no_view() -> None:
    done = run(EXAMPLES / "school-air", "--format", "structurizr")
    assert done.exit_code == 0
    assert done.stdout.startswith('workspace "School air"')


def test_drift_of_what_does_not_run_is_refused_with_what_to_do(school: Path) -> None:
    done = run(school, "--drift")
    assert isinstance(done.exception, UsageError)
    assert f"“jalon up {school}” starts it" in str(done.exception)
