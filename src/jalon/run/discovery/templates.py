"""Value templates of Home Assistant: the forms that only say where a number stands.

    template    `{{ expression }}`
    expression  term { (`+` | `-`) number }
    term        filtered { (`*` | `/`) number }
    filtered    primary { `|` filter [ `(` literals `)` ] }
    primary     `value` | `value_json` { `.name` | `['name']` | `[0]` } | `(` expression `)`

Everything else that Jinja can do is a program of the device's author; it is not run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEMPLATE = re.compile(r"\s*\{\{-?(.*?)-?\}\}\s*", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*|\.\d+)|(?P<name>[A-Za-z_]\w*)|(?P<text>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<sign>[-+*/().,|\[\]]))"
)
# Filters that leave the value what it is, or round what we keep whole.
_HARMLESS = frozenset({"float", "int", "round", "default", "d", "string", "is_defined", "trim"})
_LONGEST = 200


class NotUnderstood(ValueError):  # noqa: N818 - an outcome, shown with the template
    """The template does more than say where a value stands."""


@dataclass(frozen=True, slots=True)
class Spot:
    """`path` as in `jalon:path`, "" for the whole payload; then times `scale`, plus `offset`."""

    path: str = ""
    scale: float = 1.0
    offset: float = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether the value is taken as it stands there."""
        return self.scale == 1.0 and self.offset == 0.0


def understand(template: str) -> Spot:
    """What a value template takes out of a payload; "" takes the whole. Raises NotUnderstood."""
    if not template.strip():
        return Spot()
    match = _TEMPLATE.fullmatch(template)
    if match is None or len(template) > _LONGEST:
        raise NotUnderstood(template)
    reader = _Reader(template, _tokens(template, match[1]))
    spot = reader.expression()
    if reader.ahead:
        raise NotUnderstood(template)
    return spot


def _tokens(template: str, text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    rest = text.rstrip()
    while position < len(rest):
        match = _TOKEN.match(rest, position)
        if match is None:
            raise NotUnderstood(template)
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        position = match.end()
    return found


class _Reader:
    """Reads tokens from the left, as the grammar above says."""

    def __init__(self, template: str, tokens: list[tuple[str, str]]) -> None:
        self._template = template
        self._tokens = tokens

    @property
    def ahead(self) -> str:
        """The next token, "" at the end."""
        return self._tokens[0][1] if self._tokens else ""

    def expression(self) -> Spot:
        """A term with numbers added."""
        spot = self._term()
        while self.ahead in ("+", "-"):
            sign = 1 if self._take("sign") == "+" else -1
            spot = Spot(spot.path, spot.scale, spot.offset + sign * self._number())
        return spot

    def _term(self) -> Spot:
        spot = self._filtered()
        while self.ahead in ("*", "/"):
            divided = self._take("sign") == "/"
            number = self._number()
            if number == 0:
                raise NotUnderstood(self._template)
            factor = 1 / number if divided else number
            spot = Spot(spot.path, spot.scale * factor, spot.offset * factor)
        return spot

    def _filtered(self) -> Spot:
        spot = self._primary()
        self._filters()
        return spot

    def _filters(self) -> None:
        while self.ahead == "|":
            self._take("sign")
            if self._take("name") not in _HARMLESS:
                raise NotUnderstood(self._template)
            if self.ahead == "(":
                self._arguments()

    def _primary(self) -> Spot:
        if self.ahead == "(":
            self._take("sign")
            spot = self.expression()
            self._expect(")")
            return spot
        match self._take("name"):
            case "value":
                return Spot()
            case "value_json":
                return Spot(".".join(self._keys()))
            case _:
                raise NotUnderstood(self._template)

    def _keys(self) -> list[str]:
        """At least one; a key with a dot inside cannot be written as a path."""
        keys: list[str] = []
        while self.ahead in (".", "["):
            if self._take("sign") == ".":
                keys.append(self._take("name", "number"))
            else:
                key = self._take("text", "number")
                keys.append(key.strip("'\""))
                self._expect("]")
        if not keys or any(not key or "." in key for key in keys):
            raise NotUnderstood(self._template)
        return keys

    def _arguments(self) -> None:
        """Literals; they say what stands for a value that is not there: no reading, with us."""
        self._expect("(")
        while self.ahead != ")":
            if self.ahead in ("-", ","):
                self._take("sign")
            else:
                self._take("number", "text", "name")
        self._expect(")")

    def _number(self) -> float:
        number = float(self._take("number"))
        self._filters()  # of the number alone, as Jinja binds them
        return number

    def _take(self, *kinds: str) -> str:
        if not self._tokens or self._tokens[0][0] not in kinds:
            raise NotUnderstood(self._template)
        return self._tokens.pop(0)[1]

    def _expect(self, sign: str) -> None:
        if self._take("sign") != sign:
            raise NotUnderstood(self._template)
