"""What the guide of alarms tells to write and to type is written and typed here."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from jalon.adapters.stores.registry import open_sqlite
from jalon.app.accounts import REGISTRY_FILE
from jalon.app.alarms.service import Alarms
from jalon.app.background import wait_until
from jalon.app.clock import now_ms
from jalon.app.ground import Ground
from jalon.app.journal import RegistryJournal
from jalon.app.local import read_run
from jalon.app.solution import load
from jalon.cli.shell import root
from jalon.run.alarms.spec import AlarmsFile
from jalon.run.control import AlarmDue, AlarmSeverity

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "alarms.md").read_text("utf-8")
FILES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
LINES = [
    line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]
ANY_PORTS = ["--port", "0", "--mqtt-port", "0", "--websocket-port", "0"]
CALENDARS = "calendars: [{id: school, week: {mon: ['08:00-17:00']}}]\n"
PEOPLE = "people:\n" + "".join(
    f"  - {{id: {name}, name: {name.title()}}}\n" for name in ("caretaker", "head", "guard")
)


def test_every_part_of_a_file_is_one_that_jalon_takes() -> None:
    assert len(FILES) == 4
    for file in FILES:
        AlarmsFile.model_validate(yaml.safe_load(file))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example with the files of the page, and one alarm."""
    found = tmp_path / "my-school"
    shutil.copytree(
        ROOT / "examples" / "school-air", found, ignore=shutil.ignore_patterns(".jalon", "rules")
    )
    for name in ("commands", "updates", "integrations"):
        (found / f"{name}.yaml").unlink(missing_ok=True)
    (found / "calendars.yaml").write_text(CALENDARS)
    (found / "notifications.yaml").write_text(PEOPLE)
    (found / "alarms.yaml").write_text(FILES[0])
    registry = open_sqlite(found / REGISTRY_FILE)
    solution = load(found)
    journal = RegistryJournal(registry, now_ms)
    Alarms(Ground(registry, lambda: solution, now_ms, journal, found)).carry_out(
        AlarmDue(
            at_ms=now_ms(),
            key="1",
            by="user:somebody",
            subject="device:zay-cm2-a",
            severity=AlarmSeverity.MAJOR,
            words={"en": "The window is broken"},
        )
    )
    registry.close()
    return found


@pytest.fixture
def running(folder: Path) -> Iterator[Path]:
    """The same, up."""
    command = [sys.executable, "-m", "jalon.cli", "up", str(folder), *ANY_PORTS]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            assert wait_until(lambda: read_run(folder) is not None, 60)
            yield folder
        finally:
            process.terminate()


def test_every_line_works_one_after_the_other(
    running: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(running.parent)
    assert len(LINES) == 11
    said = {}
    for line in LINES:
        program, *words = shlex.split(line)
        assert program == "jalon"
        root.main(words, prog_name="jalon", standalone_mode=False)
        said[line] = capsys.readouterr().out
    assert "The window is broken" in said["jalon alarms list my-school"]
    assert "Acknowledged: 1" in "".join(said.values())
    assert "The boiler is serviced." in said["jalon silences list my-school"]
    root.main(["alarms", "show", "my-school", "1", "--format", "json"], standalone_mode=False)
    happened = [one["what"] for one in yaml.safe_load(capsys.readouterr().out)["history"]]
    assert happened[-5:] == ["acknowledged", "assigned", "commented", "silenced", "closed"]
