"""The records of decisions, written into project/decisions/."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jalon.app.fleet_files import editing
from jalon.app.language import language
from jalon.app.solution import load
from jalon.design.choices.records import changed, written_records

FOLDER = "project/decisions"


def write_records(folder: Path) -> Sequence[str]:
    """Write every record that is missing or has changed, in the language of choices.yaml; what was
    written by hand in them stays. The paths that were written, relative to the folder.

    Raises UsageError and SolutionError as `load` does.
    """
    with editing(folder) as draft:
        blueprint = load(folder).blueprint
        speak = language(blueprint.choices.language)
        texts = changed(blueprint.records, written_records(blueprint, speak))
        for name, text in texts.items():
            draft.put(f"{FOLDER}/{name}.md", text.encode())
        if texts:
            (folder / FOLDER).mkdir(parents=True, exist_ok=True)
            draft.commit()
    return [f"{FOLDER}/{name}.md" for name in sorted(texts)]
