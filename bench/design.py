"""`jalon check` of a large design, as a whole process, beside Doorstop on as many requirements."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

import yaml

from bench.report import Figure, Goal, Tell, median
from jalon.app.solution import load
from jalon.design.threats.report import threats

PART = "design"
CHECKED = Goal(2.0, at_most=True)
LAYERS = ("perception", "network", "processing", "application", "security")
KINDS = ("functional", "performance", "security", "privacy", "operation")
_WORDS = ("temperature", "humidity", "door", "valve", "pump", "meter", "light", "report", "alarm")


def run(work: Path, size: tuple[int, int], rounds: int, tell: Tell) -> list[Figure]:
    """`size` is the number of requirements and of components."""
    requirements, components = size
    folder = write_design(work / "design", requirements, components)
    found = len(threats(load(folder).blueprint))
    tell(f"{PART}: {requirements} requirements, {components} components, {found} threats")
    note = f"{requirements} requirements, {components} components, {found:,} threats"
    checks = [
        _seconds([sys.executable, "-m", "jalon.cli", "check", str(folder)]) for _ in range(rounds)
    ]
    figures = [median(PART, "jalon check, start included", checks, "s", CHECKED, note)]
    if (doorstop := _doorstop(work, requirements, tell)) is not None:
        peer = [_seconds(doorstop, cwd=work / "doorstop") for _ in range(rounds)]
        figures.append(median(PART, "doorstop, the requirements alone", peer, "s"))
        ratio = figures[1].value / figures[0].value
        figures.append(Figure(PART, "doorstop's time over jalon's", ratio, "×"))
    shutil.rmtree(folder)
    return figures


def write_design(folder: Path, requirements: int, components: int) -> Path:
    """A solution of that size, in files: a town of districts that each have all five layers."""
    folder.mkdir(parents=True)
    zones = ("street", "cabinet", "servers", "office", "internet")
    exposures = ("public", "restricted", "private", "private", "public")
    parts = [_component(number, zones) for number in range(components)]
    architecture = {
        "zones": [
            {"id": zone, "name": zone.title(), "exposure": exposure}
            for zone, exposure in zip(zones, exposures, strict=True)
        ],
        "components": parts,
        "flows": [_flow(number, components) for number in range(components)],
    }
    about = {
        "id": "large",
        "name": "Large town",
        "client": {"name": "A town"},
        "problem": {"statement": "Everything is measured by hand."},
        "objectives": [
            {"id": f"O{number}", "statement": f"Halve the visits to district {number}."}
            for number in range(20)
        ],
        "requirements": [_requirement(number, components) for number in range(requirements)],
    }
    cases = {"cases": [_case(number) for number in range(requirements)]}
    security = {"controls": [_control(number) for number in range(components // 2)]}
    files = {
        "solution": about,
        "architecture": architecture,
        "security": security,
        "tests/plan": cases,
    }
    (folder / "tests").mkdir()
    for name, content in files.items():
        text = yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def _component(number: int, zones: tuple[str, ...]) -> dict[str, object]:
    layer = LAYERS[number % 5]
    kind = ("sensor", "gateway", "service", "web pages", "identity store")[number % 5]
    return {
        "id": f"C{number}",
        "name": f"{layer.title()} part of district {number // 5}",
        "layer": layer,
        "zone": zones[number % 5],
        "kind": kind,
    }


def _flow(number: int, components: int) -> dict[str, object]:
    return {
        "id": f"F{number}",
        "from": f"C{number}",
        "to": f"C{(number + 1) % components}",
        "protocol": ("LoRaWAN", "MQTT", "HTTPS", "HTTPS", "HTTPS")[number % 5],
        "payload": "Values of the district",
        "format": "JSON",
        "size": 40,
        "rate": "6/h",
        "personal_data": number % 7 == 0,
    }


def _case(number: int) -> dict[str, object]:
    return {
        "id": f"T{number}",
        "name": f"The values of {number} arrive",
        "kind": "functional",
        "level": "system",
        "requirements": [f"R{number}"],
    }


def _control(number: int) -> dict[str, object]:
    return {
        "id": f"K{number}",
        "name": f"Guard of part {number}",
        "status": "done",
        "treats": [f"@C{number}"],
        "tests": [f"T{number}"],
    }


def _requirement(number: int, components: int) -> dict[str, object]:
    one, other = (_WORDS[(number * step) % len(_WORDS)] for step in (5, 7))
    return {
        "id": f"R{number}",
        "kind": KINDS[number % len(KINDS)],
        "priority": ("must", "should", "could")[number % 3],
        "statement": f"The system reports {one} and {other} {number} every ten minutes.",
        "rationale": f"Without it nobody sees what happens to {other} {number}.",
        "objectives": [f"O{number % 20}"],
        "components": [f"C{number % components}"],
        "measure": f"device.report_interval p95 <= {5 + number % 20} min",
    }


def _seconds(command: list[str], cwd: Path | None = None) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode > 1 or "Traceback" in done.stderr:
        raise RuntimeError(done.stderr[-2_000:])
    return seconds


def _doorstop(work: Path, requirements: int, tell: Tell) -> list[str] | None:
    """The command that checks a Doorstop document of as many items; None when there is none to be
    had. Doorstop is no part of our lock files: it lives in an environment of its own."""
    home = work / "doorstop-environment"
    venv.create(home, with_pip=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "doorstop"]
    if subprocess.run(pip, check=False, capture_output=True).returncode:
        tell(f"{PART}: Doorstop cannot be installed; without a peer")
        return None
    root = work / "doorstop"
    items = root / "req"
    items.mkdir(parents=True)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    settings = "settings:\n  digits: 4\n  prefix: REQ\n  sep: ''\n"
    (items / ".doorstop.yml").write_text(settings, "utf-8")
    for number in range(1, requirements + 1):
        text = _requirement(number, 200)["statement"]
        (items / f"REQ{number:04}.yml").write_text(
            f"active: true\nlevel: 1.{number}\nlinks: []\nnormative: true\ntext: |\n  {text}\n",
            "utf-8",
        )
    return [str(home / "bin" / "doorstop"), "--no-reformat"]
