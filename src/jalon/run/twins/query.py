"""What a search over the fleet says: its parts, and how they are written.

`parse` in `jalon.run.twins.parsing` is the inverse of `str`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Union

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

KEYWORDS = frozenset({"and", "or", "not", "in"})
SIDES = ("desired", "reported")
WORD = r'[^\s()=!<>~,"]+'
NUMBER = r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"


class Comparator(StrEnum):
    """`CONTAINS` and `LACKS` look for a part of a text, without regard to case and accents."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    CONTAINS = "~"
    LACKS = "!~"


@dataclass(frozen=True, slots=True)
class Value:
    """What is compared with. `quoted` text is never a number; `unit` is as it was written. `at`
    counts characters from the start of the query."""

    text: str
    quoted: bool = False
    unit: str = ""
    at: int = field(default=0, compare=False)

    @property
    def number(self) -> float | None:
        """As a number, if it is one."""
        if self.quoted or not re.fullmatch(NUMBER, self.text):
            return None
        return float(self.text)

    def __str__(self) -> str:
        if self.quoted:
            escaped = self.text.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        return f"{self.text} {self.unit}" if self.unit else self.text


@dataclass(frozen=True, slots=True)
class Name:
    """A fact about a device: `site`, `battery`, `desired.setpoint`, `firmware.version`."""

    text: str
    at: int = field(default=0, compare=False)

    @property
    def side(self) -> str:
        """`desired`, `reported`, or "" for a plain name."""
        head, dot, _ = self.text.partition(".")
        return head if dot and head in SIDES else ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Comparison:
    """`battery < 20`, or one side of the twin with the other."""

    name: Name
    by: Comparator
    value: Value | Name

    def __str__(self) -> str:
        return f"{self.name} {self.by} {self.value}"


@dataclass(frozen=True, slots=True)
class Among:
    """`site in (a, b)`."""

    name: Name
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.name} in ({', '.join(map(str, self.values))})"


@dataclass(frozen=True, slots=True)
class Flag:
    """`silent`; of a property: it has a value, and that is not false."""

    name: Name

    def __str__(self) -> str:
        return str(self.name)


@dataclass(frozen=True, slots=True)
class Not:
    """Everything else."""

    part: Query

    def __str__(self) -> str:
        return f"not {_inside(self.part, And, Or)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of them; at least two."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " and ".join(_inside(part, And, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them; at least two."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " or ".join(_inside(part, Or) for part in self.parts)


Query = Union[Comparison, Among, Flag, Not, And, Or]  # noqa: UP007 - used before it is defined


class QueryError(UsageError):
    """A search that cannot be understood. `at` counts characters from its start, `reason` is the
    sentence without the place; `hint` says what may have been meant."""

    def __init__(self, reason: Text, at: int, hint: Text | None = None) -> None:
        params = {"column": at + 1, "reason": reason}
        if hint is None:
            text = Text(N_("Column {column}: {reason}"), params)
        else:
            text = Text(N_("Column {column}: {reason} {hint}"), params | {"hint": hint})
        super().__init__(text)
        self.reason = reason
        self.at = at
        self.hint = hint


def _inside(part: Query, *loose: type) -> str:
    return f"({part})" if isinstance(part, loose) else str(part)
