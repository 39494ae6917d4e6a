"""Tables for spreadsheets carry text, never formulas."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from jalon.app.spreadsheets import csv_text

CELLS = st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=["Cs"]))


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5))
def test_no_cell_is_a_formula_and_nothing_is_lost(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(csv_text(rows), newline="")))
    assert len(read) == len(rows)
    for before, after in zip(rows, read, strict=True):
        for text, cell in zip(before, after, strict=True):
            assert cell in (text, f"'{text}")
            assert not cell.startswith(("=", "+", "-", "@", "\t"))
