"""Changing entries of a list in a YAML file and leaving every other byte as it is, comments and
all. Positions come from libyaml's nodes; what is written with aliases is left to people."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import yaml
from yaml.cyaml import CBaseLoader
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.tokens import BlockEntryToken

from jalon.adapters.folder.splice import (
    NEWLINE,
    Fields,
    Splice,
    by_hand,
    newline_of,
    not_there,
    spliced,
)
from jalon.adapters.folder.yaml_reader import plain
from jalon.vocab.text import N_

_NUMBERS = frozenset(("latitude", "longitude"))
_LISTS = frozenset(("tags",))
_SIMPLE = re.compile(r"[^\W_](?:[\w ./()°’'+-]*[\w.)°])?")


@dataclass(frozen=True, slots=True)
class _Pair:
    key: ScalarNode
    value: Node


class _Listing:
    """Where the list `top` and its entries are in the text."""

    def __init__(self, text: str, top: str) -> None:
        self.text = text
        self.newline = newline_of(text)
        try:
            root = CBaseLoader(text).get_single_node()
        except yaml.MarkedYAMLError:
            raise by_hand("", N_("the file is not valid YAML")) from None
        self.root = root
        self.list: Node | None = None
        if isinstance(root, MappingNode):
            self.list = next((value for key, value in root.value if key.value == top), None)
        self.entries = list(self.list.value) if isinstance(self.list, SequenceNode) else []

    def entry(self, entry_id: str) -> tuple[int, dict[str, _Pair]]:
        """Its place in the list, and its pairs by key."""
        if entry_id not in self._places:
            raise not_there(entry_id)
        place = self._places[entry_id]
        pairs = _pairs_of(self.entries[place])
        self._refuse_aliases(place, entry_id, pairs)
        return place, pairs

    @cached_property
    def _places(self) -> dict[str, int]:
        """Of the entries by id; of two with the same one, the first."""
        found = ((_pairs_of(node).get("id"), place) for place, node in enumerate(self.entries))
        by_id = [(pair.value.value, place) for pair, place in found if pair is not None]
        return {entry_id: place for entry_id, place in reversed(by_id) if isinstance(entry_id, str)}

    def end(self, node: Node) -> int:
        """Where what is written of a node ends; a block's own mark is behind the comments that
        follow it."""
        if isinstance(node, ScalarNode) or _in_brackets(node) or not node.value:
            end = node.end_mark.index
            block = isinstance(node, ScalarNode) and node.style in ("|", ">")
            return len(self.text[:end].rstrip()) if block else int(end)
        last = node.value[-1]
        return max(self.end(one) for one in (last if isinstance(last, tuple) else (last,)))

    def line_end(self, at: int) -> int:
        """Behind the line break of the line in which `at` is."""
        found = NEWLINE.search(self.text, at)
        return found.end() if found else len(self.text)

    def line_start(self, at: int) -> int:
        """The first character of the line in which `at` is."""
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def dash(self, node: Node) -> int:
        """Where the `-` of an entry of a block list is."""
        dashes = [
            token.start_mark.index
            for token in yaml.scan(self.text, Loader=CBaseLoader)
            if isinstance(token, BlockEntryToken)
        ]
        return int(dashes[bisect_left(dashes, node.start_mark.index) - 1])

    def _refuse_aliases(self, place: int, entry_id: str, pairs: Mapping[str, _Pair]) -> None:
        node = self.entries[place]
        start, end = node.start_mark.index, self.end(node)
        before = self.end(self.entries[place - 1]) if place else 0
        inside = [one for pair in pairs.values() for one in (pair.key, pair.value)]
        if start < before or any(
            not start <= one.start_mark.index <= end or one.start_mark.index < start
            for one in inside
        ):
            raise by_hand(entry_id, N_("it is written with an alias"))


def _pairs_of(node: Node) -> dict[str, _Pair]:
    if not isinstance(node, MappingNode):
        return {}
    return {key.value: _Pair(key, value) for key, value in node.value}


def append(text: str, entries: Sequence[Fields], top: str) -> str:
    """The text with more entries in the list `top`."""
    listing = _Listing(text, top)
    newline = listing.newline
    found, root = listing.list, listing.root
    if root is not None and (not isinstance(root, MappingNode) or _in_brackets(root)):
        raise by_hand("", N_("the file does not begin with a key"))
    if found is None or not listing.entries:
        block = "".join(f"  - {_flow(entry)}{newline}" for entry in entries)
        if found is None:
            gap = "" if not text or text.endswith(("\n", "\r")) else newline
            return f"{text}{gap}{top}:{newline}{block}"
        return _instead_of_empty(listing, top, block)
    last = listing.entries[-1]
    end = listing.end(last)
    if _in_brackets(found):
        return spliced(text, [Splice(end, end, "".join(f", {_flow(one)}" for one in entries))])
    dash = listing.dash(last)
    indent = " " * (dash - listing.line_start(dash))
    write = _flow if _in_brackets(last) else lambda one: _block(one, indent + "  ", newline)
    lines = "".join(f"{indent}- {write(one)}{newline}" for one in entries)
    at = listing.line_end(end)
    gap = "" if text[:at].endswith(("\n", "\r")) else newline
    return spliced(text, [Splice(at, at, gap + lines)])


def change(text: str, changes: Mapping[str, Fields], top: str) -> str:
    """The text with other values in these entries. Raises UsageError."""
    listing = _Listing(text, top)
    splices: list[Splice] = []
    for entry_id, fields in changes.items():
        splices += _values_changed(listing, entry_id, fields)
    return spliced(text, splices)


def _values_changed(listing: _Listing, entry_id: str, fields: Fields) -> Iterator[Splice]:
    place, pairs = listing.entry(entry_id)
    entry = listing.entries[place]
    added = []
    for key, value in fields.items():
        pair = pairs.get(key)
        if pair is None:
            if value:
                added.append(f"{key}: {_written(key, value)}")
        elif value:
            yield _replaced(listing, pair, _written(key, value))
        else:
            yield _without(listing, entry, pair)
    if added:
        yield _extended(listing, entry, added)


def remove(text: str, entry_id: str, top: str) -> str:
    """The text without the entry `entry_id`. Raises UsageError."""
    listing = _Listing(text, top)
    place, _pairs = listing.entry(entry_id)
    entry, entries = listing.entries[place], listing.entries
    assert listing.list is not None
    end = listing.end(entry)
    if _in_brackets(listing.list):
        if place:
            return spliced(text, [Splice(listing.end(entries[place - 1]), end, "")])
        after = entries[1].start_mark.index if len(entries) > 1 else end
        return spliced(text, [Splice(entry.start_mark.index, after, "")])
    start = listing.line_start(listing.dash(entry))
    splices = [Splice(start, listing.line_end(end), "")]
    if len(entries) == 1:
        assert isinstance(listing.root, MappingNode)
        key = next(key for key, value in listing.root.value if value is listing.list)
        splices.append(Splice(key.end_mark.index, key.end_mark.index + 1, ": []"))
    return spliced(text, splices)


def _instead_of_empty(listing: _Listing, top: str, block: str) -> str:
    """A list without entries: `[]`, or nothing at all behind the key."""
    assert isinstance(listing.root, MappingNode)
    key, value = next(pair for pair in listing.root.value if pair[0].value == top)
    end = max(value.end_mark.index, listing.text.index(":", key.end_mark.index) + 1)
    at = listing.line_end(end)
    gap = "" if listing.text[:at].endswith(("\n", "\r")) else listing.newline
    colon = Splice(key.end_mark.index, end, ":")
    return spliced(listing.text, [colon, Splice(at, at, gap + block)])


def _replaced(listing: _Listing, pair: _Pair, written: str) -> Splice:
    value, end = pair.value, listing.end(pair.value)
    simple = isinstance(value, ScalarNode) and value.style not in ("|", ">")
    if (simple or _in_brackets(value)) and value.start_mark.index < end:
        return Splice(value.start_mark.index, end, written)
    # An empty value, a block: what follows the key goes, from the colon on.
    end = max(end, listing.text.index(":", pair.key.end_mark.index) + 1)
    return Splice(pair.key.end_mark.index, end, f": {written}")


def _without(listing: _Listing, entry: Node, pair: _Pair) -> Splice:
    pairs = entry.value
    place = next(place for place, (key, _value) in enumerate(pairs) if key is pair.key)
    end = listing.end(pair.value)
    if place == 0:
        return _replaced(listing, pair, "null")
    if _in_brackets(entry):
        return Splice(listing.end(pairs[place - 1][1]), end, "")
    return Splice(listing.line_start(pair.key.start_mark.index), listing.line_end(end), "")


def _extended(listing: _Listing, entry: Node, added: Sequence[str]) -> Splice:
    """More pairs behind the last one."""
    last_key, last_value = entry.value[-1]
    end = max(listing.end(last_value), last_key.end_mark.index)
    if _in_brackets(entry):
        return Splice(end, end, "".join(f", {one}" for one in added))
    first_key = entry.value[0][0].start_mark
    indent = " " * (first_key.index - listing.line_start(first_key.index))
    at = listing.line_end(end)
    gap = "" if listing.text[:at].endswith(("\n", "\r")) else listing.newline
    return Splice(at, at, gap + "".join(f"{indent}{one}{listing.newline}" for one in added))


def _in_brackets(node: Node) -> bool:
    return isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style)


def _pairs(entry: Fields) -> Iterator[str]:
    for key, value in entry.items():
        if value:
            yield f"{key}: {_written(key, value)}"


def _flow(entry: Fields) -> str:
    return "{" + ", ".join(_pairs(entry)) + "}"


def _block(entry: Fields, indent: str, newline: str) -> str:
    return f"{newline}{indent}".join(_pairs(entry))


def _written(key: str, value: str) -> str:
    if key in _LISTS:
        return "[" + ", ".join(map(scalar, value.split())) + "]"
    return value if key in _NUMBERS else scalar(value)


def scalar(value: str) -> str:
    """A text as YAML that means the same anywhere: plain when it is simple, else in quotes."""
    if _SIMPLE.fullmatch(value) and isinstance(plain(value), str):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    # YAML folds these line breaks where JSON does not.
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda one: f"\\u{ord(one.group()):04x}", quoted)
