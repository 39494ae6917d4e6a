"""Scenarios from files."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from jalon.run.virtual.scenarios import Scenario
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

FOLDER = "scenarios"


def scenario_path(folder: Path, name: str) -> Path:
    """A file, or a name of the solution's folder `scenarios`. Raises UsageError."""
    given = Path(name)
    own = folder / FOLDER / f"{name}.yaml"
    for path in (given, own):
        if path.is_file():
            return path
    names = ", ".join(sorted(one.stem for one in (folder / FOLDER).glob("*.yaml"))) or "–"
    text = N_("There is no scenario {name}. This solution has: {names}.")
    raise UsageError(Text(text, {"name": name, "names": names}))


def read_scenario(path: Path) -> Scenario:
    """The scenario of a file. Raises UsageError."""
    try:
        return Scenario.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = f"{where}: {first['msg']}"
    text = N_("The scenario {path} cannot be read: {reason}")
    raise UsageError(Text(text, {"path": str(path), "reason": reason}))
