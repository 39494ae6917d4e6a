"""A copy of a solution that runs on its own: the real programs, on free ports, in a folder that
goes away again. A solution that runs meanwhile notices nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import yaml

from jalon.app.background import spawn, stop, wait_ready
from jalon.app.local import RunFile, clear_run, read_run, require_run
from jalon.app.solution import Solution, load
from jalon.run.calendars import Day
from jalon.run.fleet import DevicesFile
from jalon.vocab.errors import SolutionError, UsageError
from jalon.vocab.text import N_, Text

_LEFT_BEHIND = (".jalon", ".git", "prototype", "watch", "documents")
_OUTSIDE = ("links.yaml", "integrations.yaml")
_ROUND_THE_CLOCK = {day.value: ["00:00-24:00"] for day in Day}
_READY_S = 60.0
OPEN_CALENDARS = N_("Calendars were open around the clock.")
NO_ONE_TOLD = N_("Nobody outside was told: outlets were replaced by open pages.")
MORE_DEVICES = N_("Probed devices were copied, so that one run gives enough samples.")
SHORTENED = N_(
    "Conditions that must last, and silences, were shortened to seconds; the difference is taken"
    " into account."
)
HURRIED_MS = 3000
SILENT = re.compile(r'silent\("([^"]*)"\)')
NOT_OUTSIDE = N_("Links to devices and services outside were left out.")


@dataclass
class TrialStack:
    """The copy in `folder`, running or killed. `changed` says what is not as it is written."""

    folder: Path
    changed: Sequence[str]
    pid: int = 0
    ports: tuple[int, int, int] = (0, 0, 0)

    @property
    def solution(self) -> Solution:
        """The copy."""
        return load(self.folder)

    @property
    def run(self) -> RunFile:
        """Where it listens."""
        return require_run(self.folder)

    def start(self) -> None:
        """Start it; the second time on the ports of the first. Raises UsageError."""
        pages, mqtt, websocket = map(str, self.ports)
        ports = ["--port", pages, "--mqtt-port", mqtt, "--websocket-port", websocket]
        self.pid = spawn(self.folder, "up", ["up", str(self.folder), *ports])
        wait_ready(self.folder, self.pid, _READY_S)
        run = self.run
        socket = run.websocket.port if run.websocket else 0
        self.ports = (run.http.port, run.mqtt.port, socket)

    def kill(self) -> None:
        """As a power cut does it: nothing is told, nothing is put away."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        clear_run(self.folder)

    def stop(self) -> None:
        """End it properly, so that its files are whole."""
        if read_run(self.folder) is not None:
            stop(self.folder)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self.pid, 0)


@contextlib.contextmanager
def trial_stack(
    folder: Path, copies: Mapping[str, int], hurried: Collection[str] = ()
) -> Iterator[TrialStack]:
    """A copy of the solution in `folder`, started, with so many more devices like those in
    `copies`; see `copy_id`. Whatever must last by the rules in `hurried`, silence
    too, lasts `HURRIED_MS`.
    Raises SolutionError, UsageError."""
    load(folder)
    with tempfile.TemporaryDirectory(prefix="jalon-prototype-") as above:
        copy = Path(above) / folder.resolve().name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
        stack = TrialStack(copy, [*_tame(copy), *_multiply(copy, copies), *_hurry(copy, hurried)])
        try:
            stack.start()
            yield stack
        finally:
            _end(stack)


def copy_id(device: str, number: int) -> str:
    """The id of a copy of a device; numbers count from 1."""
    return f"{device[:58]}-n{number}"


def _multiply(copy: Path, copies: Mapping[str, int]) -> Iterator[str]:
    """Write the fleet anew with more devices; what was changed."""
    if not any(copies.values()):
        return
    devices = list(load(copy).fleet.devices)
    for one in list(devices):
        for number in range(1, copies.get(one.id, 0) + 1):
            eui = one.dev_eui and _eui(one.dev_eui, number)
            name = copy_id(one.id, number)
            devices.append(one.model_copy(update={"id": name, "name": name, "dev_eui": eui}))
    file = DevicesFile(devices=devices)
    (copy / "fleet" / "devices.csv").unlink(missing_ok=True)
    content = file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    _write(copy / "fleet" / "devices.yaml", content)
    yield MORE_DEVICES


def _eui(eui: str, number: int) -> str:
    """Another one, of the block for local use."""
    return "02" + sha256(f"{eui}/{number}".encode()).hexdigest()[:14]


def _hurry(copy: Path, rules: Collection[str]) -> Iterator[str]:
    for path in sorted((copy / "rules").glob("*.yaml")) if rules else ():
        found = _read(path)
        for rule in found.get("rules", ()):
            if rule.get("id") in rules:
                for one in (rule, *_levels(rule)):
                    _hurry_one(one)
        _write(path, found)
    if rules:
        yield SHORTENED


def _hurry_one(level: dict[str, object]) -> None:
    soon = HURRIED_MS // 1000
    if SILENT.search(str(level.get("when", ""))):
        level["when"] = SILENT.sub(f'silent("{soon}s")', str(level["when"]))
    if "for" in level:
        level["for"] = f"{soon} s"


def _levels(rule: Mapping[str, object]) -> list[dict[str, object]]:
    levels = rule.get("levels")
    return levels if isinstance(levels, list) else []


def _end(stack: TrialStack) -> None:
    try:
        stack.stop()
    except UsageError:
        stack.kill()


def _tame(copy: Path) -> Iterator[str]:
    """Make the copy harmless and awake at any hour; what was changed."""
    calendars = copy / "calendars.yaml"
    if calendars.is_file():
        found = _read(calendars)
        for one in found.get("calendars", ()):
            one["week"] = _ROUND_THE_CLOCK
            one.pop("closed", None)
            one.pop("special", None)
        _write(calendars, found)
        yield OPEN_CALENDARS
    notifications = copy / "notifications.yaml"
    if notifications.is_file():
        found = _read(notifications)
        outlets = found.get("outlets", ())
        if any(one.get("kind") != "browser" for one in outlets):
            found["outlets"] = [{"id": one["id"], "kind": "browser"} for one in outlets]
            _write(notifications, found)
            yield NO_ONE_TOLD
    outside = [name for name in _OUTSIDE if (copy / name).is_file()]
    for name in outside:
        (copy / name).unlink()
    if outside:
        yield NOT_OUTSIDE
        _require_whole(copy, outside)


def _require_whole(copy: Path, without: Sequence[str]) -> None:
    try:
        load(copy)
    except SolutionError as error:
        text = N_(
            "This solution cannot be tried apart from what it is linked to: without {files} its"
            " files do not hold together. Measure the running solution with --real."
        )
        raise UsageError(Text(text, {"files": ", ".join(without)})) from error


def _read(path: Path) -> dict[str, list[dict[str, object]]]:
    found = yaml.safe_load(path.read_text("utf-8"))
    return found if isinstance(found, dict) else {}


def _write(path: Path, content: object) -> None:
    # JSON is YAML in which texts such as 02e5 are never taken for numbers.
    path.write_text(json.dumps(content, ensure_ascii=False, default=str), "utf-8")
