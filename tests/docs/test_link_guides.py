"""What the guides of HTTP and LoRaWAN tell to type is typed here, against a running solution."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from jalon.app.background import wait_until
from jalon.app.link_kinds import links_file
from jalon.app.local import RunFile, read_run

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "links"
ANY_PORTS = ["--port", "0", "--mqtt-port", "0", "--websocket-port", "0"]


def fences(guide: str, language: str) -> list[str]:
    """The blocks of a guide in a language."""
    text = (GUIDES / f"{guide}.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def air(tmp_path: Path) -> Iterator[RunFile]:
    """The example school, running in a folder beside which commands are typed."""
    folder = tmp_path / "school-air"
    example = ROOT / "examples" / "school-air"
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns(".jalon"))
    command = [sys.executable, "-m", "jalon.cli", "up", str(folder), *ANY_PORTS]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        try:
            assert wait_until(lambda: read_run(folder) is not None, 60)
            run = read_run(folder)
            assert run is not None
            yield run
        finally:
            running.terminate()
        running.wait(20)


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """What the shell knows: where `jalon` is."""
    script = tmp_path / "bin" / "jalon"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m jalon.cli "$@"\n')
    script.chmod(0o755)
    return {**os.environ, "PATH": f"{script.parent}:{os.environ['PATH']}", "JALON_LANG": "en"}


def typed(line: str, folder: Path, shell: dict[str, str]) -> str:
    """What the terminal shows."""
    done = subprocess.run(
        ["/bin/sh", "-ec", line], cwd=folder, env=shell, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(("guide", "secret"), [("http", "SECRET"), ("lorawan", "CHIRPSTACK")])
def test_the_guide_can_be_typed_from_its_beginning_to_its_end(
    guide: str, secret: str, air: RunFile, tmp_path: Path, shell: dict[str, str]
) -> None:
    shell["JALON"] = air.url
    first, *others = fences(guide, "sh")
    assert len(others) >= 2
    shell[secret] = typed(first, tmp_path, shell).split()[-1]
    shown = [typed(line, tmp_path, shell) for line in others]
    if guide == "http":
        assert shown[0] == '{"values":2,"refused":[]}'
        assert shown[1].startswith('{"values":2')
    else:
        assert shown[0] == '{"stored":true}'
        assert "012c" in shown[1]


@pytest.mark.parametrize("guide", ["http", "lorawan"])
def test_the_links_of_the_guides_are_as_links_yaml_takes_them(guide: str) -> None:
    blocks = [yaml.safe_load(one) for one in fences(guide, "yaml")]
    found = [one for one in blocks if {"links", "bridges"} & set(one)]
    assert found
    for one in found:
        links_file().model_validate(one)
