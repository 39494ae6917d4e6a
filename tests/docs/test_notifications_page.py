"""What the page about notifications tells to type is typed here; its files are read."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from jalon.app.background import wait_until
from jalon.app.local import read_run
from jalon.run.notices.spec import NotificationsFile

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "notifications.md").read_text("utf-8")
ANY_PORTS = ["--port", "0", "--mqtt-port", "0", "--websocket-port", "0"]


def jalon(folder: Path, *words: str) -> str:
    """What a command says when it ends well."""
    command = [sys.executable, "-m", "jalon.cli", *words]
    done = subprocess.run(
        command, cwd=folder, check=True, timeout=120, capture_output=True, text=True
    )
    return done.stdout


def test_every_line_of_the_page_works_one_after_the_other(tmp_path: Path) -> None:
    example = tmp_path / "examples" / "school-air"
    shutil.copytree(
        ROOT / "examples" / "school-air", example, ignore=shutil.ignore_patterns(".jalon")
    )
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    lines = [shlex.split(line) for line in block.splitlines()]
    assert [words[:2] for words in lines] == [
        ["jalon", "demo"],
        ["jalon", "notify"],
        ["jalon", "notify"],
        ["jalon", "stop"],
    ]
    # As the demo does, without its days of history, and at free ports.
    command = [sys.executable, "-m", "jalon.cli", "up", str(example), *ANY_PORTS]
    with subprocess.Popen(command, cwd=tmp_path) as running:
        try:
            assert wait_until(lambda: read_run(example) is not None, 120)
            assert "samira/pages  sent" in jalon(tmp_path, *lines[1][1:])
            assert "samira/pages  sent" in jalon(tmp_path, *lines[2][1:])
            # It gives up after ten seconds, which a loaded machine may need more of.
            subprocess.run(
                [sys.executable, "-m", "jalon.cli", *lines[3][1:]], cwd=tmp_path, check=False
            )
            assert running.wait(60) == 0
        finally:
            running.kill()


def test_the_files_of_the_page_can_be_read() -> None:
    pieces = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(pieces) == 4
    mail, person, rotas, gateway = pieces
    NotificationsFile.model_validate(yaml.safe_load(rotas))
    NotificationsFile.model_validate(yaml.safe_load(gateway))
    whole = NotificationsFile.model_validate(
        yaml.safe_load(mail.partition("    channels:")[0] + person)
    )
    assert [one.key for one in whole.people[0].channels] == ["mail", "telephone"]
    assert whole.people[0].rate is not None
