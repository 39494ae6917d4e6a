"""Frames read and written by a layout declared in the Thing Model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from jalon.run.batch import Reason
from jalon.run.codecs import raw
from jalon.run.codecs.codec import Frame, Output
from jalon.run.codecs.entry import Refused
from jalon.run.codecs.layout import (
    MAX_FRAME,
    AnyItem,
    BinaryField,
    BitField,
    BitPart,
    LeafItem,
    Order,
    Samples,
    Scalar,
    Section,
    Tagged,
    all_names,
    holds,
    names,
)
from jalon.run.codecs.spec import BinaryCodec

LOG = "samples"
"""Under this name `encode` takes the list of a datalogger's samples."""
TIME = "ts"
_MOST_GUESSES = 64
_TAGS = {"uint8": 1, "uint16": 2, "uint24": 3, "uint32": 4}


class Binary:
    """The codec and the encoder of a layout; it keeps nothing between frames."""

    def __init__(self, layout: BinaryCodec) -> None:
        self._layout = layout
        # None stands for a frame without FPort, and for one whose FPort does not matter.
        self._ports = tuple(_ports(layout.fields)) or (None,)
        self._choices = _choices(layout.fields)

    def decode(self, frames: Sequence[Frame]) -> list[Output | Refused]:
        """An object of values a frame; with samples, a list of objects, each with its `ts`."""
        found: list[Output | Refused] = []
        for frame in frames:
            try:
                found.append(_Reading(self._layout, frame).output())
            except Refused as refused:
                found.append(refused)
        return found

    def encode(self, values: Mapping[str, object]) -> Frame:
        """The frame that says `values`: on the first FPort, and of the first kind of message, in
        which all of them have a place.

        A datalogger's samples are a list of objects under `samples`; one sample may also stand
        among the other values. Raises Refused.
        """
        trouble: Refused | None = None
        for port, chosen in product(self._ports, self._guesses(values)):
            try:
                return Frame(_Writing(self._layout, port, values, chosen).payload(), port)
            except Refused as refused:
                trouble = trouble or refused
        assert trouble is not None
        raise trouble

    def _guesses(self, values: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
        """What the fields that tell the kind of a message may be, where `values` leaves it open."""
        names = [name for name in self._choices if values.get(name) is None]
        found = product(*(self._choices[name] for name in names))
        for chosen in islice(found, _MOST_GUESSES):
            yield dict(zip(names, chosen, strict=True))


def _ports(items: Sequence[AnyItem]) -> dict[int, None]:
    """The FPorts that conditions name, in order."""
    ports: dict[int, None] = {}
    for item in items:
        if item.when is not None:
            ports.update(dict.fromkeys(item.when.ports))
        if isinstance(item, Section):
            ports.update(_ports(item.fields))
    return ports


def _choices(items: Sequence[AnyItem]) -> dict[str, tuple[Scalar, ...]]:
    """The fields that conditions look at, and what each may have to be."""
    found: dict[str, tuple[Scalar, ...]] = {}
    for item in items:
        if item.when is not None and item.when.field is not None:
            known = found.get(item.when.field, ())
            found[item.when.field] = tuple(dict.fromkeys((*known, *item.when.wanted)))
        if isinstance(item, Section):
            for name, wanted in _choices(item.fields).items():
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *wanted)))
    return found


def _from_end(items: Sequence[AnyItem]) -> bool:
    return any(
        _from_end(item.fields) if isinstance(item, Section) else (getattr(item, "at", 0) or 0) < 0
        for item in items
    )


class _Walk:
    """What reading and writing share: which items are in the frame, and how far its end is."""

    def __init__(self, layout: BinaryCodec, port: int | None) -> None:
        self.layout = layout
        self.port = port
        self.known: dict[str, object] = {}
        self._has_tail = _from_end(layout.fields)

    def present(self, items: Sequence[AnyItem]) -> Iterator[LeafItem | Samples | Tagged]:
        """The items of this frame, one by one: conditions see what came before."""
        for item in items:
            if holds(item.when, self.port, self.known):
                if isinstance(item, Section):
                    yield from self.present(item.fields)
                else:
                    yield item

    def reserved(self) -> int:
        """Bytes at the end that belong to fields counted from there."""
        if not self._has_tail:
            return 0
        offsets = [getattr(item, "at", None) or 0 for item in self.present(self.layout.fields)]
        return max(0, -min(offsets, default=0))

    def order(self, item: LeafItem | Tagged) -> Order:
        """The byte order of an item."""
        return item.order or self.layout.order


