"""Entries of the fleet's files are changed, and nothing else in them is."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.folder import csv_reader, yaml_reader
from jalon.adapters.folder.document import Draft
from jalon.adapters.folder.edit import (
    DEVICES_CSV,
    DEVICES_YAML,
    appended,
    changed,
    changed_each,
    devices_file,
    removed,
    write,
)
from jalon.adapters.folder.plain_text import decode
from jalon.adapters.folder.yaml_write import scalar
from jalon.vocab.errors import UsageError

Entry = dict[str, str]
KEYS = ("name", "thing", "site", "room", "dev_eui", "serial")
# What people write: accents, separators, quotes, signs that mean something in YAML or CSV.
words = st.text(st.sampled_from("abé1 0,;:#\"'-[]{}&*!|>%@`~n\t"), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
ids = st.integers(1, 99).map(lambda number: f"d{number}")
comments = st.sampled_from(["", "# salle des maîtres", "#", "# - {id: no}, x", "   "])


def read(raw: bytes, name: str) -> list[Entry]:
    """The entries as the rest of Jalon reads them; fails on any fault."""
    draft = Draft(name)
    text = decode(raw, draft)
    assert text is not None
    if name.endswith(".csv"):
        document = csv_reader.read(text, draft, "devices")
    else:
        document = yaml_reader.read(text, draft)
    assert draft.findings == []
    assert document
    assert isinstance(document.value, Mapping)
    return [dict(entry) for entry in document.value["devices"] or []]


@st.composite
def csv_files(draw: st.DrawFn) -> tuple[bytes, list[Entry]]:
    """A file as somebody may have written it, with what it says."""
    separator = draw(st.sampled_from(",;\t"))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    columns = ["id", *draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=2))]
    found, lines = [], []
    for name in draw(st.lists(ids, unique=True, max_size=5)):
        entry = {"id": name}
        for column in columns[1:]:
            if value := draw(st.one_of(st.just(""), words)):
                entry[column] = value
        found.append(entry)
        out = io.StringIO()
        cells = [entry.get(column, "") for column in columns]
        csv.writer(
            out,
            delimiter=separator,
            quoting=csv.QUOTE_ALL if draw(st.booleans()) else csv.QUOTE_MINIMAL,
            lineterminator="",
        ).writerow(cells)
        lines += [out.getvalue()]
        if note := draw(comments):
            lines.append(note)
    text = newline.join([separator.join(columns), *lines])
    mark = draw(st.sampled_from(["", "\ufeff"]))
    end = newline if draw(st.booleans()) or not lines else ""
    return (mark + text + end).encode(), found


def yaml_entry(draw: st.DrawFn, entry: Entry, flow: bool) -> list[str]:
    pairs = [f"{key}: {scalar(value)}" for key, value in entry.items()]
    if flow:
        note = draw(st.sampled_from(["", "  # near the door"]))
        return [f"  - {{{', '.join(pairs)}}}{note}"]
    lines = [f"  - {pairs[0]}"]
    for pair in pairs[1:]:
        lines.append(f"    {pair}{draw(st.sampled_from(['', ' # why', '   ']))}")
        if note := draw(comments):
            lines.append(f"    {note}")
    return lines


@st.composite
def yaml_files(draw: st.DrawFn) -> tuple[bytes, list[Entry]]:
    """The same in YAML, entries in blocks or braces."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    found = []
    lines = [draw(comments), "devices:"]
    for name in draw(st.lists(ids, unique=True, min_size=1, max_size=5)):
        entry = {"id": name, **draw(st.dictionaries(st.sampled_from(KEYS), words, max_size=4))}
        found.append(entry)
        lines += [*yaml_entry(draw, entry, draw(st.booleans())), f"  {draw(comments)}"]
    end = newline if draw(st.booleans()) else ""
    return (newline.join(lines) + end).encode(), found


files = st.one_of(
    st.tuples(csv_files(), st.just(DEVICES_CSV)), st.tuples(yaml_files(), st.just(DEVICES_YAML))
)
new_entries = st.dictionaries(st.sampled_from(KEYS), words, max_size=5).map(
    lambda rest: {"id": "new", **rest}
)
changes = st.dictionaries(
    st.sampled_from(KEYS), st.one_of(st.none(), words), min_size=1, max_size=4
)


@given(files, st.lists(new_entries, min_size=1, max_size=3))
def test_an_entry_is_added_and_every_line_before_stays(
    file: tuple[tuple[bytes, list[Entry]], str], entries: list[Entry]
) -> None:
    (raw, known), name = file
    entries = [{**entry, "id": f"new{place}"} for place, entry in enumerate(entries)]
    after = appended(raw, name, entries)
    assert read(after, name) == known + entries
    old, new = raw.splitlines(), after.splitlines()
    left = iter(new)
    header_grew = name == DEVICES_CSV and new[0] != old[0]
    assert all(line in left for line in old[header_grew:]), "every line stays, in its order"


@given(files, changes, st.data())
def test_an_entry_is_changed_and_every_other_line_stays(
    file: tuple[tuple[bytes, list[Entry]], str],
    fields: dict[str, str | None],
    data: st.DataObject,
) -> None:
    (raw, known), name = file
    if not known:
        return
    place = data.draw(st.integers(0, len(known) - 1))
    after = changed(raw, name, known[place]["id"], fields)
    merged = {**known[place], **fields}
    expected = {key: value for key, value in merged.items() if value}
    found = read(after, name)
    assert {key: value for key, value in found[place].items() if value is not None} == expected
    assert found[:place] + found[place + 1 :] == known[:place] + known[place + 1 :]
    for note in (b"salle des ma\xc3\xaetres", b"# near the door"):
        assert after.count(note) == raw.count(note), "comments stay"


