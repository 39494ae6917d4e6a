"""Entries of the design's files are changed from forms: nested values come back as they were meant,
and what was not touched keeps every byte."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.folder import yaml_reader
from jalon.adapters.folder.document import Draft
from jalon.adapters.folder.edit import (
    entry_added,
    entry_changed,
    entry_removed,
    mapping_changed,
)
from jalon.adapters.folder.yaml_write import told
from jalon.vocab.errors import UsageError

EXAMPLES = Path(__file__).parents[2] / "examples"
FILE = """\
# The head stays.
requirements:
  # What it does
  - id: R1  # the first
    statement:
      fr: Le système mesure.   # en français
      en: The system measures.
    objectives: [O1, O3]
    priority: must
  - {id: R2, statement: Short, priority: should}
  - id: R3
    statement: >-
      A sentence that
      was folded.
    priority: could

client:
  name: Somebody
  charter:
    fr: Sobre.
nested:
  inside:
    - id: N1
      name: One
"""
keys = st.sampled_from(["statement", "rationale", "objectives", "steps", "protection", "count"])
texts = st.text(
    st.sampled_from("abé1 0,;:#\"'-[]{}&*!|>%@`~n\t\n\r’«\u00a0\u2028\x85\ufeff"), max_size=160
)
leaves = st.one_of(texts, st.integers(-(10**6), 10**6), st.booleans(), st.floats(-1e6, 1e6))
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["fr", "en", "id", "by"]), inner, max_size=3),
    ),
    max_leaves=8,
)


def read(raw: bytes) -> dict[str, object]:
    """The file as the rest of Jalon reads it; fails on any fault."""
    draft = Draft("file.yaml")
    document = yaml_reader.read(raw.decode(), draft)
    assert draft.findings == []
    assert document
    assert isinstance(document.value, dict)
    return document.value


def entries(raw: bytes, *path: str) -> dict[str, Mapping[str, object]]:
    """The list at the path, by id."""
    found: object = read(raw)
    for key in path:
        assert isinstance(found, dict)
        found = found[key]
    assert isinstance(found, list)
    return {one["id"]: one for one in found}


def meant(value: object) -> object:
    """The value without the parts that say nothing."""
    if isinstance(value, Mapping):
        return {key: meant(one) for key, one in told(value)}
    if isinstance(value, list):
        return [meant(one) for one in value]
    return value


@given(
    st.sampled_from(["R1", "R2", "R3"]),
    st.dictionaries(keys, st.one_of(values, st.none()), min_size=1),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_value_comes_back_and_the_other_entries_keep_their_bytes(
    entry: str, fields: dict[str, object], newline: str
) -> None:
    raw = FILE.replace("\n", newline).encode()
    before = entries(raw, "requirements")
    after_raw = entry_changed(raw, ("requirements",), entry, fields)
    after = entries(after_raw, "requirements")
    expected = {**before[entry], **fields}
    assert dict(after[entry]) == meant(expected)
    assert [one for one in after if one != entry] == [one for one in before if one != entry]
    for untouched in set(before) - {entry}:
        assert after[untouched] == before[untouched]
    for words in ("# The head stays.", "client:\n  name: Somebody\n  charter:\n    fr: Sobre.\n"):
        assert words.replace("\n", newline).encode() in after_raw
    if entry != "R1":
        assert b"fr: Le syst\xc3\xa8me mesure.   # en fran\xc3\xa7ais" in after_raw


@given(
    st.dictionaries(keys, values),
    st.sampled_from([("requirements",), ("nested", "inside"), ("nested", "new"), ("a", "b", "c")]),
)
def test_an_entry_is_added_wherever_its_list_is_or_is_to_be(
    fields: dict[str, object], path: tuple[str, ...]
) -> None:
    entry = {"id": "new", **fields}
    after = entry_added(FILE.encode(), path, entry)
    assert dict(entries(after, *path)["new"]) == meant(entry)
    assert after.startswith(FILE[: FILE.index("client:")].rstrip().encode())
    removed = read(entry_removed(after, path, "new"))
    before: dict[str, object] = read(FILE.encode())
    for key in before:
        if key != "nested":
            assert removed[key] == before[key]


@given(
    st.dictionaries(st.sampled_from(["name", "charter", "sector"]), st.one_of(values, st.none()))
)
def test_a_mapping_of_its_own_is_changed_in_its_place(fields: dict[str, object]) -> None:
    fields = {"name": "Kept", **{key: one for key, one in fields.items() if key != "name"}}
    after = read(mapping_changed(FILE.encode(), ("client",), fields))
    assert after["client"] == meant({"name": "Kept", "charter": {"fr": "Sobre."}, **fields})
    assert after["nested"] == read(FILE.encode())["nested"]


def test_a_mapping_that_is_not_there_is_begun_at_the_end() -> None:
    after = mapping_changed(b"id: x", ("problem",), {"statement": {"fr": "a", "en": "b"}})
    assert after == b"id: x\nproblem: {statement: {fr: a, en: b}}\n"


def test_long_sentences_are_folded_and_languages_stand_on_lines_of_their_own() -> None:
    long = "The system keeps every reading that a gateway received, even when the line to the town"
    after = entry_changed(
        FILE.encode(), ("requirements",), "R1", {"rationale": {"fr": long, "en": long + " is cut."}}
    ).decode()
    assert "    rationale:\n      fr: >-\n        The system keeps" in after
    assert max(map(len, after.splitlines())) <= 100


@pytest.mark.parametrize("example", ["school-air", "cold-chain"])
def test_changing_one_requirement_of_an_example_changes_nothing_else(example: str) -> None:
    raw = (EXAMPLES / example / "solution.yaml").read_bytes()
    first = next(iter(entries(raw, "requirements")))
    after = entry_changed(raw, ("requirements",), first, {"priority": "could"})
    changed = [
        (one, other)
        for one, other in zip(raw.splitlines(), after.splitlines(), strict=True)
        if one != other
    ]
    assert changed == [(b"    priority: must", b"    priority: could")]


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(UsageError, match="no entry R9"):
        entry_changed(FILE.encode(), ("requirements",), "R9", {"priority": "must"})
