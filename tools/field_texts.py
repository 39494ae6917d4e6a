"""Texts of the design's models that the forms show: descriptions, names of keys, words of lists.

A method of Babel's extraction (see babel.cfg): what Python's own finds, and these.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Collection, Iterator
from typing import IO, Any

from babel.messages.extract import extract_python

from jalon.web.pages.entries.labels import label

Found = tuple[int, Any, Any, Any]


def extract(
    fileobj: IO[bytes], keywords: Any, comment_tags: Collection[str], options: Any
) -> Iterator[Found]:
    """Line, function, messages, comments, as Babel wants them."""
    source = fileobj.read()
    yield from extract_python(io.BytesIO(source), keywords, comment_tags, options)
    for part in ast.walk(ast.parse(source)):
        if isinstance(part, ast.ClassDef):
            for statement in part.body:
                for text in _texts(part, statement):
                    yield statement.lineno, "N_", text, []


def _texts(part: ast.ClassDef, statement: ast.stmt) -> Iterator[str]:
    bases = {base.id for base in part.bases if isinstance(base, ast.Name)}
    match statement:
        case ast.AnnAssign(target=ast.Name(id=key), value=ast.Call(keywords=given)):
            said = {one.arg: _text(one.value) for one in given}
            yield label(said.get("alias") or key)
            if said.get("description"):
                yield " ".join(str(said["description"]).split())
        case ast.Assign(value=ast.Constant(value=str(word))) if "StrEnum" in bases:
            yield label(word)


def _text(value: ast.expr) -> str:
    """A constant text; "" for anything else."""
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
