"""Reads CEL: https://github.com/google/cel-spec/blob/master/doc/langdef.md

Not read, because rules have no use for it: messages, maps, macros, bytes, null, indexing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from jalon.run.rules.expression.tree import (
    Binary,
    Call,
    Choice,
    Constant,
    ExpressionError,
    Listing,
    Member,
    Name,
    Node,
    Unary,
)
from jalon.vocab.text import N_, Text

LONGEST = 4_000
DEEPEST = 60
_TOKEN = re.compile(
    r"""(?P<space>(?:[ \t\r\n\f]|//[^\n]*)+)
    |(?P<number>0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+|\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?[uU]?)
    |(?P<text>[rR]?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||<=|>=|==|!=|[-+*/%<>!?:()\[\],.])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"`?])|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))",
    re.DOTALL,
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SIGNS = (
    ("||",),
    ("&&",),
    ("<", "<=", ">", ">=", "==", "!=", "in"),
    ("+", "-"),
    ("*", "/", "%"),
)
"""From those that bind least to those that bind most."""
_RESERVED = frozenset(
    {"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in"}
    | {"let", "loop", "package", "namespace", "null", "return", "true", "var", "void", "while"}
)
_HINTS = {
    "=": N_("To compare, write ==."),
    "&": N_("“And” is written &&."),
    "|": N_("“Or” is written ||."),
    "“": N_("Texts stand in straight quotes: \"…\" or '…'."),
    "”": N_("Texts stand in straight quotes: \"…\" or '…'."),
    '"': N_("This text has no end: a quote is missing."),
    "'": N_("This text has no end: a quote is missing."),
}
_WORDS = {"and": "&&", "or": "||", "not": "!"}


class _Token(NamedTuple):
    kind: str
    text: str
    at: int

    @property
    def end(self) -> int:
        return self.at + len(self.text)


def parse(text: str) -> Node:
    """Read an expression. Raises ExpressionError."""
    if len(text) > LONGEST:
        message = N_("An expression may have {most} characters.")
        raise ExpressionError(Text(message, {"most": LONGEST}), LONGEST)
    reader = _Reader(_tokens(text))
    node = reader.choice()
    reader.finish()
    return node


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            message = _HINTS.get(text[at], N_("“{sign}” cannot stand here."))
            raise ExpressionError(Text(message, {"sign": text[at]}), at)
        if found.lastgroup != "space":
            tokens.append(_Token(found.lastgroup or "", found.group(), at))
        at = found.end()
    tokens.append(_Token("end", "", len(text)))
    return tokens


def _unescape(token: _Token) -> str:
    if token.text[0] in "rR":
        return token.text[2:-1]

    def one(found: re.Match[str]) -> str:
        plain, *codes, octal, wrong = found.groups()
        if wrong is not None:
            message = N_("“\\{sign}” is no escape; a backslash is written \\\\.")
            place = token.at + 1 + found.start()
            raise ExpressionError(Text(message, {"sign": wrong}), place)
        if plain is not None:
            return _PLAIN.get(plain, plain)
        code = int(octal, 8) if octal else int(next(filter(None, codes)), 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            message = N_("There is no such character.")
            raise ExpressionError(Text(message), token.at + 1 + found.start())
        return chr(code)

    return _ESCAPE.sub(one, token.text[1:-1])


class _Reader:
    """Goes through the tokens, one method a level of precedence."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def finish(self) -> None:
        token = self._tokens[self._next]
        if token.kind == "end":
            return
        if token.text in _WORDS:
            message = N_("“{word}” is written {sign}.")
            given = {"word": token.text, "sign": _WORDS[token.text]}
            raise ExpressionError(Text(message, given), token.at)
        message = N_("The expression should end before “{word}”.")
        raise ExpressionError(Text(message, {"word": token.text}), token.at)

    def choice(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(N_("This is nested too deeply."))
        when = self._binary()
        if self._take("?"):
            then = self._binary()
            self._expect(":")
            otherwise = self.choice()
            when = Choice(when.at, otherwise.end, when, then, otherwise)
        self._depth -= 1
        return when

    def _binary(self, binding: int = 0) -> Node:
        """Signs that bind as strongly as those of the row of `_SIGNS`, or more."""
        if binding == len(_SIGNS):
            return self._unary()
        node = self._binary(binding + 1)
        while sign := self._take(*_SIGNS[binding]):
            right = self._binary(binding + 1)
            node = Binary(node.at, right.end, sign.text, sign.at, node, right)
        return node

    def _unary(self) -> Node:
        signs = []
        while sign := self._take("!", "-"):
            signs.append(sign)
            if len(signs) > DEEPEST:
                raise self._error(N_("This is nested too deeply."))
        node = self._member()
        for sign in reversed(signs):
            node = Unary(sign.at, node.end, sign.text, node)
        return node

    def _member(self) -> Node:
        node = self._primary()
        while self._take("."):
            name = self._name()
            if self._take("("):
                arguments, end = self._list(")")
                node = Call(node.at, end, node, name.text, name.at, arguments)
            else:
                node = Member(node.at, name.end, node, name.text)
        return node

    def _primary(self) -> Node:
        token = self._tokens[self._next]
        if self._take("("):
            node = self.choice()
            self._expect(")")
            return node
        if self._take("["):
            items, end = self._list("]")
            return Listing(token.at, end, items)
        if token.kind == "number":
            self._next += 1
            return Constant(token.at, token.end, self._number(token))
        if token.kind == "text":
            self._next += 1
            return Constant(token.at, token.end, _unescape(token))
        if token.text in ("true", "false"):
            self._next += 1
            return Constant(token.at, token.end, token.text == "true")
        name = self._name()
        if self._take("("):
            arguments, end = self._list(")")
            return Call(name.at, end, None, name.text, name.at, arguments)
        return Name(name.at, name.end, name.text)

    def _number(self, token: _Token) -> float:
        follower = self._tokens[self._next]
        if follower.kind == "name" and follower.at == token.end:
            message = N_("A number has no unit here: values are in the unit of their property.")
            raise ExpressionError(Text(message), follower.at)
        text = token.text.rstrip("uU")
        number = float(int(text, 16)) if text[:2] in ("0x", "0X") else float(text)
        if number == float("inf"):
            raise ExpressionError(Text(N_("This number is too large.")), token.at)
        return number

    def _list(self, closing: str) -> tuple[tuple[Node, ...], int]:
        items: list[Node] = []
        while not (end := self._take(closing)):
            if items:
                self._expect(",")
                if closing == "]" and (end := self._take(closing)):
                    break
            items.append(self.choice())
        return tuple(items), end.end

    def _name(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind != "name" or token.text in _RESERVED:
            raise self._error(N_("A value is expected here."))
        self._next += 1
        return token

    def _take(self, *texts: str) -> _Token | None:
        token = self._tokens[self._next]
        if token.kind in ("sign", "name") and token.text in texts:
            self._next += 1
            return token
        return None

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self._error(N_("“{sign}” is expected here."), sign=text)

    def _error(self, message: str, **given: object) -> ExpressionError:
        return ExpressionError(Text(message, given), self._tokens[self._next].at)
