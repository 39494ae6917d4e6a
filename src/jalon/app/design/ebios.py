"""Drafts of an EBIOS study as YAML, printed or added to ebios.yaml; the study since a revision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from jalon.adapters.folder import edit
from jalon.app.design.revisions import at_revision
from jalon.app.fleet_files import editing
from jalon.app.language import LANGUAGES, Language, language
from jalon.app.solution import load
from jalon.design.ebios.changes import Change, changes, worse
from jalon.design.ebios.proposals import Draft, propose
from jalon.design.ebios.sheets import sheets
from jalon.design.ebios.study import study
from jalon.vocab.entries import Strict, Wording

_FILE = "ebios.yaml"
_HEAD = "# yaml-language-server: $schema=.jalon/schemas/ebios.schema.json\n"


def draft_of(folder: Path) -> Draft:
    """What the study of the folder still lacks. Raises SolutionError when it does not load."""
    return propose(load(folder).blueprint, [language(code) for code in LANGUAGES])


def as_yaml(draft: Draft) -> str:
    """The draft as it would be written into an empty file."""
    return _added(b"", draft).decode("utf-8")


def write_draft(folder: Path, draft: Draft) -> None:
    """Add the draft to ebios.yaml; every other byte stays. Raises SolutionError, and writes
    nothing, when the solution would not load any more."""
    with editing(folder) as files:
        files.put(_FILE, _added(files.read(_FILE) or _HEAD.encode(), draft))
        files.commit()


def changed_since(
    folder: Path, revision: str, spoken: Language, today: date
) -> tuple[Sequence[Change], Sequence[str]]:
    """What became of the study since a git revision, and the scenarios whose risk is worse today.
    Results of tests are those of each time. Raises UsageError when there is no such revision."""
    now = load(folder).blueprint
    with at_revision(folder, revision) as copy:
        then = load(copy).blueprint
    found = list(changes(sheets(then, today), sheets(now, today), spoken))
    return found, worse(study(then), study(now))


def _added(raw: bytes, draft: Draft) -> bytes:
    lists: dict[str, list[Strict]] = {
        "pairs": [*draft.pairs],
        "strategic_scenarios": [*draft.strategic],
        "operational_scenarios": [*draft.operational],
    }
    for key, entries in lists.items():
        for entry in entries:
            raw = edit.entry_added(raw, (key,), _fields(entry))
    return raw


def _fields(entry: Strict) -> dict[str, object]:
    """What an entry says, a wording that is the same in every language once."""
    found: dict[str, object] = {}
    for key in type(entry).model_fields:
        value = getattr(entry, key)
        if value != type(entry).model_fields[key].get_default(call_default_factory=True):
            found[key] = _plain(value)
    return found


def _plain(value: object) -> object:
    if isinstance(value, Wording):
        said = {code: text for code, text in value.names.by_language.items() if text}
        return next(iter(said.values())) if len(set(said.values())) == 1 else said
    if isinstance(value, Strict):
        return _fields(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int) else str(value)
