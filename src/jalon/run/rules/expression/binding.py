"""Gives an expression its meaning: names, kinds, and how it is evaluated on columns."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from jalon.run.rules.expression import columns
from jalon.run.rules.expression.columns import Column, both
from jalon.run.rules.expression.functions import call
from jalon.run.rules.expression.meaning import Formula, Kind, Part, Reads, Run, Scope, Seen, View
from jalon.run.rules.expression.parsing import parse
from jalon.run.rules.expression.terms import (
    STEP_MS,
    Term,
    constant_column,
    need,
    unknown,
    wrong_kind,
)
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
    clauses,
)
from jalon.vocab.text import N_, Text

_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_EQUAL = {"==": operator.eq, "!=": operator.ne}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": np.divide,
    "%": np.fmod,
}
_CLOCK = ("hour", "weekday")


def bind(text: str, scope: Scope, wanted: Kind | None = None) -> Formula:
    """Read and check an expression. Raises ExpressionError; `wanted` is what it must give."""
    node = parse(text)
    binder = Binder(text, scope)
    term = binder.term(node)
    if wanted is not None and term.kind is not wanted:
        raise wrong_kind(node, wanted, term.kind)
    seen = tuple(binder.seen.values())
    parts = tuple(Part(text[one.at : one.end], binder.term(one).run) for one in clauses(node))
    return Formula(text, node, term.kind, term.run, binder.reads, seen, parts, term.constant)


class Binder:
    """Goes through one expression and notes what it reads."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.reads = Reads()
        self.seen: dict[str, Seen] = {}

    def term(self, node: Node) -> Term:
        """The meaning of a part. Raises ExpressionError."""
        match node:
            case Constant():
                return self.constant(node.value)
            case Name():
                return self._name(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Choice():
                return self._choice(node)
            case Member() | Call():
                return call(self, node)
            case _:
                message = N_("A list stands only behind “in”.")
                raise ExpressionError(Text(message), node.at)

    def constant(self, value: float | bool | str) -> Term:
        """A value that is always the same."""
        if isinstance(value, str):
            column = constant_column(self.scope.intern(value))
            return Term(Kind.TEXT, lambda _view: column, value)
        column = constant_column(value)
        kind = Kind.BOOLEAN if isinstance(value, bool) else Kind.NUMBER
        return Term(kind, lambda _view: column, value)

    def see(self, node: Node, kind: Kind, run: Run, own: str | None = None) -> Term:
        """A value from outside; it is shown to people as the words of the node."""
        words = self.text[node.at : node.end]
        self.seen.setdefault(words, Seen(words, kind, run, own))
        return Term(kind, run)

    def own(self, node: Node, name: str) -> Term:
        """A property of the subject."""
        kind = self.own_kind(node, name)
        self.reads.own.add(name)
        return self.see(node, kind, lambda view: view.own(name), name)

    def own_kind(self, node: Node, name: str) -> Kind:
        """The kind of a property of the subject, which must have it."""
        if not self.scope.about_device:
            message = N_(
                "This rule is not about one device, so that “{name}” says nothing; write"
                ' place.mean("{name}") or device("…").{name}.'
            )
            raise ExpressionError(Text(message, {"name": name}), node.at)
        kind = self.scope.own(name)
        if kind is None:
            raise unknown(node, N_("No device of this rule has a property “{name}”{hint}."), name,
                          self.scope.own_names())  # fmt: skip
        return kind

    def _name(self, node: Name) -> Term:
        name = node.name
        kind = self.scope.named(name)
        if kind is not None:
            self.reads.answer = True
            return self.see(node, kind, lambda view: view.named(name))
        if self.scope.about_device and self.scope.own(name) is not None:
            return self.own(node, name)
        if name in _CLOCK:
            self.reads.by_time(STEP_MS)
            return self.see(node, Kind.NUMBER, lambda view: view.clock(name))
        if name == "time_of_day":
            self.reads.by_time(STEP_MS)
            return self.see(node, Kind.CLOCK, lambda view: view.clock("minute"))
        if name == "site":
            return Term(Kind.LOCATION, lambda view: view.site())
        return self.own(node, name)

    def _unary(self, node: Unary) -> Term:
        of = self.term(node.of)
        if node.sign == "!":
            need(node.of, of, Kind.BOOLEAN)
            return Term(Kind.BOOLEAN, lambda view: columns.not_(of.run(view)))
        if of.kind is not Kind.DURATION:
            need(node.of, of, Kind.NUMBER)
        if isinstance(of.constant, float):
            return self.constant(-of.constant)
        return Term(of.kind, lambda view: Column(-(got := of.run(view)).values, got.known))

    def _binary(self, node: Binary) -> Term:
        if node.sign == "in":
            return self._among(node)
        left, right = self.term(node.left), self.term(node.right)
        if node.sign in ("&&", "||"):
            need(node.left, left, Kind.BOOLEAN)
            need(node.right, right, Kind.BOOLEAN)
            join = columns.and_ if node.sign == "&&" else columns.or_
            return Term(Kind.BOOLEAN, lambda view: join(left.run(view), right.run(view)))
        if node.sign in _ARITHMETIC:
            return self._arithmetic(node, left, right)
        left, right = _as_clock(node.left, left, right), _as_clock(node.right, right, left)
        if left.kind is not right.kind:
            raise _unlike(node, left, right)
        how: Callable[[Any, Any], Any] | None = _EQUAL.get(node.sign)
        if how is None:
            how = _ORDER[node.sign]
            if left.kind not in (Kind.NUMBER, Kind.DURATION, Kind.CLOCK):
                message = N_("“{sign}” compares numbers and times; this is {found}.")
                given = {"sign": node.sign, "found": Text(left.kind.value)}
                raise ExpressionError(Text(message, given), node.left.at)
        compare = partial(columns.compare, how)
        return Term(Kind.BOOLEAN, lambda view: compare(left.run(view), right.run(view)))

    def _arithmetic(self, node: Binary, left: Term, right: Term) -> Term:
        times = left.kind is right.kind is Kind.DURATION and node.sign in ("+", "-")
        if not times:
            for part, term in ((node.left, left), (node.right, right)):
                need(part, term, Kind.NUMBER)
        calculate = partial(columns.calculate, _ARITHMETIC[node.sign])
        if node.sign not in ("/", "%"):
            return Term(left.kind, lambda view: calculate(left.run(view), right.run(view)))

        def divide(view: View) -> Column:
            over, under = left.run(view), right.run(view)
            if np.any((under.values == 0) & both(over.known, under.known)):
                view.fault()
            return calculate(over, under)

        return Term(Kind.NUMBER, divide)

    def _among(self, node: Binary) -> Term:
        if not isinstance(node.right, Listing):
            message = N_("Behind “in” stands a list: [1, 2].")
            raise ExpressionError(Text(message), node.right.at)
        left = self.term(node.left)
        values = []
        for item in node.right.items:
            one = self.term(item)
            need(item, one, left.kind)
            if one.constant is None:
                message = N_("A list holds plain values only.")
                raise ExpressionError(Text(message), item.at)
            values.append(one.run)

        def run(view: View) -> Column:
            got = left.run(view)
            found = np.isin(got.values, [one(view).values for one in values])
            return columns.truth(found, got.known)

        return Term(Kind.BOOLEAN, run)

    def _choice(self, node: Choice) -> Term:
        when, then, otherwise = map(self.term, (node.when, node.then, node.otherwise))
        need(node.when, when, Kind.BOOLEAN)
        need(node.otherwise, otherwise, then.kind)
        return Term(
            then.kind,
            lambda view: columns.choose(when.run(view), then.run(view), otherwise.run(view)),
        )


def _unlike(node: Binary, left: Term, right: Term) -> ExpressionError:
    message = N_("{left} cannot be compared with {right}.")
    given = {"left": Text(left.kind.value), "right": Text(right.kind.value)}
    return ExpressionError(Text(message, given), node.sign_at)


def _as_clock(node: Node, term: Term, other: Term) -> Term:
    """A text compared with a time of day is one."""
    if other.kind is not Kind.CLOCK or not isinstance(term.constant, str):
        return term
    hour, _, minute = term.constant.partition(":")
    if not (len(hour) == len(minute) == 2 and (hour + minute).isdecimal()) or hour > "24":
        message = N_("A time of day is written as “08:30”.")
        raise ExpressionError(Text(message), node.at)
    column = constant_column(float(int(hour) * 60 + int(minute)))
    return Term(Kind.CLOCK, lambda _view: column)
