"""Parts of an expression that have a meaning, and what is said of those that have none."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple, Protocol

import numpy as np

from jalon.run.rules.expression.columns import Column
from jalon.run.rules.expression.meaning import Kind, Reads, Run, Scope
from jalon.run.rules.expression.tree import ExpressionError, Node
from jalon.vocab.text import N_, Text

STEP_MS = 1_000
"""How often what depends on the clock is looked at again."""


class Term(NamedTuple):
    """A part with its kind. `constant` is its value when it always has the same."""

    kind: Kind
    run: Run
    constant: float | bool | str | None = None


class Speaker(Protocol):
    """What gives parts their meaning, and notes what they read."""

    scope: Scope
    reads: Reads

    def term(self, node: Node) -> Term:
        """The meaning of a part. Raises ExpressionError."""

    def constant(self, value: float | bool | str) -> Term:
        """A value that is always the same."""

    def see(self, node: Node, kind: Kind, run: Run, own: str | None = None) -> Term:
        """A value from outside; it is shown to people as the words of the node."""

    def own(self, node: Node, name: str) -> Term:
        """A property of the subject."""

    def own_kind(self, node: Node, name: str) -> Kind:
        """The kind of a property of the subject, which must have it."""


def constant_column(value: float | bool) -> Column:
    """The same in every row."""
    return Column(np.bool_(value) if isinstance(value, bool) else np.float64(value))


def wrong_kind(node: Node, wanted: Kind, found: Kind) -> ExpressionError:
    """That something else is expected."""
    message = N_("What is expected here is {wanted}; this is {found}.")
    given = {"wanted": Text(wanted.value), "found": Text(found.value)}
    return ExpressionError(Text(message, given), node.at)


def need(node: Node, term: Term, kind: Kind) -> None:
    """Raise ExpressionError unless the part is of that kind."""
    if term.kind is not kind:
        raise wrong_kind(node, kind, term.kind)


def unknown(node: Node, message: str, name: str, known: Iterable[str]) -> ExpressionError:
    """That there is no such `{name}`; `{hint}` in the message is the nearest one there is."""
    close = get_close_matches(name, list(known), n=1)
    hint: object = Text(N_(" (did you mean “{name}”?)"), {"name": close[0]}) if close else ""
    return ExpressionError(Text(message, {"name": name, "hint": hint}), node.at)
