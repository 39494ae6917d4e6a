"""The functions that rules have beside the signs of CEL."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from jalon.run.rules.expression import columns
from jalon.run.rules.expression.columns import Column, both
from jalon.run.rules.expression.meaning import Around, Kind, View
from jalon.run.rules.expression.terms import (
    STEP_MS,
    Speaker,
    Term,
    constant_column,
    need,
    unknown,
    wrong_kind,
)
from jalon.run.rules.expression.tree import Call, Constant, ExpressionError, Member, Name, Node
from jalon.vocab.durations import milliseconds
from jalon.vocab.text import N_, Text

WIDEST_MS = 31 * 86_400_000
WINDOWS = ("mean", "min", "max", "sum", "count", "rate", "delta")
_AROUND_NUMBERS = ("mean", "min", "max", "sum")
_AROUND = (*_AROUND_NUMBERS, "count", "any", "all")
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_CEL_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhd]))+")
_MATH: dict[str, tuple[int, Callable[..., object]]] = {
    "abs": (1, np.abs),
    "ceil": (1, np.ceil),
    "floor": (1, np.floor),
    "round": (1, lambda x: np.copysign(np.floor(np.abs(x) + 0.5), x)),
    "sqrt": (1, np.sqrt),
    "exp": (1, np.exp),
    "log": (1, np.log),
    "pow": (2, np.power),
    "greatest": (2, np.maximum),
    "least": (2, np.minimum),
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda text, part: part in text,
}
_SPANS = {"getHours": 3_600_000, "getMinutes": 60_000, "getSeconds": 1000}


def call(speaker: Speaker, node: Member | Call) -> Term:
    """The meaning of a call, or of a member of something. Raises ExpressionError."""
    if isinstance(node, Member):
        return _member(speaker, node)
    if node.of is None:
        return _plain(speaker, node)
    if isinstance(node.of, Name):
        if node.of.name in {one.value for one in Around}:
            return _around(speaker, node, Around(node.of.name))
        if node.of.name == "math":
            return _math(speaker, node)
    return _method(speaker, node)


def span_ms(node: Node) -> int:
    """A constant length of time: "15m", "1h30m", "15 min". Raises ExpressionError."""
    text = node.value if isinstance(node, Constant) else None
    if isinstance(text, str):
        if _CEL_DURATION.fullmatch(text):
            parts = re.findall(r"(\d+(?:\.\d+)?)(ms|[smhd])", text)
            return round(sum(float(count) * _UNITS[unit] for count, unit in parts))
        try:
            return milliseconds(text)
        except ValueError:
            pass
    message = N_("A length of time is expected here, such as “15m” or “1h30m”.")
    raise ExpressionError(Text(message), node.at)


def _member(speaker: Speaker, node: Member) -> Term:
    of = node.of
    if isinstance(of, Call) and of.of is None and of.name == "device":
        (device,) = _arguments(of, 1)
        key = _word(device)
        if key not in speaker.scope.devices():
            message = N_("There is no device “{name}”{hint}.")
            raise unknown(device, message, key, speaker.scope.devices())
        kind = speaker.scope.of_device(key, node.name)
        if kind is None:
            message = N_("Device “{device}” has no property “{name}”.")
            given = {"device": key, "name": node.name}
            raise ExpressionError(Text(message, given), node.end - len(node.name))
        speaker.reads.devices.add((key, node.name))
        return speaker.see(node, kind, lambda view: view.of_device(key, node.name))
    message = N_('Only a device has properties: device("…").{name}.')
    raise ExpressionError(Text(message, {"name": node.name}), node.end - len(node.name))


def _plain(speaker: Speaker, node: Call) -> Term:
    if node.name in WINDOWS:
        return _window(speaker, node)
    known = {
        "value": _value,
        "since": _since,
        "age": _age,
        "absent": _absent,
        "silent": _silent,
        "calendar": _calendar,
        "duration": _duration,
        "distance": _distance,
        "inside": _inside,
        "point": _point,
    }
    if node.name == "device":
        message = N_('Say which property: device("…").temperature.')
        raise ExpressionError(Text(message), node.at)
    if node.name not in known:
        message = N_("There is no function “{name}”{hint}.")
        raise unknown(node, message, node.name, [*known, *WINDOWS, "device"])
    return known[node.name](speaker, node)


def _arguments(node: Call, least: int, most: int | None = None) -> tuple[Node, ...]:
    if not least <= len(node.arguments) <= (most or least):
        message = N_("“{name}” takes {count} arguments here.")
        count = str(least) if most is None else f"{least}–{most}"
        raise ExpressionError(Text(message, {"name": node.name, "count": count}), node.name_at)
    return node.arguments


def _word(node: Node) -> str:
    """The name of a property, a device, a calendar, in quotes."""
    if isinstance(node, Constant) and isinstance(node.value, str):
        return node.value
    message = N_("A name in quotes is expected here.")
    raise ExpressionError(Text(message), node.at)


def _value(speaker: Speaker, node: Call) -> Term:
    (name,) = _arguments(node, 1)
    word = _word(name)
    speaker.own_kind(name, word)
    return speaker.own(node, word)


def _window(speaker: Speaker, node: Call) -> Term:
    name, width = _arguments(node, 2)
    word, width_ms, how = _word(name), span_ms(width), node.name
    kind = speaker.own_kind(name, word)
    if how != "count" and kind not in (Kind.NUMBER, Kind.BOOLEAN):
        raise wrong_kind(name, Kind.NUMBER, kind)
    if not 0 < width_ms <= WIDEST_MS:
        message = N_("A window lasts 31 days at most.")
        raise ExpressionError(Text(message), width.at)
    reads = speaker.reads
    reads.windows[word] = max(width_ms, reads.windows.get(word, 0))
    reads.by_time(max(STEP_MS, min(width_ms // 20, 60_000)))
    return speaker.see(node, Kind.NUMBER, lambda view: view.window(how, word, width_ms))


def _since(speaker: Speaker, node: Call) -> Term:
    name, value = _arguments(node, 2)
    word, wanted = _word(name), speaker.term(value)
    need(value, wanted, speaker.own_kind(name, word))
    speaker.reads.since.add(word)
    speaker.reads.own.add(word)
    speaker.reads.by_time(STEP_MS)

    def run(view: View) -> Column:
        now, start, want = view.own(word), view.own_since(word), wanted.run(view)
        lasts = np.where(now.values == want.values, view.at - start.values, 0.0)
        return Column(lasts, both(both(now.known, start.known), want.known))

    return speaker.see(node, Kind.DURATION, run)


def _age(speaker: Speaker, node: Call) -> Term:
    (name,) = _arguments(node, 1)
    word = _word(name)
    speaker.own_kind(name, word)
    speaker.reads.absence = True
    speaker.reads.own.add(word)
    speaker.reads.by_time(STEP_MS)

    def run(view: View) -> Column:
        reported = view.own_time(word)
        return Column(view.at - reported.values, reported.known)

    return speaker.see(node, Kind.DURATION, run)


def _absent(speaker: Speaker, node: Call) -> Term:
    name, width = _arguments(node, 2)
    word, width_ms = _word(name), span_ms(width)
    speaker.own_kind(name, word)
    speaker.reads.absence = True
    speaker.reads.own.add(word)
    speaker.reads.by_time(STEP_MS)
    return speaker.see(
        node, Kind.BOOLEAN, lambda view: Column(view.at - view.heard(word).values >= width_ms)
    )


def _silent(speaker: Speaker, node: Call) -> Term:
    (width,) = _arguments(node, 1)
    width_ms = span_ms(width)
    if not speaker.scope.about_device:
        message = N_("Only a device can be silent; this rule is about something else.")
        raise ExpressionError(Text(message), node.at)
    speaker.reads.silence = speaker.reads.absence = True
    speaker.reads.by_time(STEP_MS)
    return speaker.see(
        node, Kind.BOOLEAN, lambda view: Column(view.at - view.heard(None).values >= width_ms)
    )


def _calendar(speaker: Speaker, node: Call) -> Term:
    (name,) = _arguments(node, 1)
    word = _word(name)
    if word not in speaker.scope.calendars():
        message = N_("There is no calendar “{name}”{hint}.")
        raise unknown(name, message, word, speaker.scope.calendars())
    speaker.reads.by_time(STEP_MS)
    return speaker.see(node, Kind.BOOLEAN, lambda view: view.calendar(word))


def _duration(speaker: Speaker, node: Call) -> Term:
    del speaker
    (width,) = _arguments(node, 1)
    column = constant_column(float(span_ms(width)))
    return Term(Kind.DURATION, lambda _view: column)


def _distance(speaker: Speaker, node: Call) -> Term:
    one, other = _arguments(node, 2)
    first, second = speaker.term(one), speaker.term(other)
    need(one, first, Kind.LOCATION)
    need(other, second, Kind.LOCATION)

    def run(view: View) -> Column:
        here, there = first.run(view), second.run(view)
        known = both(here.known, there.known)
        return Column(columns.distance_m(here.values, there.values), known)

    return speaker.see(node, Kind.NUMBER, run)


def _inside(speaker: Speaker, node: Call) -> Term:
    one, other, radius = _arguments(node, 3)
    far = speaker.term(radius)
    need(radius, far, Kind.NUMBER)
    apart = _distance(speaker, Call(node.at, node.end, None, "distance", node.at, (one, other)))

    def run(view: View) -> Column:
        return columns.compare(np.less_equal, apart.run(view), far.run(view))

    return Term(Kind.BOOLEAN, run)


def _point(speaker: Speaker, node: Call) -> Term:
    parts = [speaker.term(one) for one in _arguments(node, 2)]
    latitude, longitude = (part.constant for part in parts)
    if not isinstance(latitude, float) or not isinstance(longitude, float):
        message = N_("A point is written as point(47.38, -0.73): latitude and longitude.")
        raise ExpressionError(Text(message), node.at)
    if abs(latitude) > 90 or abs(longitude) > 180:
        message = N_("There is no such point on earth; latitude comes first.")
        raise ExpressionError(Text(message), node.at)
    column = Column(np.complex128(complex(latitude, longitude)))
    return Term(Kind.LOCATION, lambda _view: column)


def _around(speaker: Speaker, node: Call, where: Around) -> Term:
    how = node.name
    if how not in _AROUND:
        message = N_("There is no function “{name}” of places{hint}.")
        raise unknown(node, message, how, _AROUND)
    arguments = _arguments(node, 1, 2 if how == "count" else None)
    word = _word(arguments[0])
    kind = speaker.scope.around(where, word)
    if kind is None:
        message = N_("No device there has a property “{name}”{hint}.")
        raise unknown(arguments[0], message, word, ())
    if how in _AROUND_NUMBERS:
        if kind is not Kind.NUMBER:
            raise wrong_kind(arguments[0], Kind.NUMBER, kind)
    elif how in ("any", "all") and kind is not Kind.BOOLEAN:
        raise wrong_kind(arguments[0], Kind.BOOLEAN, kind)
    value = _counted(speaker, arguments[1], kind) if len(arguments) > 1 else None
    speaker.reads.around.add((where, word))
    gives = Kind.BOOLEAN if how in ("any", "all") else Kind.NUMBER
    return speaker.see(node, gives, lambda view: view.around(where, how, word, value))


def _counted(speaker: Speaker, node: Node, kind: Kind) -> float:
    """The value that is counted, as it stands in columns."""
    term = speaker.term(node)
    need(node, term, kind)
    if term.constant is None:
        raise ExpressionError(Text(N_("A plain value is expected here.")), node.at)
    return speaker.scope.intern(term.constant) if isinstance(term.constant, str) else float(
        term.constant
    )  # fmt: skip


def _math(speaker: Speaker, node: Call) -> Term:
    if node.name not in _MATH:
        message = N_("There is no function “math.{name}”{hint}.")
        raise unknown(node, message, node.name, _MATH)
    count, how = _MATH[node.name]
    terms = [speaker.term(one) for one in _arguments(node, count)]
    for argument, term in zip(node.arguments, terms, strict=True):
        need(argument, term, Kind.NUMBER)
    first, last = terms[0].run, terms[-1].run
    if count == 1:
        return Term(
            Kind.NUMBER,
            lambda view: columns.calculate(lambda x, _y: how(x), got := first(view), got),
        )
    return Term(Kind.NUMBER, lambda view: columns.calculate(how, first(view), last(view)))


def _method(speaker: Speaker, node: Call) -> Term:
    assert node.of is not None
    of = speaker.term(node.of)
    if node.name in _SPANS:
        _arguments(node, 0)
        need(node.of, of, Kind.DURATION)
        unit = _SPANS[node.name]

        def spans(view: View) -> Column:
            got = of.run(view)
            return Column(np.trunc(got.values / unit), got.known)

        return Term(Kind.NUMBER, spans)
    if node.name not in _TEXTS:
        message = N_("There is no function “{name}”{hint}.")
        raise unknown(node, message, node.name, [*_TEXTS, *_SPANS])
    (argument,) = _arguments(node, 1)
    need(node.of, of, Kind.TEXT)
    part, test = _word(argument), _TEXTS[node.name]

    def run(view: View) -> Column:
        got = of.run(view)
        values, known = columns.spread(got, view.rows)
        codes, where = np.unique(np.where(known, values, 0.0), return_inverse=True)
        found = np.array([test(view.text(code), part) for code in codes.tolist()], dtype=bool)
        return columns.truth(found[where], got.known)

    return Term(Kind.BOOLEAN, run)
