"""`jalon things`: documents of the Web of Things in and out, as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jalon.app.solution import check
from jalon.run.wot.check import problems

LAMP = {
    "@context": "https://www.w3.org/2022/wot/td/v1.1",
    "title": "Lamp",
    "securityDefinitions": {"open": {"scheme": "nosec"}},
    "security": "open",
    "properties": {
        "power": {
            "type": "number",
            "unit": "om2:kilowatt",
            "forms": [{"href": "https://lamp.example/power"}],
        }
    },
}


def jalon(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in English, as a child process."""
    return subprocess.run(
        [sys.executable, "-c", "from jalon.cli import main; main()", *words],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "JALON_LANG": "en"},
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new solution."""
    made = tmp_path / "mine"
    assert jalon("new", str(made), "--template", "air", cwd=tmp_path).returncode == 0
    return made


def write(path: Path, value: object) -> Path:
    """A JSON file."""
    path.write_text(json.dumps(value, indent=1), "utf-8")
    return path


def test_a_description_becomes_a_type_that_checks(folder: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "lamp.td.json", LAMP)
    done = jalon("things", "import", "mine", str(source), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "/securityDefinitions: left out: " in done.stdout
    text = (folder / "things/lamp.tm.yaml").read_text("utf-8")
    assert "unit: kW" in text
    assert [one for one in check(folder) if one.severity != "warning"] == []

    again = jalon("things", "import", "mine", str(source), cwd=tmp_path)
    assert again.returncode == 1
    assert "There is a type “lamp” already" in again.stdout
    other = jalon("things", "import", "mine", str(source), "--id", "lamp-2", cwd=tmp_path)
    assert other.returncode == 0
    assert (folder / "things/lamp-2.tm.yaml").is_file()


def test_a_folder_is_read_whole_and_what_is_wrong_is_refused_with_its_place(
    folder: Path, tmp_path: Path
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    write(many / "good.td.json", LAMP)
    write(many / "bad.td.json", {**LAMP, "security": "closed"})
    (many / "twice.json").write_text('{"title": "a", "title": "b"}', "utf-8")
    (many / "model.tm.yaml").write_text(
        '"@context": https://www.w3.org/2022/wot/td/v1.1\n"@type": tm:ThingModel\n'
        "links: [{rel: tm:extends, href: good-base.tm.json}]\n",
        "utf-8",
    )
    base = {"@context": LAMP["@context"], "@type": "tm:ThingModel", "title": "Base"}
    write(many / "good-base.tm.json", {**base, "properties": {"level": {"type": "number"}}})

    done = jalon("things", "import", "mine", str(many), cwd=tmp_path)

    assert done.returncode == 1
    told = done.stdout.replace(str(many), "")
    assert "/bad.td.json: refused." in told
    assert "9:14 /security: error: “closed” is not among the security definitions." in told
    assert "/twice.json: refused." in told
    assert "“title” is given twice" in told
    made = {one.name for one in (folder / "things").iterdir()}
    assert {"good.tm.yaml", "model.tm.yaml", "good-base.tm.yaml"} <= made
    assert "level:" in (folder / "things/model.tm.yaml").read_text("utf-8")
    assert "bad.tm.yaml" not in made


def test_a_dry_run_writes_nothing(folder: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "lamp.td.json", LAMP)
    done = jalon("things", "import", "mine", str(source), "--dry-run", cwd=tmp_path)
    assert done.returncode == 0
    assert not (folder / "things/lamp.tm.yaml").exists()


def test_an_import_into_nowhere_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "lamp.td.json", LAMP)
    done = jalon("things", "import", "nowhere", str(source), cwd=tmp_path)
    assert done.returncode == 2
    assert "There is no solution in nowhere." in done.stderr


def test_descriptions_of_all_devices_are_valid(folder: Path, tmp_path: Path) -> None:
    done = jalon("things", "export", "mine", "--http", "https://iot.example/", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) > 2
    assert [problem for one in found for problem in problems(one)] == []
    assert '"https://iot.example/api/v1/things/' in done.stdout

    out = jalon("things", "export", "mine", "--out", "tds", cwd=tmp_path)
    assert out.returncode == 0
    files = sorted((tmp_path / "tds").iterdir())
    assert len(files) == len(found)
    name = files[0].name.removesuffix(".td.json")
    one = jalon("things", "export", "mine", name, cwd=tmp_path)
    assert json.loads(one.stdout) == json.loads(files[0].read_text("utf-8"))


def test_an_unknown_device_is_said(folder: Path, tmp_path: Path) -> None:
    done = jalon("things", "export", "mine", "nobody", cwd=tmp_path)
    assert done.returncode == 2
    assert "There is no device “nobody”." in done.stderr


def test_the_mqtt_side_is_written_as_asyncapi(folder: Path, tmp_path: Path) -> None:
    done = jalon("things", "asyncapi", "mine", "--mqtt", "mqtts://iot.example:8883", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["asyncapi"] == "3.0.0"
    assert found["servers"]["mqtt"]["host"] == "iot.example:8883"
    assert found["channels"]
