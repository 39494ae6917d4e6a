"""`jalon design threats` as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from small_fortress import FAILED, SECURITY, write_fortress

from jalon.cli.shell import root

CALM = SECURITY.replace("device-stolen,", "device-stolen, firmware-frozen, sensor-deceived,")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(root, ["design", "threats", *map(str, words)], catch_exceptions=False)


def test_a_folder_alone_is_listed_and_what_is_left_open_fails(tmp_path: Path) -> None:
    done = run(write_fortress(tmp_path))
    assert done.exit_code == 1
    assert "‼ high" in done.output
    assert "firmware-frozen@valve" in done.output
    assert run(write_fortress(tmp_path, security=CALM)).exit_code == 0


def test_the_list_is_chosen_and_given_as_json(tmp_path: Path) -> None:
    folder = write_fortress(tmp_path, security=CALM)
    done = run("list", folder, "--element", "valve", "--stride", "S", "--format", "json")
    found = json.loads(done.output)
    assert {one["element"] for one in found} == {"valve"}
    stolen = next(one for one in found if one["key"] == "device-stolen@valve")
    assert stolen["controls"] == [
        {"id": "C-KEYS", "strength": "proved", "tests": {"T-KEYS": "passed"}}
    ]


def test_one_threat_shows_the_chain_to_the_last_result(tmp_path: Path) -> None:
    done = run("show", write_fortress(tmp_path, results=FAILED), "device-stolen@valve")
    assert "C-KEYS  One key each (a test failed)" in done.output
    assert "T-KEYS: failed, 2026-03-04" in done.output
    assert "CWE-522" in done.output


def test_shown_without_a_key_is_the_list(tmp_path: Path) -> None:
    folder = write_fortress(tmp_path, security=CALM)
    assert run("show", folder).output == run(folder).output


def test_a_threat_that_is_not_there_has_a_nearest_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        root, ["design", "threats", "show", str(write_fortress(tmp_path)), "device-stole@valve"]
    )
    assert done.exit_code != 0
    assert "device-stolen@valve" in str(done.exception) + done.output


def test_coverage_fails_for_a_standard_that_was_chosen(tmp_path: Path) -> None:
    assert run("coverage", write_fortress(tmp_path)).exit_code == 0
    chosen = "standards: [etsi-en-303-645]\n" + SECURITY
    done = run(
        "coverage", write_fortress(tmp_path, security=chosen), "--standard", "etsi-en-303-645"
    )
    assert done.exit_code == 1
    assert "5.1-1    M  proved by tests" in done.output


def test_a_model_goes_out_and_comes_back(tmp_path: Path) -> None:
    folder, file = write_fortress(tmp_path / "pump"), tmp_path / "out.json"
    assert run("export", folder, "--format", "otm", "--out", file).exit_code == 0
    done = run("import", file, "--format", "otm", "--into", tmp_path / "back")
    assert "architecture.yaml" in done.output
    assert (tmp_path / "back" / "security.yaml").is_file()
