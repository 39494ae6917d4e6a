"""What is wrong with a Thing Description or a Thing Model, and the looks at single values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from jalon.vocab.finding import Severity
from jalon.vocab.text import N_, Text

Where = tuple[str | int, ...]
"""Keys and indices from the top of the document."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `where` are keys and indices from the top; an ERROR makes the document invalid."""

    severity: Severity
    where: Where
    text: Text

    @property
    def pointer(self) -> str:
        """The JSON Pointer (RFC 6901) of the place; that of the whole document is empty."""
        keys = (str(key).replace("~", "~0").replace("/", "~1") for key in self.where)
        return "".join(f"/{key}" for key in keys)


Problems = Iterator[Problem]
Rule = Callable[[object, Where], Problems]
_PLACEHOLDER = re.compile(r"\{\{[ -~]+?\}\}")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def error(where: Where, message: str, **params: object) -> Problem:
    """Something that must not be."""
    return Problem(Severity.ERROR, where, Text(message, params))


def warning(where: Where, message: str, **params: object) -> Problem:
    """Something that may be, and is seldom meant."""
    return Problem(Severity.WARNING, where, Text(message, params))


def has_placeholder(value: object) -> bool:
    """Whether it holds a Thing Model's placeholder, `{{NAME}}`."""
    return isinstance(value, str) and _PLACEHOLDER.search(value) is not None


def kind_of(value: object) -> str:
    """The JSON type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def is_kind(value: object, kind: str) -> bool:
    """Whether a value has a JSON type; an integer is a number, and so is 1.0 an integer."""
    found = kind_of(value)
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return found == kind or (kind == "number" and found == "integer")


def expected(where: Where, kind: str, value: object) -> Problem:
    """A value of another JSON type than it must be."""
    message = N_("A value of type {expected} is expected here; this is of type {found}.")
    return error(where, message, expected=kind, found=kind_of(value))


def of_kind(kind: str) -> Rule:
    """The rule that a value has a JSON type."""

    def rule(value: object, where: Where) -> Problems:
        if not is_kind(value, kind):
            yield expected(where, kind, value)

    return rule


text_rule = of_kind("string")
flag_rule = of_kind("boolean")


def count_rule(value: object, where: Where) -> Problems:
    """A whole number, 0 or more."""
    if not is_kind(value, "integer"):
        yield expected(where, "integer", value)
    elif isinstance(value, int | float) and value < 0:
        yield error(where, N_("This is a count: 0 or more."))


def words_rule(value: object, where: Where) -> Problems:
    """A text, or a list of texts."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from text_rule(one, (*where, index))
    elif not isinstance(value, str):
        yield expected(where, "string", value)


def languages_rule(value: object, where: Where) -> Problems:
    """Texts by language tag (BCP 47)."""
    for key, one, at in entries(value, where):
        if not _LANGUAGE.fullmatch(key):
            yield error(at, N_("“{tag}” is no language tag, such as en or de-CH."), tag=key)
        yield from text_rule(one, at)
    if not isinstance(value, Mapping):
        yield expected(where, "object", value)


def uri_rule(value: object, where: Where) -> Problems:
    """An absolute URI."""
    if not isinstance(value, str):
        yield expected(where, "string", value)
    elif not _is_uri(value):
        yield error(where, N_("“{value}” is no URI, such as urn:example:1."), value=value)


def _is_uri(value: str) -> bool:
    try:
        return bool(urlsplit(value).scheme) and " " not in value
    except ValueError:
        return False


def reference_rule(value: object, where: Where) -> Problems:
    """A URI or a part of one; templates such as `{?name}` are allowed in it."""
    if not isinstance(value, str):
        yield expected(where, "string", value)
    elif any(letter in value for letter in " \n\t"):
        yield error(where, N_("A reference has no spaces in it."))


def time_rule(value: object, where: Where) -> Problems:
    """A date with a time (RFC 3339)."""
    if not isinstance(value, str):
        yield expected(where, "string", value)
        return
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        parsed = None
    if parsed is None or len(value) <= len("2026-01-01") or parsed.tzinfo is None:
        yield error(where, N_("“{value}” is no time, as 2026-01-31T12:00:00Z."), value=value)


def one_of(words: Sequence[str]) -> Rule:
    """The rule that a value is one of some words."""

    def rule(value: object, where: Where) -> Problems:
        if value not in words:
            message = N_("“{value}” cannot stand here; it is one of: {words}.")
            yield error(where, message, value=value, words=", ".join(words))

    return rule


def entries(value: object, where: Where) -> Iterator[tuple[str, object, Where]]:
    """Key, value and place of each entry of an object; nothing for anything else."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield str(key), one, (*where, str(key))


def items(value: object, where: Where) -> Iterator[tuple[object, Where]]:
    """Value and place of each item of a list; nothing for anything else."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield one, (*where, index)


def texts(value: object) -> list[str]:
    """A text or a list of texts as a list."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
