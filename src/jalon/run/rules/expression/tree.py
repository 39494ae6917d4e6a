"""An expression as it was read. `at` and `end` are characters from the start of its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from jalon.vocab.text import Text


class ExpressionError(ValueError):
    """The text is no expression, or one that makes no sense here; `at` is where."""

    def __init__(self, text: Text, at: int) -> None:
        super().__init__(str(text))
        self.text = text
        self.at = at


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression."""

    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A number, a text, true or false."""

    value: float | bool | str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name that stands alone."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`of.name`."""

    of: Node
    name: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`name(arguments)` or `of.name(arguments)`; `name_at` is where the name stands."""

    of: Node | None
    name: str
    name_at: int
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!x` or `-x`."""

    sign: str
    of: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left sign right`; `sign_at` is where the sign stands."""

    sign: str
    sign_at: int
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """`when ? then : otherwise`."""

    when: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Listing(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


def children(node: Node) -> Iterator[Node]:
    """What a node is made of."""
    for one in fields(node):
        value = getattr(node, one.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, Node))


def clauses(node: Node) -> tuple[Node, ...]:
    """The parts that && and || join, however deep."""
    if isinstance(node, Binary) and node.sign in ("&&", "||"):
        return clauses(node.left) + clauses(node.right)
    return (node,)
