"""The inputs of a form, made from a model; an entry's values as texts for them, and back."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from jalon.app.design.entries import parsed, typed
from jalon.vocab.entries import Wording
from jalon.vocab.errors import UsageError
from jalon.vocab.text import Text

Choices = Sequence[tuple[str, str]]
"""Ids, each with what people call it."""

Options = Mapping[str, Choices]
"""What the value of a key may name."""

Given = Mapping[str, Sequence[str]]
"""What a form sent, by the names of its inputs."""

LANGUAGES = ("fr", "en")
_SPARE = 2
"""Empty rows under a list of wordings."""
_MOST_BOXES = 60
_BREAKS = re.compile(r"[ \t\r\n]+")
_NUMBER = re.compile(r"[-+]?[0-9]+")
_DECIMAL = re.compile(r"[-+]?[0-9]*\.[0-9]+")


class Shape(StrEnum):
    """How a value is typed in."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    CHOICE = "choice"
    BOXES = "boxes"
    LINES = "lines"
    WORDS = "words"
    WORDINGS = "wordings"
    GROUP = "group"
    YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Input:
    """One input, or a group of them. `name` is the keys down to the value, with dots; `hint` an
    English msgid; `on` what a flag is when nothing is written."""

    name: str
    key: str
    shape: Shape
    hint: str
    required: bool
    options: Choices = ()
    parts: Sequence[Input] = ()
    on: bool = False


@dataclass(frozen=True)
class Read:
    """What a form said: the value of the entry, and what could not be read, by input."""

    value: Mapping[str, object]
    wrong: Mapping[str, Text] = field(default_factory=dict)


def inputs_of(model: type[BaseModel], options: Options, under: str = "") -> list[Input]:
    """The inputs for a model, in the order of its keys."""
    return [
        _input(info.alias or key, info, options, under) for key, info in model.model_fields.items()
    ]


def _input(key: str, info: FieldInfo, options: Options, under: str) -> Input:
    name = f"{under}{key}"
    annotation = _plain(info.annotation)
    shape, known = _shape(annotation, options.get(key, ()))
    parts: Sequence[Input] = ()
    if shape is Shape.GROUP and isinstance(annotation, type) and issubclass(annotation, BaseModel):
        parts = inputs_of(annotation, options, f"{name}.")
    hint = " ".join((info.description or "").split())
    return Input(name, key, shape, hint, info.is_required(), known, parts, info.default is True)


def _shape(annotation: object, known: Choices) -> tuple[Shape, Choices]:
    if get_origin(annotation) is list:
        inner = _plain(get_args(annotation)[0])
        if inner is Wording:
            return Shape.WORDINGS, ()
        words = _words(inner)
        if words or (known and len(known) <= _MOST_BOXES):
            return Shape.BOXES, words or known
        return (Shape.LINES if _is_text(inner) else Shape.YAML), ()
    if annotation is Wording:
        return Shape.WORDS, ()
    if annotation is bool:
        return Shape.FLAG, ()
    if words := _words(annotation):
        return Shape.CHOICE, words
    if annotation in (int, float, Decimal):
        return Shape.NUMBER, ()
    if annotation is date:
        return Shape.DATE, ()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (Shape.YAML if _or_shorter(annotation) else Shape.GROUP), ()
    if _is_text(annotation):
        return (Shape.CHOICE, known) if known else (Shape.TEXT, ())
    return Shape.YAML, ()


@cache
def _or_shorter(model: type[BaseModel]) -> bool:
    """Whether a single value may stand for the whole, as a number for a range of figures."""
    return "anyOf" in model.model_json_schema()


