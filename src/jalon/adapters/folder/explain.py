"""From a model's complaints to findings a person understands, at the place they are about."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from jalon.adapters.folder.document import Document
from jalon.vocab.finding import Finding, Path, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

_COMMA = N_("Between braces, a text that contains a comma needs quotes.")
_WORDS = re.compile(r"'([^']*)'")


def explain(
    errors: Sequence[ErrorDetails], document: Document, model: type[BaseModel]
) -> list[Finding]:
    """One finding a fault."""
    findings: dict[tuple[object, ...], Finding] = {}
    for error in errors:
        finding = _finding(error, document, model)
        # A value that fits none of several shapes is complained about once a shape.
        fault = (finding.place, finding.rule, finding.text.params.get("key"))
        findings.setdefault(fault, finding)
    return list(findings.values())


def _finding(error: ErrorDetails, document: Document, model: type[BaseModel]) -> Finding:
    kind, context = error["type"], error.get("ctx", {})
    path, missing = _locate(error["loc"], document)
    hint: Text | None = None
    if kind == "extra_forbidden":
        rule, key = "model.unknown-key", str(path[-1])
        place = document.place(path, on_key=True)
        text = Text(N_("“{key}” is not a known key here."), {"key": key})
        split = " " in key and error["input"] is None
        hint = Text(_COMMA) if split else nearest(key, _keys(model, path[:-1]))
    elif kind == "missing":
        rule, key = "model.missing-key", missing or str(path[-1])
        # In CSV the column is there, with an empty cell.
        place = document.place(path, on_key=bool(missing))
        text = Text(N_("The key “{key}” is missing."), {"key": key})
    elif kind == "jalon":
        rule, text = "model.value", context["text"]
        place = document.place(path, offset=context["offset"])
    else:
        rule, text, hint = _sentence(kind, context, error["input"])
        place = document.place(path, on_key=error["loc"][-1:] == ("[key]",))
    return Finding(rule, Severity.ERROR, place, text, hint)


def _locate(loc: tuple[int | str, ...], document: Document) -> tuple[Path, str]:
    """The part of `loc` that exists in the document, and the last word of the rest.

    Pydantic's own words (the name of a union's member, `[key]`) stand between ours.
    """
    path: Path = ()
    missing = ""
    for word in loc:
        if (*path, word) in document.spots:
            path, missing = (*path, word), ""
        else:
            missing = str(word)
    return path, missing


def _keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys a mapping at `path` may have, as they are written in files."""
    kinds: list[Any] = [model]
    for word in path:
        kinds = [inner for kind in kinds for inner in _inside(kind, word)]
    keys: list[str] = []
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            keys += [field.alias or name for name, field in kind.model_fields.items()]
    return list(dict.fromkeys(keys))


def _inside(kind: Any, word: str | int) -> list[Any]:
    """The types that a value under `word` of a value of type `kind` may have, unions resolved."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if word == (field.alias or name):
                return _members(field.annotation)
        return []
    if get_origin(kind) in (list, tuple):
        return _members(get_args(kind)[0])
    return _members(get_args(kind)[1]) if get_origin(kind) is dict else []


def _members(kind: Any) -> list[Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        return _members(get_args(kind)[0])
    if origin in (Union, types.UnionType):
        return [inner for member in get_args(kind) for inner in _members(member)]
    return [kind]


_EXPECTED = {
    "string_type": N_("A text is expected here."),
    "int_type": N_("A whole number is expected here."),
    "int_parsing": N_("A whole number is expected here."),
    "int_from_float": N_("A whole number is expected here."),
    "float_type": N_("A number is expected here."),
    "float_parsing": N_("A number is expected here, with a point for decimals."),
    "bool_type": N_("true or false is expected here."),
    "bool_parsing": N_("true or false is expected here."),
    "list_type": N_("A list is expected here."),
    "dict_type": N_("Keys with values are expected here."),
    "model_type": N_("Keys with values are expected here."),
    "model_attributes_type": N_("Keys with values are expected here."),
    "finite_number": N_("A finite number is expected here."),
    "time_parsing": N_("A time of day such as 07:30 is expected here."),
    "time_type": N_("A time of day such as 07:30 is expected here."),
}
_BOUNDS = {
    "greater_than": ("gt", N_("The number must be greater than {bound}.")),
    "greater_than_equal": ("ge", N_("The number must be at least {bound}.")),
    "less_than": ("lt", N_("The number must be less than {bound}.")),
    "less_than_equal": ("le", N_("The number must be at most {bound}.")),
    "too_short": ("min_length", N_("At least {bound} entries are expected here.")),
    "too_long": ("max_length", N_("At most {bound} entries are expected here.")),
}
_PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$": N_(
        "An id is made of letters without accents, digits, “-” and “_”, 64 at most."
    ),
    r"^(on event|\d+(\.\d+)?/(\d+ )?(s|min|h|d))$": N_(
        "A rate is written as “6/h”, “1/10 min” or “on event”."
    ),
    r"^\d+(\.\d+)?/(\d+ )?(s|min|h|d)$": N_("A rate is written as “6/h” or “1/10 min” here."),
    r"^[A-Z]{2}$": N_("A country is written with its two letters, such as FR."),
    r"^\d{4}-\d{2}-\d{2}$": N_("A day is written as 2026-03-31."),
    r"^(-?(0|[1-9][0-9]*)|0x[0-9A-Fa-f]+)$": N_("A number is written as 871 or 0x0367."),
    r"^[0-9a-f]{16}$": N_("A DevEUI has 16 hexadecimal digits."),
}


def _sentence(
    kind: str, context: Mapping[str, Any], given: object
) -> tuple[str, Text, Text | None]:
    if message := _EXPECTED.get(kind):
        quoted = kind == "string_type" and isinstance(given, int | float)
        hint = Text(N_("Put it in quotes to make it a text.")) if quoted else None
        return "model.type", Text(message), hint
    if kind in _BOUNDS:
        name, message = _BOUNDS[kind]
        return "model.range", Text(message, {"bound": context[name]}), None
    if kind in ("enum", "literal_error", "union_tag_invalid"):
        expected = context.get("expected") or context.get("expected_tags", "")
        known = _WORDS.findall(str(expected))
        word = str(context.get("tag", given))
        text = Text(N_("“{word}” is not one of the known words."), {"word": word})
        return "model.choice", text, nearest(word, known)
    if kind == "union_tag_not_found":
        key = str(context["discriminator"]).strip("'")
        return "model.missing-key", Text(N_("The key “{key}” is missing."), {"key": key}), None
    if kind == "string_pattern_mismatch":
        message = _PATTERNS.get(context["pattern"], N_("The text must match {pattern}."))
        params = {} if context["pattern"] in _PATTERNS else {"pattern": context["pattern"]}
        return "model.pattern", Text(message, params), None
    text = Text(
        N_("This value is not accepted: {problem}."), {"problem": context.get("error", kind)}
    )
    return "model.value", text, None