class _Reading(_Walk):
    """One frame being read."""

    def __init__(self, layout: BinaryCodec, frame: Frame) -> None:
        super().__init__(layout, frame.port)
        self._data = frame.payload
        self._time_ms = frame.time_ms
        self._at = 0
        self._furthest = 0
        self._in_tail = False
        self._samples: list[dict[str, object]] = []
        self._warnings: list[str] = []

    def output(self) -> Output:
        """What the frame says. Raises Refused."""
        if not self._data:
            raise Refused(Reason.EMPTY, "no payload")
        found: dict[str, object] = {}
        anything = False
        for item in self.present(self.layout.fields):
            anything = True
            if isinstance(item, Samples):
                self._log(item)
            elif isinstance(item, Tagged):
                self._tagged(item, found)
            else:
                self._leaf(item, found)
        if not anything:
            raise Refused(Reason.CODEC, f"the layout has nothing for FPort {self.port}")
        more = len(self._data) - self.reserved() - self._furthest
        if more > 0 and self.layout.rest == "refuse":
            detail = f"byte {self._furthest}: {more} more bytes than the layout has"
            raise Refused(Reason.CODEC, detail)
        if not self._samples:
            return Output(found or None, tuple(self._warnings))
        head = [{TIME: self._time_ms} | found] if found.keys() - {TIME} else []
        return Output([*head, *self._samples], tuple(self._warnings))

    def _limit(self) -> int:
        return len(self._data) if self._in_tail else len(self._data) - self.reserved()

    def _take(self, size: int | None, what: str) -> bytes:
        """The next bytes. Raises Refused when the frame is too short."""
        limit = self._limit()
        end = limit if size is None else self._at + size
        if self._at < 0 or end > limit or self._at > limit:
            there = max(0, limit - self._at) if self._at >= 0 else 0
            needs = "its bytes" if size is None else f"{size} byte{'s' * (size > 1)}"
            detail = f"byte {max(self._at, 0)}: {what} needs {needs}, there are {there}"
            raise Refused(Reason.CODEC, detail)
        data = self._data[self._at : end]
        self._at = end
        if not self._in_tail:
            self._furthest = max(self._furthest, end)
        return data

    def _leaf(self, item: LeafItem, found: dict[str, object]) -> None:
        if item.at is not None:
            self._in_tail = item.at < 0
            self._at = item.at if item.at >= 0 else len(self._data) + item.at
        if item.optional and self._at >= self._limit():
            return
        start = self._at
        data = self._take(item.size, ", ".join(names(item)) or "the layout")
        order = self.order(item)
        try:
            if isinstance(item, BinaryField):
                if item.name is not None or item.const is not None:
                    self._keep(item.name, raw.read(item, data, order), found)
            else:
                bits = int.from_bytes(data, order.value)
                for part in item.parts:
                    self._keep(part.name, raw.read_part(part, bits), found)
        except Refused as refused:
            raise Refused(refused.reason, f"byte {start}: {refused.detail}") from None

    def _keep(self, name: str | None, value: object, found: dict[str, object]) -> None:
        if name is None:
            return
        if isinstance(value, raw.NoValue):
            if value.code is not None:
                self._warnings.append(f"{name}: no word for {value.code}")
            return
        found[name] = self.known[name] = value

    def _log(self, item: Samples) -> None:
        count = item.count if not isinstance(item.count, str) else self._told(item.count)
        rows: list[dict[str, object]] = []
        outer = dict(self.known)
        while (self._at < self._limit()) if count is None else (len(rows) < count):
            before, row = self._at, dict[str, object]()
            for leaf in self.present(item.samples):
                assert isinstance(leaf, BinaryField | BitField)
                self._leaf(leaf, row)
            if self._at == before:
                raise Refused(Reason.CODEC, f"byte {before}: a sample without a byte")
            rows.append(row)
            self.known = dict(outer)
        if item.every is not None:
            step = self._told(item.every) if isinstance(item.every, str) else item.every
            self._date(rows, step, newest_last=item.newest == "last")
        self._samples += rows

    def _date(self, rows: list[dict[str, object]], every_s: float, *, newest_last: bool) -> None:
        """Give each sample its time, counted back from the frame's own."""
        told = self.known.get(TIME)
        newest = told if isinstance(told, int | float) else self._time_ms
        for index, row in enumerate(rows):
            steps = len(rows) - 1 - index if newest_last else index
            row.setdefault(TIME, round(newest - steps * every_s * 1000))

    def _told(self, name: str) -> float:
        """A number that an earlier field gives."""
        value = self.known.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused(Reason.CODEC, f"byte {self._at}: {name} is not a number in this frame")
        return value

    def _tagged(self, item: Tagged, found: dict[str, object]) -> None:
        while self._at < self._limit():
            start = self._at
            tag = int.from_bytes(self._take(_TAGS[item.tag], "a tag"), self.order(item).value)
            block = item.by_tag.get(tag)
            if block is None:
                detail = f"byte {start}: the layout has no block {tag:#0{2 + 2 * _TAGS[item.tag]}x}"
                raise Refused(Reason.CODEC, detail)
            for leaf in self.present(block):
                assert isinstance(leaf, BinaryField | BitField)
                self._leaf(leaf, found)


