"""The papers that duties ask for, as files: record of processing, data map, DPIA, obligations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from jalon.adapters.folder import edit
from jalon.app.spreadsheets import csv_text
from jalon.design.blueprint import Blueprint
from jalon.design.document import Speak, Table
from jalon.design.duties.chapter import SECTIONS
from jalon.design.duties.pia_export import pia_json

_TABLES = {"obligations": "obligations", "register": "record-of-processing", "map": "data-map"}


def tables_csv(blueprint: Blueprint, section: str, speak: Speak, today: date) -> list[str]:
    """Every table of a section as CSV text. A text that a spreadsheet would take for a formula
    begins with an apostrophe."""
    blocks = SECTIONS[section](blueprint, speak, today)
    return [csv_text([one.header, *one.rows]) for one in blocks if isinstance(one, Table)]


def papers(blueprint: Blueprint, speak: Speak, today: date) -> Iterator[tuple[str, str]]:
    """File names with their text."""
    for section, name in _TABLES.items():
        for number, text in enumerate(tables_csv(blueprint, section, speak, today), start=1):
            yield f"{name}{'' if number == 1 else f'-{number}'}.csv", text
    yield "dpia-cnil.json", pia_json(blueprint, speak, today)


def write_papers(blueprint: Blueprint, speak: Speak, today: date, folder: Path) -> list[Path]:
    """Write them into the folder, which is made; files of those names are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in papers(blueprint, speak, today):
        path = folder / name
        edit.write(path, text.encode())
        written.append(path)
    return written
