"""Whether a declared layout holds together: found when the solution is checked, not on frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from jalon.run.codecs.layout import (
    AnyItem,
    BinaryField,
    BitField,
    BitPart,
    FieldType,
    LeafItem,
    Samples,
    Section,
    Tagged,
    Valued,
    When,
    names,
)
from jalon.vocab.finding import Path
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

Fault = tuple[Path, Text]


@dataclass(frozen=True, slots=True)
class _Spot:
    """An item, where it is written, and everything that must hold for it to be in a frame."""

    path: Path
    item: BinaryField | BitField | Samples | Tagged
    whens: tuple[When, ...]

    def together(self, other: _Spot) -> bool:
        """Whether one frame may hold both."""
        return not any(_exclude(one, two) for one in self.whens for two in other.whens)


def faults(items: Sequence[AnyItem]) -> Iterator[Fault]:
    """Everything wrong in a layout; paths start at its list of items."""
    spots = list(_flat(items, (), ()))
    known: dict[str, list[Valued]] = {}
    for spot in spots:
        item = spot.item
        yield from _conditions(spot, known)
        if isinstance(item, Samples):
            yield from _log(spot.path, item, known)
        elif isinstance(item, Tagged):
            for tag, block in item.blocks.items():
                path = (*spot.path, "blocks", tag)
                yield from _inner(path, block, known)
                _learn(block, known)
        else:
            yield from _leaf(spot.path, item)
            _learn([item], known)
    for index, spot in enumerate(spots):
        yield from _order(spot, spots[index + 1 :])
    yield from _twice(spots)


def _flat(items: Sequence[AnyItem], path: Path, whens: tuple[When, ...]) -> Iterator[_Spot]:
    for index, item in enumerate(items):
        here = (*path, index)
        if isinstance(item, Section):
            yield from _flat(item.fields, (*here, "fields"), (*whens, item.when))
        else:
            own = () if item.when is None else (item.when,)
            yield _Spot(here, item, (*whens, *own))


def _exclude(one: When, two: When) -> bool:
    ports = bool(one.ports and two.ports) and not set(one.ports) & set(two.ports)
    same = one.field is not None and one.field == two.field
    return ports or (same and not set(one.wanted) & set(two.wanted))


def _learn(items: Iterable[LeafItem], known: dict[str, list[Valued]]) -> None:
    for item in items:
        for part in [item] if isinstance(item, BinaryField) else item.parts:
            if part.name is not None:
                known.setdefault(part.name, []).append(part)


def _conditions(spot: _Spot, known: dict[str, list[Valued]]) -> Iterator[Fault]:
    for when in spot.whens:
        # The condition of a section is told once, where its first item stands.
        own = getattr(spot.item, "when", None) is when
        path = (*spot.path, "when") if own else (*spot.path[:-2], "when")
        if own or spot.path[-1] == 0:
            yield from _condition(path, when, known)


def _condition(path: Path, when: When, known: dict[str, list[Valued]]) -> Iterator[Fault]:
    if not when.ports and when.field is None:
        yield path, Text(N_("Say `port`, or `field` with `is`."))
    if (when.field is None) != (not when.wanted):
        yield path, Text(N_("`field` and `is` go together."))
    elif when.field is not None and when.field not in known:
        yield (*path, "field"), _unknown(when.field, known)
    elif when.field is not None:
        found = [one.words for one in known[when.field] if one.words]
        words = list(dict.fromkeys(word for each in found for word in each.values()))
        for word in when.wanted:
            if words and word not in words:
                text = N_("“{word}” is not a value of {field}. {hint}")
                hint = nearest(str(word), words)
                params = {"word": word, "field": when.field, "hint": hint}
                yield (*path, "is"), Text(text, params)


def _unknown(name: str, known: Iterable[str]) -> Text:
    text = N_("No earlier field has the name “{name}”. {hint}")
    return Text(text, {"name": name, "hint": nearest(name, known)})


def _leaf(path: Path, item: LeafItem) -> Iterator[Fault]:
    if item.at is not None and item.at < 0 and (item.size is None or item.size > -item.at):
        yield (*path, "at"), Text(N_("It does not fit between there and the end of the frame."))
    if isinstance(item, BinaryField):
        yield from _field(path, item)
        return
    taken = 0
    for index, part in enumerate(item.parts):
        here = (*path, "parts", index)
        yield from _valued(here, part, whole=True)
        first, last = part.span
        pair = isinstance(part.bits, int) or len(part.bits) == 2
        if not pair or not 0 <= first <= last < item.length * 8:
            text = N_("Bits are a number or [first, last], from 0 to {last}.")
            yield (*here, "bits"), Text(text, {"last": item.length * 8 - 1})
            continue
        mask = ((1 << part.width) - 1) << first
        if taken & mask:
            yield (*here, "bits"), Text(N_("Another part has these bits already."))
        taken |= mask


def _field(path: Path, item: BinaryField) -> Iterator[Fault]:
    if item.type.size is not None and item.length is not None:
        text = N_("A {type} has {size} bytes: `length` says nothing.")
        params = {"type": item.type.value, "size": item.type.size}
        yield (*path, "length"), Text(text, params)
    if item.type is FieldType.BCD and item.length is None:
        yield path, Text(N_("Say its `length` in bytes."))
    yield from _valued(path, item, whole=item.type.whole)
    if not (item.type.whole or item.type.real or item.plain):
        text = N_("Only numbers have a scale; this is a {type}.")
        yield (*path, "scale"), Text(text, {"type": item.type.value})


def _valued(path: Path, item: Valued, *, whole: bool) -> Iterator[Fault]:
    if item.scale == 0:
        yield (*path, "scale"), Text(N_("A scale of 0 makes every value the same."))
    for key in ("words", "missing", "const"):
        if getattr(item, key) not in (None, []) and not whole:
            text = N_("Only whole numbers can have `{key}`.")
            yield (*path, key), Text(text, {"key": key})
    if item.words is not None and not item.plain:
        yield (*path, "words"), Text(N_("A value has words or a scale, not both."))
    if item.name == "ts" and isinstance(item, BitPart) and item.flag:
        yield (*path, "name"), Text(N_("`ts` is a time in milliseconds."))


def _inner(
    path: Path, items: Sequence[LeafItem], outer: dict[str, list[Valued]]
) -> Iterator[Fault]:
    """What stands in a sample or in a block: all of it, one after the other."""
    known = {name: list(found) for name, found in outer.items()}
    for index, item in enumerate(items):
        here = (*path, index)
        yield from _leaf(here, item)
        if item.when is not None:
            yield from _condition((*here, "when"), item.when, known)
        if item.at is not None:
            yield (*here, "at"), Text(N_("Inside a sample or a block everything follows."))
        if item.optional:
            text = N_("Only the end of the frame is optional, not a part of a sample or a block.")
            yield (*here, "optional"), Text(text)
        if isinstance(item, BinaryField) and item.size is None and item.type is not FieldType.BCD:
            yield here, Text(N_("Say its `length` in bytes."))
        _learn([item], known)


def _log(path: Path, item: Samples, known: dict[str, list[Valued]]) -> Iterator[Fault]:
    yield from _inner((*path, "samples"), item.samples, known)
    timed = any("ts" in names(inner) for inner in item.samples)
    if item.every is None and not timed:
        text = N_("Say how many seconds are between two samples (`every`), or give each a `ts`.")
        yield path, Text(text)
    for key in ("every", "count"):
        said = getattr(item, key)
        if isinstance(said, str) and said not in known:
            yield (*path, key), _unknown(said, known)
        elif isinstance(said, int | float) and said <= 0:
            yield (*path, key), Text(N_("The number must be greater than {bound}."), {"bound": 0})


def _order(spot: _Spot, later: Sequence[_Spot]) -> Iterator[Fault]:
    """What stands after the end, or after what may be missing, can never be read."""
    item = spot.item
    following = _following(spot, later)
    if _to_the_end(item) and following:
        text = N_("This goes to the end of the frame: nothing can follow it without `at`.")
        yield spot.path, Text(text)
    if isinstance(item, BinaryField | BitField):
        if item.at is not None and item.at < 0:
            for other in following:
                if _to_the_end(other.item) or isinstance(other.item, Samples):
                    text = N_("It follows a field that is counted from the end: give it a length.")
                    yield other.path, Text(text)
        must = [one for one in following if not getattr(one.item, "optional", False)]
        if item.optional and item.at is None and must:
            text = N_("What follows something optional must be optional too.")
            yield must[0].path, Text(text)


def _following(spot: _Spot, later: Sequence[_Spot]) -> list[_Spot]:
    """What stands after an item, up to the next place that is given by its number."""
    found: list[_Spot] = []
    for other in later:
        if spot.together(other):
            if getattr(other.item, "at", None) is not None:
                break
            found.append(other)
    return found


def _to_the_end(item: BinaryField | BitField | Samples | Tagged) -> bool:
    if isinstance(item, Samples):
        return item.count is None
    if isinstance(item, BinaryField):
        return item.type in (FieldType.STRING, FieldType.HEX) and item.length is None
    return isinstance(item, Tagged)


def _twice(spots: Sequence[_Spot]) -> Iterator[Fault]:
    """A name given twice in one frame: the first value would be lost."""
    named: list[tuple[_Spot, str]] = []
    for spot in spots:
        if not isinstance(spot.item, BinaryField | BitField):
            continue
        for name in names(spot.item):
            if any(name == other and spot.together(one) for one, other in named):
                text = N_("Two fields of one frame have the name “{name}”.")
                yield spot.path, Text(text, {"name": name})
            named.append((spot, name))