class _Writing(_Walk):
    """One frame being written: the bytes up to the tail, and the tail counted from the end."""

    def __init__(
        self,
        layout: BinaryCodec,
        port: int | None,
        values: Mapping[str, object],
        chosen: Mapping[str, object],
    ) -> None:
        super().__init__(layout, port)
        self._values = {**values, **chosen}
        self._unused = {name for name, value in values.items() if value is not None}
        self._gather_sample(layout.fields)
        self._count_samples(layout.fields)
        self.known = self._values
        self._head = bytearray()
        self._tail = bytearray(self.reserved())
        self._at = 0
        self._in_tail = False
        self._omitted: list[LeafItem] = []

    def payload(self) -> bytes:
        """The bytes. Raises Refused with what does not fit, or has no place."""
        for item in self.present(self.layout.fields):
            if isinstance(item, Samples):
                self._log(item)
            elif isinstance(item, Tagged):
                self._tagged(item)
            else:
                self._leaf(item, self._values)
        if self._unused:
            where = "" if self.port is None else f" on FPort {self.port}"
            detail = f"{', '.join(sorted(self._unused))}: no place in the frame{where}"
            raise Refused(Reason.UNKNOWN_PROPERTY, detail)
        payload = bytes(self._head + self._tail)
        if not payload:
            raise Refused(Reason.EMPTY, "nothing to write")
        return payload

    def _gather_sample(self, items: Sequence[AnyItem]) -> None:
        """Values of one sample that stand among the others."""
        for item in items:
            if isinstance(item, Section):
                self._gather_sample(item.fields)
            elif isinstance(item, Samples) and LOG not in self._values:
                inside = set(all_names(item.samples)) & self._unused
                if inside:
                    self._values[LOG] = [{name: self._values.pop(name) for name in inside}]
                    self._unused -= inside

    def _count_samples(self, items: Sequence[AnyItem]) -> None:
        """The field that says how many samples there are need not be given."""
        rows = self._values.get(LOG)
        for item in items:
            if isinstance(item, Section):
                self._count_samples(item.fields)
            elif isinstance(item, Samples) and isinstance(item.count, str):
                self._values.setdefault(item.count, len(rows) if isinstance(rows, list) else 0)

    def _leaf(self, item: LeafItem, values: Mapping[str, object]) -> None:
        if item.at is not None:
            self._in_tail = item.at < 0
            self._at = item.at if item.at >= 0 else len(self._tail) + item.at
        named = names(item)
        if item.optional and not any(values.get(name) is not None for name in named):
            self._omitted.append(item)
            return
        # Something optional is given after something optional that is not: that one says so.
        for earlier in self._omitted:
            self._put(self._bytes(earlier, {}))
        self._omitted.clear()
        self._put(self._bytes(item, values))
        self._unused -= set(named)

    def _bytes(self, item: LeafItem, values: Mapping[str, object]) -> bytes:
        order = self.order(item)
        if isinstance(item, BinaryField):
            return raw.write(item, self._given(item, values), order)
        bits = 0
        for part in item.parts:
            bits |= raw.write_part(part, self._given(part, values))
        return bits.to_bytes(item.length, order.value)

    def _given(self, item: BinaryField | BitPart, values: Mapping[str, object]) -> object:
        value = None if item.name is None else values.get(item.name)
        if value is None and not raw.may_be_missing(item):
            raise Refused(Reason.EMPTY, f"{item.name} is missing")
        return value

    def _put(self, data: bytes) -> None:
        into = self._tail if self._in_tail else self._head
        end = self._at + len(data)
        if (self._in_tail and end > len(into)) or end > MAX_FRAME:
            raise Refused(Reason.CODEC, "the frame would be too long")
        into.extend(bytes(max(0, end - len(into))))
        into[self._at : end] = data
        self._at = end

    def _log(self, item: Samples) -> None:
        rows = self._values.get(LOG, [])
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise Refused(Reason.WRONG_TYPE, f"{LOG}: expected a list of objects")
        count = self._values.get(item.count) if isinstance(item.count, str) else item.count
        if count is not None and count != len(rows):
            raise Refused(Reason.CODEC, f"{LOG}: {len(rows)} samples, the frame has {count}")
        outer = self.known
        for row in rows:
            self.known = {**outer, **row}
            for leaf in self.present(item.samples):
                assert isinstance(leaf, BinaryField | BitField)
                self._leaf(leaf, row)
        self.known = outer
        self._unused.discard(LOG)

    def _tagged(self, item: Tagged) -> None:
        for tag, block in item.by_tag.items():
            wanted = {name for leaf in block for name in names(leaf)}
            if wanted & self._unused:
                self._put(tag.to_bytes(_TAGS[item.tag], self.order(item).value))
                for leaf in self.present(block):
                    assert isinstance(leaf, BinaryField | BitField)
                    self._leaf(leaf, self._values)
