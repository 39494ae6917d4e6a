"""JSON (RFC 8259) with the position of every key and value."""

from __future__ import annotations

import json
import re
from typing import Never

from jalon.adapters.folder.document import Document, Draft, Spot
from jalon.vocab.finding import Path
from jalon.vocab.text import N_, Text

_SPACE = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_DEEPEST = 60


def read(text: str, draft: Draft) -> Document | None:
    """The document in `text`; None when it is no JSON. Faults go to the draft."""
    reader = _Reader(text, draft)
    try:
        value = reader.document()
    except _Stop:
        return None
    return draft.document(value)


class _Stop(Exception):  # noqa: N818 - leaves the nested reading once the fault is noted
    pass


class _Reader:
    def __init__(self, text: str, draft: Draft) -> None:
        self._text = text
        self._at = 0
        self._draft = draft
        self._starts = [0, *(found.end() for found in re.finditer(r"\n", text))]

    def document(self) -> object:
        self._skip()
        value = self._value((), self._position(self._at))
        if self._at < len(self._text):
            self._stop(N_("The file should end here."))
        return value

    def _position(self, offset: int) -> tuple[int, int]:
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        return low + 1, offset - self._starts[low] + 1

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _stop(self, message: str) -> Never:
        line, column = self._position(self._at)
        self._draft.fault("file.json", line, column, Text(message))
        raise _Stop

    def _value(self, path: Path, key: tuple[int, int]) -> object:
        self._draft.spots[path] = Spot(*self._position(self._at), *key)
        if len(path) > _DEEPEST:
            self._stop(N_("This is nested too deep."))
        match self._text[self._at : self._at + 1]:
            case "{":
                value: object = self._object(path)
            case "[":
                value = self._array(path)
            case '"':
                self._draft.quoted.add(path)
                value = self._string()
            case _:
                value = self._word()
        self._skip()
        return value

    def _word(self) -> object:
        found = _WORD.match(self._text, self._at)
        if not found:
            self._stop(N_("A JSON value is expected here."))
        self._at = found.end()
        return json.loads(found.group())

    def _string(self) -> str:
        if self._text[self._at : self._at + 1] != '"':
            self._stop(N_("A text in double quotes is expected here."))
        found = _STRING.match(self._text, self._at)
        if not found:
            self._stop(N_("This text in quotes is not closed or contains a wrong character."))
        self._at = found.end()
        return str(json.loads(found.group()))

    def _more(self, close: str) -> bool:
        """Pass a comma (True) or the closing bracket (False)."""
        sign = self._text[self._at : self._at + 1]
        if sign not in (",", close) or not sign:
            self._stop(N_("A comma or a closing bracket is expected here."))
        self._at += 1
        if sign == ",":
            self._skip()
        return sign == ","

    def _array(self, path: Path) -> list[object]:
        self._at += 1
        self._skip()
        values: list[object] = []
        if self._text[self._at : self._at + 1] == "]":
            self._at += 1
            return values
        while True:
            values.append(self._value((*path, len(values)), self._position(self._at)))
            if not self._more("]"):
                return values

    def _object(self, path: Path) -> dict[str, object]:
        self._at += 1
        self._skip()
        values: dict[str, object] = {}
        if self._text[self._at : self._at + 1] == "}":
            self._at += 1
            return values
        while True:
            start = self._position(self._at)
            key = self._string()
            self._skip()
            if self._text[self._at : self._at + 1] != ":":
                self._stop(N_("A “:” is missing after the key."))
            self._at += 1
            self._skip()
            if key in values:
                self._twice(key, start, path)
            values[key] = self._value((*path, key), start)
            if not self._more("}"):
                return values

    def _twice(self, key: str, start: tuple[int, int], path: Path) -> None:
        first = self._draft.spots[(*path, key)].key_line
        text = Text(
            N_("“{key}” is given twice; the first time on line {line}."),
            {"key": key, "line": first},
        )
        self._draft.fault("file.duplicate-key", *start, text, Text(N_("Keep one of the two.")))
