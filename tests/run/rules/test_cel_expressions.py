"""CEL as rules speak it, beside the implementation of those who wrote the language."""

from __future__ import annotations

import numpy as np
import pytest
from cel_expr_python import cel  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from small_world import CALENDARS, FLEET, THING, rules

from jalon.run.rules.expression.binding import bind
from jalon.run.rules.expression.columns import Column, distance_m, spread
from jalon.run.rules.expression.meaning import Kind
from jalon.run.rules.expression.parsing import parse
from jalon.run.rules.expression.tree import ExpressionError
from jalon.run.rules.scene import Interned
from jalon.run.rules.scope import RuleScope

RULE = rules({"id": "x", "when": "true"})[0]
TEXTS = Interned()
SCOPE = RuleScope(RULE, {"sensor": THING}, FLEET, CALENDARS, TEXTS.code)
NAMES = ("co2", "t", "feel", "door", "mode")
PEER = cel.NewEnv(
    variables={
        "co2": cel.Type.DOUBLE,
        "t": cel.Type.DOUBLE,
        "feel": cel.Type.DOUBLE,
        "door": cel.Type.BOOL,
        "mode": cel.Type.STRING,
    }
)
Values = dict[str, float | bool | str | None]


class _View:
    """One row a set of values."""

    def __init__(self, sets: list[Values]) -> None:
        self.rows = len(sets)
        self.at = np.zeros(self.rows)
        self._sets = sets

    def own(self, name: str) -> Column:
        found = [one[name] for one in self._sets]
        known = np.array([one is not None for one in found])
        if name == "door":
            return Column(np.array([bool(one) for one in found]), known)
        numbers = [TEXTS.code(o) if isinstance(o, str) else float(o or 0) for o in found]
        return Column(np.array(numbers), True if known.all() else known)

    def text(self, code: float) -> str:
        return TEXTS.text(code)

    def fault(self) -> None:
        """Nobody asks."""


_numbers: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["co2", "t", "feel", "0.0", "1.0", "2.5", "-1.0"]),
        st.builds("({} {} {})".format, _numbers, st.sampled_from("+-*/"), _numbers),
        st.builds("(-{})".format, _numbers),
        st.builds("({} ? {} : {})".format, _truths, _numbers, _numbers),
    )
)
_truths: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["door", "true", "false", '(mode == "on")', '(mode != "off")']),
        st.sampled_from(['(mode in ["on", "eco"])', 'mode.startsWith("o")', 'mode.contains("f")']),
        st.builds(
            "({} {} {})".format, _numbers, st.sampled_from(["<", "<=", ">", ">=", "=="]), _numbers
        ),
        st.builds("({} {} {})".format, _truths, st.sampled_from(["&&", "||", "=="]), _truths),
        st.builds("!{}".format, st.builds("({})".format, _truths)),
        st.builds("({} ? {} : {})".format, _truths, _truths, _truths),
    )
)
_sets: st.SearchStrategy[list[Values]] = st.lists(
    st.fixed_dictionaries(
        {
            "co2": st.none() | st.integers(-3, 3).map(float),
            "t": st.none() | st.integers(-3, 3).map(float),
            "feel": st.just(1.0),
            "door": st.none() | st.booleans(),
            "mode": st.none() | st.sampled_from(["on", "off", "eco"]),
        }
    ),
    min_size=1,
    max_size=4,
)


def _peer(expression: cel.Expression, values: Values) -> object:
    """Its answer; None when it has none, because something is not known."""
    given = {name: one for name, one in values.items() if one is not None}
    answer = expression.eval(data=given).value()
    return answer if isinstance(answer, bool) else None


@settings(max_examples=300, deadline=None)
@given(text=_truths, sets=_sets)
def test_a_condition_is_true_false_or_unknown_as_in_the_reference(
    text: str, sets: list[Values]
) -> None:
    expected = [_peer(PEER.compile(text), one) for one in sets]
    values, known = spread(bind(text, SCOPE).run(_View(sets)), len(sets))  # type: ignore[arg-type]
    found = [bool(v) if k else None for v, k in zip(values, known, strict=True)]
    if "/" in text or "*" in text:
        # Infinite and undefined numbers are unknown here.
        assert all(f is None or f == e for f, e in zip(found, expected, strict=True))
    else:
        assert found == expected


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="co2t><=&|!?:()[]+-*/%. '\"\\0189dormean,x", max_size=40))
def test_whatever_is_written_is_read_or_refused_with_a_place(text: str) -> None:
    refused = None
    try:
        bind(text, SCOPE)
    except ExpressionError as error:
        refused = error
    if refused is None:
        parse(text)
    else:
        assert 0 <= refused.at <= len(text)
        assert str(refused.text)


@pytest.mark.parametrize(
    ("text", "at", "part"),
    [
        ("co2 > door", 4, "cannot be compared"),
        ("co2 > 800 and t > 3", 10, "&&"),
        ("co2 = 800", 4, "=="),
        ("co2 > 800ppm", 9, "no unit"),
        ("coo2 > 8", 0, "co2"),
        ('mean("co3", "5m") > 1', 5, "co3"),
        ('mean("co2", "5x") > 1', 12, "15m"),
        ('device("z").co2 > 1', 7, "z"),
        ('calendar("schol")', 9, "school"),
        ("co2 > 800 && (t > 3", 19, ")"),
        ('place.mean("door") > 1', 11, "number"),
        ('mode > "a"', 0, "numbers"),
        ('time_of_day > "8:30"', 14, "08:30"),
        ("co2 + door > 3", 6, "number"),
        ("nothing(3)", 0, "nothing"),
        ("co2 > 'x", 6, "quote"),
        ("point(91, 0) == pos", 0, "earth"),
        ("co2", 0, "true or false"),
    ],
)
def test_a_mistake_is_shown_where_it_is(text: str, at: int, part: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        bind(text, SCOPE, Kind.BOOLEAN)
    assert (caught.value.at, part in str(caught.value.text)) == (at, True), caught.value


def test_deep_nesting_is_refused_and_not_fallen_into() -> None:
    for text in ("(" * 5000, "!" * 3000 + "door", "(" * 100 + "1" + ")" * 100):
        with pytest.raises(ExpressionError):
            bind(text, SCOPE)


def test_distances_are_those_of_the_ellipsoid() -> None:
    # Paris to London, by GeographicLib: 343,923 m.
    assert distance_m(48.8566 + 2.3522j, 51.5074 - 0.1278j) == pytest.approx(343_923, abs=20)
    assert distance_m(47.0 + 2.0j, 47.0 + 2.0j) == 0