@given(files, changes, st.data())
def test_many_are_changed_at_once_as_one_after_the_other(
    file: tuple[tuple[bytes, list[Entry]], str],
    fields: dict[str, str | None],
    data: st.DataObject,
) -> None:
    (raw, known), name = file
    chosen = [entry["id"] for entry in known if data.draw(st.booleans())]
    one_by_one = raw
    for entry_id in chosen:
        one_by_one = changed(one_by_one, name, entry_id, fields)
    at_once = changed_each(raw, name, dict.fromkeys(chosen, fields))
    assert read(at_once, name) == read(one_by_one, name)


@given(files, st.data())
def test_an_entry_is_removed_and_every_other_line_stays(
    file: tuple[tuple[bytes, list[Entry]], str], data: st.DataObject
) -> None:
    (raw, known), name = file
    if not known:
        return
    place = data.draw(st.integers(0, len(known) - 1))
    after = removed(raw, name, known[place]["id"])
    assert read(after, name) == known[:place] + known[place + 1 :]
    assert read(appended(after, name, [known[place]]), name)[-1] == known[place]


@given(words, words)
def test_changing_there_and_back_gives_the_same_bytes(first: str, second: str) -> None:
    """Written as we write it, that is: quotes that were not needed are not kept."""
    for raw, name in (
        (b"id;name;site\n# top\nd1;x;y\nd2;x;y\n", DEVICES_CSV),
        (
            b"devices:\n  # top\n  - id: d1\n    name: x # why\n  - {id: d2, name: x}\n",
            DEVICES_YAML,
        ),
    ):
        for entry in ("d1", "d2"):
            once = changed(raw, name, entry, {"name": first})
            assert (
                changed(changed(once, name, entry, {"name": second}), name, entry, {"name": first})
                == once
            )
            assert changed(once, name, entry, {"name": "x"}) == raw


def test_a_new_key_stands_where_its_neighbours_stand() -> None:
    raw = b"devices:\n- id: a\n  name: A # why\n  # end of a\n- id: b\n  tags:\n    - x\n    - y\n"
    after = changed(raw, DEVICES_YAML, "a", {"retired": "2026-11-23"})
    assert b"  name: A # why\n  retired: 2026-11-23\n  # end of a\n" in after
    after = changed(raw, DEVICES_YAML, "b", {"tags": "z q", "latitude": "47.5"})
    assert after.endswith(b"- id: b\n  tags: [z, q]\n  latitude: 47.5\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"# nothing yet\n",
        b"devices:\n",
        b"devices: []\n",
        b"devices: [] # none\n",
        b"devices:",
    ],
)
def test_the_first_entry_of_a_yaml_list(raw: bytes) -> None:
    after = appended(raw, DEVICES_YAML, [{"id": "a", "name": "no"}])
    assert read(after, DEVICES_YAML) == [{"id": "a", "name": "no"}]
    assert raw.partition(b"#")[2].strip() in after


def test_the_first_line_of_a_csv_file_comes_with_a_header() -> None:
    after = appended(b"", DEVICES_CSV, [{"id": "a", "dev_eui": "0102030405060708"}])
    assert after == b"id,name,thing,site,room,dev_eui\na,,,,,0102030405060708\n"


def test_lists_in_brackets_are_kept_so() -> None:
    raw = b"devices: [{id: a, name: A}, {id: b}] # two\n"
    assert appended(raw, DEVICES_YAML, [{"id": "c"}]) == (
        b"devices: [{id: a, name: A}, {id: b}, {id: c}] # two\n"
    )
    assert removed(raw, DEVICES_YAML, "a") == b"devices: [{id: b}] # two\n"
    assert removed(raw, DEVICES_YAML, "b") == b"devices: [{id: a, name: A}] # two\n"


@pytest.mark.parametrize(
    ("raw", "name", "entry"),
    [
        (b"id,name\na,A\n", DEVICES_CSV, "b"),
        (b"devices:\n  - {id: a}\n", DEVICES_YAML, "b"),
        (b"devices:\n  - {id: a}\n  - {id: b, name: [\n", DEVICES_YAML, "a"),
        (
            b"devices:\n  - &x {id: a}\n  - {id: b, name: &n N}\n  - {id: c, name: *n}",
            "x.yaml",
            "c",
        ),
        (b'id,name\na,"A\n', DEVICES_CSV, "a"),
        (b"id,name\na,\xe9\n", DEVICES_CSV, "a"),
    ],
)
def test_what_cannot_be_changed_safely_is_left_to_people(raw: bytes, name: str, entry: str) -> None:
    with pytest.raises(UsageError):
        changed(raw, name, entry, {"name": "B"})


def test_the_file_is_replaced_whole_with_its_mode_and_through_a_link(tmp_path: Path) -> None:
    real = tmp_path / "shared.csv"
    real.write_bytes(b"id\n")
    real.chmod(0o640)
    (tmp_path / "fleet").mkdir()
    assert devices_file(tmp_path) == DEVICES_CSV
    (tmp_path / DEVICES_CSV).symlink_to(real)
    write(tmp_path / DEVICES_CSV, b"id\na\n")
    assert real.read_bytes() == b"id\na\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / DEVICES_CSV).is_symlink()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["fleet", "shared.csv"]