def _plain(annotation: object) -> object:
    """Without what is said beside the type, and without None."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        some = [one for one in get_args(annotation) if one is not type(None)]
        return _plain(some[0]) if len(some) == 1 else annotation
    return annotation


def _words(annotation: object) -> Choices:
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple((one.value, one.value) for one in annotation)
    if get_origin(annotation) is Literal:
        return tuple((str(one), str(one)) for one in get_args(annotation))
    return ()


def _is_text(annotation: object) -> bool:
    """Whether it is written as one text: also what a validator makes something else of."""
    return get_origin(annotation) is None and not (
        isinstance(annotation, type) and issubclass(annotation, BaseModel | dict | list)
    )


def filled(inputs: Sequence[Input], value: Mapping[str, object]) -> dict[str, list[str]]:
    """The value as texts by input."""
    texts: dict[str, list[str]] = {}
    for one in inputs:
        for name, some in _filled(one, value.get(one.key)):
            texts[name] = some
    return texts


def _filled(one: Input, value: object) -> Iterator[tuple[str, list[str]]]:
    match one.shape:
        case Shape.GROUP:
            inner = value if isinstance(value, Mapping) else {}
            yield from filled(one.parts, inner).items()
        case Shape.WORDS:
            yield from _wording(one.name, value)
        case Shape.WORDINGS:
            texts = value if isinstance(value, list) else []
            for place, row in enumerate([*texts, *[None] * _SPARE]):
                yield from _wording(f"{one.name}.{place}", row)
        case Shape.FLAG:
            yield one.name, ["on"] if (one.on if value is None else value) else []
        case Shape.BOXES:
            yield one.name, [str(each) for each in value] if isinstance(value, list) else []
        case Shape.LINES:
            lines = [str(each) for each in value] if isinstance(value, list) else []
            yield one.name, ["\n".join(lines)]
        case Shape.YAML:
            yield one.name, [typed(value)]
        case _:
            yield one.name, ["" if value is None else str(value)]


def _wording(name: str, value: object) -> Iterator[tuple[str, list[str]]]:
    for code in LANGUAGES:
        text = value.get(code) if isinstance(value, Mapping) else value
        yield f"{name}.{code}", [str(text or "")]


def read(inputs: Sequence[Input], given: Given) -> Read:
    """What was typed, as the value of an entry; what is empty is None."""
    value: dict[str, object] = {}
    wrong: dict[str, Text] = {}
    for one in inputs:
        if one.shape is Shape.GROUP:
            inner = read(one.parts, given)
            some = {key: each for key, each in inner.value.items() if each is not None}
            value[one.key] = some or None
            wrong.update(inner.wrong)
            continue
        try:
            value[one.key] = _read(one, given)
        except UsageError as error:
            value[one.key] = None
            wrong[one.name] = error.text
    return Read(value, wrong)


def _read(one: Input, given: Given) -> object:
    text = "".join(given.get(one.name, ())[:1]).strip()
    match one.shape:
        case Shape.WORDS:
            return _read_wording(one.name, given)
        case Shape.WORDINGS:
            said = [_read_wording(f"{one.name}.{place}", given) for place in rows(one, given)]
            return [row for row in said if row is not None] or None
        case Shape.FLAG:
            on = bool(given.get(one.name))
            return None if on == one.on else on
        case Shape.BOXES:
            return list(given.get(one.name, ())) or None
        case Shape.LINES:
            return [line.strip() for line in text.splitlines() if line.strip()] or None
        case Shape.YAML:
            return parsed("\n".join(given.get(one.name, ())))
        case Shape.NUMBER if _NUMBER.fullmatch(text):
            return int(text)
        case Shape.NUMBER if _DECIMAL.fullmatch(text):
            return float(text)
    return text or None


def rows(one: Input, given: Given) -> list[int]:
    """The numbers of the rows of a list of wordings."""
    row = re.compile(rf"{re.escape(one.name)}\.(\d{{1,3}})\.(?:fr|en)")
    return sorted({int(found.group(1)) for name in given if (found := row.fullmatch(name))})


def _read_wording(name: str, given: Given) -> object:
    texts = {
        code: _BREAKS.sub(" ", "".join(given.get(f"{name}.{code}", ())[:1])).strip()
        for code in LANGUAGES
    }
    some = {code: text for code, text in texts.items() if text}
    if len(some) == len(LANGUAGES) and len(set(some.values())) == 1:
        return next(iter(some.values()))
    return some or None


def changes(inputs: Sequence[Input], before: Mapping[str, object], said: Read) -> dict[str, object]:
    """The keys whose values were changed in the form; what the form cannot say the same way, such
    as the line breaks of a text, stays as it is written."""
    same = read(inputs, filled(inputs, before)).value
    return {key: value for key, value in said.value.items() if value != same[key]}
