"""Every key and value of YAML, JSON and CSV is found again where it was written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jalon.adapters.folder import csv_reader, json_reader, yaml_reader
from jalon.adapters.folder.document import Document, Draft
from jalon.adapters.folder.plain_text import decode

words = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=12)
scalars = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | texts
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4)
)


def _value_at(document: Document, path: tuple[str | int, ...]) -> object:
    value: object = document.value
    for step in path:
        if isinstance(step, int):
            assert isinstance(value, list)
            value = value[step]
        else:
            assert isinstance(value, dict)
            value = value[step]
    return value


def _agrees(document: Document, text: str) -> None:
    """At each value's position the text reads as that value; at each key's, as that key."""
    lines = text.split("\n")
    for path, spot in document.spots.items():
        rest = lines[spot.line - 1][spot.column - 1 :]
        value = _value_at(document, path)
        match value:
            case dict() | list():
                pass
            case str():
                assert rest.startswith(json.dumps(value, ensure_ascii=False))
            case _:
                assert rest.startswith(json.dumps(value))
        if path and isinstance(path[-1], str):
            key = lines[spot.key_line - 1][spot.key_column - 1 :]
            assert key.startswith((f"{path[-1]}:", json.dumps(path[-1])))


def _block_yaml(tree: object, indent: int = 0) -> str:
    """The tree as block YAML: an independent writer, two spaces a level."""
    pad = "  " * indent
    if isinstance(tree, dict) and tree:
        return "".join(
            f"\n{pad}{key}:{_block_yaml(value, indent + 1)}" for key, value in tree.items()
        )
    if isinstance(tree, list) and tree:
        return "".join(f"\n{pad}-{_block_yaml(value, indent + 1)}" for value in tree)
    return " " + json.dumps(tree, ensure_ascii=False)


@given(st.dictionaries(words, trees, min_size=1, max_size=5))
def test_yaml(tree: dict[str, object]) -> None:
    text = "# a comment\n" + _block_yaml(tree).lstrip("\n") + "\n"
    draft = Draft("x.yaml")

    document = yaml_reader.read(text, draft)

    assert document is not None
    assert not draft.findings
    assert document.value == tree
    _agrees(document, text)


@given(trees, st.sampled_from([None, 2, "\t"]))
def test_json(tree: object, indent: int | str | None) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=False)
    draft = Draft("x.json")

    document = json_reader.read(text, draft)

    assert document is not None
    assert not draft.findings
    assert document.value == tree
    _agrees(document, text)


@given(st.text(max_size=60))
def test_any_text_is_json_for_us_when_it_is_for_python(text: str) -> None:
    try:
        expected = json.loads(text, parse_constant=lambda word: pytest.fail(word))
    except (json.JSONDecodeError, pytest.fail.Exception):
        expected = Draft
    draft = Draft("x.json")

    document = json_reader.read(text, draft)

    if expected is Draft:
        assert document is None
        assert draft.findings
    elif not draft.findings:
        assert document is not None
        assert document.value == expected


cells = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@given(
    st.lists(words, min_size=2, max_size=4, unique=True),
    st.lists(st.lists(cells, min_size=2, max_size=4), max_size=5),
    st.sampled_from([",", ";", "\t"]),
)
def test_csv(header: list[str], rows: list[list[str]], separator: str) -> None:
    full = [(row + ["z"] * len(header))[: len(header)] for row in rows]
    quoted = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in full]
    text = "\n".join([separator.join(header), *quoted]) + "\n"
    draft = Draft("x.csv")

    document = csv_reader.read(text, draft, "rows")

    assert document is not None
    assert not draft.findings
    assert document.value == {"rows": [dict(zip(header, row, strict=True)) for row in full]}
    lines = text.split("\n")
    for index, row in enumerate(full):
        for name, cell in zip(header, row, strict=True):
            spot = document.spots["rows", index, name]
            assert lines[spot.line - 1][spot.column - 1 :].startswith('"' + cell.replace('"', '""'))
            assert lines[0][spot.key_column - 1 :].startswith(name)


def test_csv_cells_over_several_lines_and_comments_keep_later_lines_right() -> None:
    text = '# note\nid,name\na,"two\nlines"\n\n# b is gone\nc, plain \n'

    document = csv_reader.read(text, Draft("x.csv"), "rows")

    assert document is not None
    assert document.value == {
        "rows": [{"id": "a", "name": "two\nlines"}, {"id": "c", "name": "plain"}]
    }
    assert document.spots["rows", 1, "name"].line == 7
    assert document.spots["rows", 1, "name"].column == 4


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("12:30", "12:30"),
        ("2026-03-31", "2026-03-31"),
        ("012", 12),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("~", None),
        ("True", True),
        ("1_000", "1_000"),
        ("'12'", "12"),
        ("|\n    two\n    lines", "two\nlines\n"),
    ],
)
def test_plain_words_follow_yaml_1_2(text: str, value: object) -> None:
    document = yaml_reader.read(f"key: {text}\n", Draft("x.yaml"))

    assert document is not None
    assert document.value == {"key": value}


def test_a_small_file_cannot_grow_without_end() -> None:
    bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    draft = Draft("x.yaml")

    yaml_reader.read(bomb, draft)

    assert [finding.rule for finding in draft.findings] == ["file.yaml"]


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [
        ("é: 1\r\nb: caf\xe9\r\n".encode("latin-1"), 1, 1),
        (b"a: 1\nb: ok caf\xe9\n", 2, 10),
        ("a: 1\n".encode("utf-16"), 0, 0),
    ],
)
def test_another_encoding_is_told_with_its_place(raw: bytes, line: int, column: int) -> None:
    draft = Draft("x.yaml")

    assert decode(raw, draft) is None
    assert [(finding.place.line, finding.place.column) for finding in draft.findings] == [
        (line, column)
    ]


def test_marks_and_line_ends_do_not_move_positions() -> None:
    plain, odd = Draft("x.yaml"), Draft("x.yaml")
    text = "a: 1\nb:\n  c: é x\n"
    for draft, raw in (
        (plain, text.encode()),
        (odd, ("\ufeff" + text).replace("\n", "\r\n").encode()),
    ):
        content = decode(raw, draft)
        assert content is not None
        yaml_reader.read(content, draft)

    assert odd.spots == plain.spots
