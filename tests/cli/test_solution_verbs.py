"""`jalon new`, `jalon check` and `jalon schema` as a person or a build server runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from jalon.adapters.folder import yaml_reader
from jalon.adapters.folder.document import Draft
from jalon.app.new_solution import TEMPLATES, solution_id
from jalon.app.schemas import KINDS, schema
from jalon.app.solution import check, load

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
TEMPLATE_FILES = ROOT / "src/jalon/app/templates_solution"


def jalon(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command in English, as a child process."""
    return subprocess.run(
        [sys.executable, "-c", "from jalon.cli import main; main()", *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "JALON_LANG": "en", **env},
        timeout=60,
        check=False,
    )


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A folder with one error and one warning; made in `été/`, to have an odd path."""
    folder = tmp_path / "été"
    assert jalon("new", str(folder), "--template", "air", cwd=tmp_path).returncode == 0
    devices = folder / "fleet/devices.csv"
    devices.write_text(devices.read_text("utf-8").replace(",hall,,", ",hal,,"), "utf-8")
    (folder / "things/spare.tm.yaml").write_bytes(
        (folder / "things/air-sensor.tm.yaml").read_bytes()
    )
    return folder


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_folder_holds_together_and_bears_its_own_name(tmp_path: Path, template: str) -> None:
    done = jalon("new", "Mes Écoles", "--template", template, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "jalon check" in done.stdout
    folder = tmp_path / "Mes Écoles"
    assert check(folder) == []
    assert load(folder).about.id == "mes-ecoles"
    assert ".jalon/" in (folder / ".gitignore").read_text("utf-8")


def test_new_refuses_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("keep me", "utf-8")

    done = jalon("new", "mine", cwd=tmp_path)

    assert done.returncode == 2
    assert "mine is already there and is not empty" in done.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_new_takes_an_empty_folder(tmp_path: Path) -> None:
    assert jalon("new", ".", cwd=tmp_path).returncode == 0
    assert (tmp_path / "solution.yaml").is_file()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Mes Écoles", "mes-ecoles"), ("a_b.c", "a-b-c"), ("日本", "solution"), ("x" * 80, "x" * 64)],
)
def test_the_id_comes_from_the_folder(name: str, expected: str) -> None:
    assert solution_id(Path("/") / name) == expected


@pytest.mark.parametrize("name", ["school-air", "cold-chain"])
def test_the_examples_hold_together(name: str) -> None:
    # Their promises have dates: one day they will be overdue.
    assert check(EXAMPLES / name, today=date(2026, 11, 23)) == []


@pytest.mark.parametrize(
    ("template", "example"), [("air", "school-air"), ("cold-chain", "cold-chain")]
)
def test_the_templates_things_are_the_examples(template: str, example: str) -> None:
    things = list((TEMPLATE_FILES / template / "things").iterdir())

    assert things
    for thing in things:
        assert thing.read_bytes() == (EXAMPLES / example / "things" / thing.name).read_bytes()


def test_check_shows_the_line_with_a_caret_and_what_was_meant(faulty: Path) -> None:
    done = jalon("check", faulty.name, cwd=faulty.parent)

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == (
        "été/fleet/devices.csv:4:44: error: There is no room “hal” on this device's site."
        " [fleet.unknown-room]"
    )
    assert lines[1].strip() == "air-hall,Air display hall,air-display,main,hal,,shared display"
    assert lines[1][lines[2].index("^") :].startswith("hal,")
    assert lines[3] == "    → Did you mean “hall”?"
    assert lines[-1] == "1 error, 1 warning."
    assert "\x1b[" not in done.stdout


def test_a_long_line_is_cut_around_its_caret(faulty: Path) -> None:
    long = "# " + "x" * 400 + "\n"
    about = faulty / "solution.yaml"
    about.write_text(f"context: {'word ' * 60}: oops\n" + long + about.read_text("utf-8"), "utf-8")

    shown = jalon("check", ".", cwd=faulty).stdout.splitlines()
    caret = next(index for index, line in enumerate(shown) if line.startswith("solution.yaml")) + 2

    assert len(shown[caret - 1]) < 110
    assert shown[caret - 1][shown[caret].index("^") :].startswith(": oops")


def test_check_is_silent_about_a_clean_folder_but_says_so(tmp_path: Path) -> None:
    done = jalon("check", str(EXAMPLES / "school-air"), cwd=tmp_path)

    assert (done.returncode, done.stdout) == (0, "All good: nothing to say about these files.\n")


def test_a_warning_alone_is_not_a_failure(faulty: Path) -> None:
    devices = faulty / "fleet/devices.csv"
    devices.write_text(devices.read_text("utf-8").replace(",hal,,", ",hall,,"), "utf-8")

    done = jalon("check", ".", cwd=faulty)

    assert done.returncode == 0
    assert "0 errors, 1 warning." in done.stdout


@pytest.mark.parametrize(
    "words", [("check", "nowhere"), ("check", ".", "--format", "xml"), ("schema", "soluton")]
)
def test_misuse_is_exit_code_2_with_a_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = jalon(*words, cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_check_as_json(faulty: Path) -> None:
    done = jalon("check", ".", "--format", "json", cwd=faulty)

    assert done.returncode == 1
    assert json.loads(done.stdout)[0] == {
        "rule": "fleet.unknown-room",
        "severity": "error",
        "file": "fleet/devices.csv",
        "line": 4,
        "column": 44,
        "message": "There is no room “hal” on this device's site.",
        "hint": "Did you mean “hall”?",
    }


SARIF: dict[str, Any] = {
    # The parts of SARIF 2.1.0 that readers insist on.
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "pattern": "sarif-2\\.1\\.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {"type": "object", "required": ["id"]},
                                    }
                                },
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "ruleId", "locations"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"type": "object", "required": ["text"]},
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "required": ["artifactLocation"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "type": "object",
                                                        "properties": {
                                                            "uri": {
                                                                "type": "string",
                                                                "pattern": "^[!-~]+$",
                                                            }
                                                        },
                                                    },
                                                    "region": {
                                                        "type": "object",
                                                        "additionalProperties": False,
                                                        "properties": {
                                                            "startLine": {
                                                                "type": "integer",
                                                                "minimum": 1,
                                                            },
                                                            "startColumn": {
                                                                "type": "integer",
                                                                "minimum": 1,
                                                            },
                                                        },
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_check_as_sarif_leads_to_the_files_from_where_it_was_run(faulty: Path) -> None:
    (faulty / "architecture.yaml").write_text("", "utf-8")
    done = jalon("check", faulty.name, "--format", "sarif", cwd=faulty.parent)

    assert done.returncode == 1
    log = json.loads(done.stdout)
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert {result["level"] for result in run["results"]} == {"error", "warning"}
    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert (faulty.parent / unquote(uri)).is_file()


def test_schemas_accept_the_examples_and_refuse_a_misspelt_key(tmp_path: Path) -> None:
    done = jalon("schema", "--out", "made", cwd=tmp_path)
    assert done.returncode == 0, done.stderr

    seen = 0
    for kind in KINDS:
        made = json.loads((tmp_path / "made" / f"{kind.name}.schema.json").read_text("utf-8"))
        validator = jsonschema.Draft202012Validator(made)
        validator.check_schema(made)
        for example in EXAMPLES.iterdir():
            for path in example.glob(kind.pattern):
                document = yaml_reader.read(path.read_text("utf-8"), Draft(path.name))
                assert document is not None
                assert isinstance(document.value, dict)
                assert not list(validator.iter_errors(document.value)), path
                assert not validator.is_valid({**document.value, "zzz": 1})
                seen += 1
    assert seen >= 12


def test_one_schema_goes_to_the_terminal(tmp_path: Path) -> None:
    done = jalon("schema", "sites", cwd=tmp_path)

    assert json.loads(done.stdout) == schema(next(kind for kind in KINDS if kind.name == "sites"))
