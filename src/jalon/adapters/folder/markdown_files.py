"""The Markdown files of a folder as texts: templates of documents, records of decisions."""

from __future__ import annotations

from pathlib import Path

from jalon.adapters.folder.document import Draft
from jalon.adapters.folder.plain_text import decode
from jalon.vocab.finding import Finding, Place, Severity
from jalon.vocab.text import N_, Text

TEMPLATES = "templates/"
_DATA_ENDINGS = (".yaml", ".yml", ".json", ".csv")


def read_templates(folder: Path) -> tuple[dict[str, str], list[Finding]]:
    """The texts of the documents' templates by file name without `.md`, and what is wrong with the
    files. A mark's path in one is the number of a line, from 1."""
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    for path in _files(folder / TEMPLATES):
        name = f"{TEMPLATES}{path.name}"
        if path.suffix == ".md":
            draft = Draft(name)
            text = _text(path, draft)
            findings += draft.findings
            if text is not None:
                texts[path.stem] = text
        elif path.suffix in _DATA_ENDINGS:
            said = Text(N_("Nothing reads this file."))
            hint = Text(N_("Templates of documents end in .md."))
            findings.append(Finding("file.ignored", Severity.WARNING, Place(name), said, hint))
    return texts, findings


def read_records(folder: Path) -> dict[str, str]:
    """The texts of project/decisions/ by file name without `.md`."""
    return {
        path.stem: path.read_text(encoding="utf-8", errors="replace")
        for path in _files(folder / "project" / "decisions")
        if path.suffix == ".md"
    }


def _text(path: Path, draft: Draft) -> str | None:
    try:
        return decode(path.read_bytes(), draft)
    except OSError as error:
        text = Text(N_("The file cannot be read: {problem}."), {"problem": error.strerror})
        draft.fault("file.unreadable", 0, 0, text)
        return None


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file()
    )
