"""Reads a search over the fleet, such as `battery < 20 and not (site = "A" or tag in (roof, old))`.

query      = and {"or" and}
and        = not {"and" not}
not        = "not" not | "(" query ")" | test
test       = name [comparator value | "in" "(" value {"," value} ")"]
value      = text in quotes | number [unit] | word
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jalon.catalogues.unit_words import ucum_of
from jalon.run.twins.query import (
    KEYWORDS,
    NUMBER,
    SIDES,
    WORD,
    Among,
    And,
    Comparator,
    Comparison,
    Flag,
    Name,
    Not,
    Or,
    Query,
    QueryError,
    Value,
)
from jalon.vocab.text import N_, Text

LONGEST = 1000
DEEPEST = 50
_TOKEN = re.compile(
    rf'\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<sign>==|!=|<=|>=|!~|[=<>~(),])|(?P<word>{WORD}))',
    re.DOTALL,
)
_NAME = re.compile(r"[^\W_][\w.-]*")
_JOINED = re.compile(rf"({NUMBER})([^\d\s].*)")
_END = "end"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words

    def is_sign(self, *signs: str) -> bool:
        return self.kind == "sign" and self.text in signs


def parse(text: str) -> Query:
    """The query that `text` says. Raises QueryError."""
    if len(text) > LONGEST:
        reason = N_("A search has at most {most} characters.")
        raise QueryError(Text(reason, {"most": LONGEST}), LONGEST)
    reader = _Reader(list(_tokens(text)))
    found = reader.query(0)
    reader.finish()
    return found


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            if text[at] == '"':
                raise QueryError(Text(N_("This quotation mark is never closed.")), at)
            reason = N_("“{sign}” means nothing here.")
            raise QueryError(Text(reason, {"sign": text[at]}), at)
        kind = found.lastgroup or ""
        yield _Token(kind, found[kind], found.start(kind))
        at = found.end()
    yield _Token(_END, "", end)


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def finish(self) -> None:
        token = self._next
        if token.is_sign(")"):
            raise QueryError(Text(N_("This bracket closes nothing.")), token.at)
        if token.kind != _END:
            reason = N_("“and” or “or” is missing before “{word}”.")
            hint = Text(N_("Put a text of several words in quotation marks."))
            raise QueryError(Text(reason, {"word": token.text}), token.at, hint)

    def query(self, depth: int) -> Query:
        parts = self._joined("or", self._all, depth)
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self, depth: int) -> Query:
        parts = self._joined("and", self._negated, depth)
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _joined(self, word: str, one: Callable[[int], Query], depth: int) -> list[Query]:
        parts = [one(depth)]
        while self._next.is_word(word):
            self._take()
            parts.append(one(depth))
        return parts

    def _negated(self, depth: int) -> Query:
        if depth > DEEPEST:
            raise QueryError(Text(N_("Brackets are nested too deeply.")), self._next.at)
        if self._next.is_word("not"):
            self._take()
            return Not(self._negated(depth + 1))
        if self._next.is_sign("("):
            opening = self._take()
            inside = self.query(depth + 1)
            if self._next.kind == _END:
                raise QueryError(Text(N_("This bracket is never closed.")), opening.at)
            if not self._next.is_sign(")"):
                self.finish()
            self._take()
            return inside
        return self._test()

    def _test(self) -> Query:
        name = self._name()
        if self._next.is_word("in"):
            self._take()
            return Among(name, tuple(self._list()))
        if self._next.kind == "sign" and not self._next.is_sign("(", ")", ","):
            sign = self._take().text
            by = Comparator("=" if sign == "==" else sign)
            return Comparison(name, by, self._value(may_name=True))
        return Flag(name)

    def _name(self) -> Name:
        token = self._take()
        if token.kind == "word" and not token.is_word(*KEYWORDS) and _NAME.fullmatch(token.text):
            return Name(token.text, token.at)
        if token.kind == _END:
            reason = Text(N_("A condition is missing here."))
        else:
            reason = Text(N_("A name is expected here, not “{word}”."), {"word": token.text})
        hint = Text(N_("Write it as {example}."), {"example": "battery < 20"})
        raise QueryError(reason, token.at, hint)

    def _list(self) -> Iterator[Value]:
        if not self._next.is_sign("("):
            hint = Text(N_("Write it as {example}."), {"example": "site in (a, b)"})
            raise QueryError(Text(N_("A list in brackets is missing.")), self._next.at, hint)
        opening = self._take()
        while True:
            value = self._value(may_name=False)
            assert isinstance(value, Value)
            yield value
            token = self._take()
            if token.is_sign(")"):
                return
            if not token.is_sign(","):
                at = opening.at if token.kind == _END else token.at
                raise QueryError(Text(N_("This list is never closed.")), at)

    def _value(self, *, may_name: bool) -> Value | Name:
        token = self._take()
        if token.kind == "quoted":
            return Value(
                re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL), True, "", token.at
            )
        if token.kind != "word" or token.is_word(*KEYWORDS):
            hint = Text(N_("Write it as {example}."), {"example": "battery < 20"})
            raise QueryError(Text(N_("A value is missing here.")), token.at, hint)
        if may_name and token.text.partition(".")[0] in SIDES and _NAME.fullmatch(token.text):
            return Name(token.text, token.at)
        if re.fullmatch(NUMBER, token.text):
            after = self._next
            if after.kind == "word" and not after.is_word(*KEYWORDS):
                return Value(token.text, False, self._take().text, token.at)
        elif joined := _JOINED.fullmatch(token.text):
            number, unit = joined.groups()
            if ucum_of(unit) is not None:
                return Value(number, False, unit, token.at)
        return Value(token.text, False, "", token.at)
