"""YAML with the position of every key and value.

Read with libyaml's nodes, and scalars by the rules of YAML 1.2's core schema: `no` and `12:30`
stay texts. Comments are not kept here; whoever edits a file works on its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from yaml.composer import ComposerError
from yaml.cyaml import CBaseLoader
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from jalon.adapters.folder.document import Document, Draft, Spot
from jalon.vocab.finding import Path
from jalon.vocab.text import N_, Text

_MOST_VALUES = 500_000
"""Aliases multiply: a file of a few lines could else fill the memory."""

_DEEPEST = 60

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_OCTAL = re.compile(r"0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = frozenset((".nan", ".NaN", ".NAN"))
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")
)
_LONGEST_NUMBER = 300


def read(text: str, draft: Draft) -> Document | None:
    """The document in `text`; None when it is no YAML at all. Faults go to the draft."""
    try:
        node = CBaseLoader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        _syntax(error, draft)
        return None
    except ReaderError as error:
        _character(error, text, draft)
        return None
    if node is None:
        draft.fault("file.empty", 0, 0, Text(N_("The file contains nothing but comments.")))
        return None
    builder = _Builder(draft)
    value = builder.build(node, (), (node.start_mark.line + 1, node.start_mark.column + 1))
    return draft.document(value)


class _Builder:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._open: set[int] = set()
        self._left = _MOST_VALUES
        self._endless = False

    def build(self, node: Node, path: Path, key: tuple[int, int]) -> object:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self._draft.spots[path] = Spot(line, column, *key)
        self._left -= 1
        if node.tag not in _TAGS:
            self._fault(node, N_("Tags such as “{tag}” are not used in these files."), tag=node.tag)
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open or self._left < 0 or len(path) > _DEEPEST:
            if not self._endless:
                self._fault(
                    node, N_("This is nested too deep, contains itself or is far too long.")
                )
            self._endless = True
            return None
        self._open.add(id(node))
        try:
            if isinstance(node, SequenceNode):
                return [
                    self.build(item, (*path, index), _position(item))
                    for index, item in enumerate(node.value)
                ]
            return dict(self._pairs(node, path))
        finally:
            self._open.discard(id(node))

    def _pairs(self, node: Node, path: Path) -> Iterator[tuple[str, object]]:
        if not isinstance(node, MappingNode):
            return
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._fault(key_node, N_("A key must be a simple word."))
                continue
            key = key_node.value
            if key in seen:
                line, column = _position(key_node)
                self._draft.fault(
                    "file.duplicate-key",
                    line,
                    column,
                    Text(
                        N_("“{key}” is given twice; the first time on line {line}."),
                        {"key": key, "line": seen[key]},
                    ),
                    Text(N_("Keep one of the two.")),
                )
                continue
            seen[key] = key_node.start_mark.line + 1
            yield key, self.build(value_node, (*path, key), _position(key_node))

    def _scalar(self, node: ScalarNode, path: Path) -> object:
        if node.start_mark.line != node.end_mark.line:
            self._draft.folded.add(path)
        if node.style:
            if node.style in "'\"":
                self._draft.quoted.add(path)
            return str(node.value)
        return plain(node.value)

    def _fault(self, node: Node, message: str, **params: object) -> None:
        line, column = _position(node)
        self._draft.fault("file.yaml", line, column, Text(message, params))


def _position(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def plain(text: str) -> object:
    """What a scalar without quotes means."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _HEXADECIMAL.fullmatch(text) or _OCTAL.fullmatch(text):
        return int(text, 0)
    if _INFINITE.fullmatch(text):
        return float("-inf") if text.startswith("-") else float("inf")
    return float("nan") if text in _NAN else text


def _character(error: ReaderError, text: str, draft: Draft) -> None:
    """libyaml counts from another start than editors do: the place is looked for."""
    line, column = 0, 0
    code = error.character if isinstance(error.character, int) else 0
    if (at := text.find(chr(code))) >= 0:
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    message = N_("The character U+{code} cannot stand in these files.")
    hint = Text(N_("Delete it; is this a text file?"))
    draft.fault("file.yaml", line, column, Text(message, {"code": f"{code:04X}"}), hint)


def _syntax(error: yaml.MarkedYAMLError, draft: Draft) -> None:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    problem = error.problem or ""
    text, hint = _explain(problem, isinstance(error, ComposerError))
    draft.fault("file.yaml", line, column, text, hint)


_PROBLEMS: tuple[tuple[str, str, str | None], ...] = (
    ("tab", N_("A tab cannot indent YAML."), N_("Use spaces.")),
    (
        "mapping values are not allowed",
        N_("A “:” stands where no key can be."),
        N_("Put a text that contains “: ” in quotes, and check the indentation."),
    ),
    (
        "cannot start any token",
        N_("A value cannot begin with this character."),
        N_("Put the text in quotes; use spaces, not tabs, to indent."),
    ),
    ("end of stream", N_("A quotation mark is not closed."), None),
    ("',' or ']'", N_("A list “[…]” is not closed, or a comma is missing."), None),
    ("',' or '}'", N_("A mapping in braces is not closed, or a comma is missing."), None),
    (
        "did not find expected key",
        N_("A key is expected here."),
        N_("Check the indentation: keys of one mapping stand in one column."),
    ),
    (
        "'-' indicator",
        N_("An entry of the list beginning with “- ” is expected here."),
        N_("Check the indentation."),
    ),
    ("could not find expected ':'", N_("A “:” is missing after the key."), None),
    (
        "another document",
        N_("A second document begins here (“---”)."),
        N_("Keep one document in a file."),
    ),
    ("undefined alias", N_("This alias (“*name”) has no anchor (“&name”) before it."), None),
)


def _explain(problem: str, composing: bool) -> tuple[Text, Text | None]:
    for sign, message, hint in _PROBLEMS:
        if sign in problem:
            return Text(message), Text(hint) if hint else None
    message = (
        N_("This alias cannot be used here ({problem}).")
        if composing
        else N_("This is not YAML ({problem}).")
    )
    return Text(message, {"problem": problem}), None
