"""Changing entries of a list in a YAML file and leaving every other byte as it is, comments and
all. Positions come from libyaml's nodes; what is written with aliases is left to people."""

from __future__ import annotations

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
    Keys,
    Splice,
    by_hand,
    newline_of,
    not_there,
    spliced,
)
from jalon.adapters.folder.yaml_write import behind_colon, flow, item, told
from jalon.vocab.text import N_


@dataclass(frozen=True, slots=True)
class _Pair:
    key: ScalarNode
    value: Node


class _Listing:
    """Where the list at `path`, keys from the top of the file down, and its entries are in the
    text. `above` is the mapping it stands in, `missing` the keys of the path that are not there."""

    def __init__(self, text: str, path: Keys) -> None:
        self.text = text
        self.newline = newline_of(text)
        try:
            root = CBaseLoader(text).get_single_node()
        except yaml.YAMLError:
            raise by_hand("", N_("the file is not valid YAML")) from None
        self.root = root
        self.above: Node | None = root
        self.list: Node | None = None
        self.missing = path
        for place, key in enumerate(path):
            pair = _pairs_of(self.above).get(key)
            if pair is None:
                break
            self.missing = path[place + 1 :]
            if self.missing:
                self.above = pair.value
            else:
                self.list = pair.value
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


def _pairs_of(node: Node | None) -> dict[str, _Pair]:
    if not isinstance(node, MappingNode):
        return {}
    return {key.value: _Pair(key, value) for key, value in node.value}


def append(text: str, entries: Sequence[Fields], path: Keys) -> str:
    """The text with more entries in the list at `path`. Raises UsageError."""
    listing = _Listing(text, path)
    newline = listing.newline
    found, root = listing.list, listing.root
    if root is not None and (not isinstance(root, MappingNode) or _in_brackets(root)):
        raise by_hand("", N_("the file does not begin with a key"))
    if found is None:
        return _begun(listing, path, entries)
    if not listing.entries:
        return _instead_of_empty(listing, path, entries)
    last = listing.entries[-1]
    end = listing.end(last)
    if _in_brackets(found):
        return spliced(text, [Splice(end, end, "".join(f", {flow(one)}" for one in entries))])
    dash = listing.dash(last)
    indent = " " * (dash - listing.line_start(dash))
    written = (
        flow(one) if _in_brackets(last) else _lines(one, indent + "  ", newline) for one in entries
    )
    lines = "".join(f"{indent}- {one}{newline}" for one in written)
    at = listing.line_end(end)
    gap = "" if text[:at].endswith(("\n", "\r")) else newline
    return spliced(text, [Splice(at, at, gap + lines)])


def change(text: str, changes: Mapping[str, Fields], path: Keys) -> str:
    """The text with other values in these entries of the list. Raises UsageError."""
    listing = _Listing(text, path)
    splices: list[Splice] = []
    for entry_id, fields in changes.items():
        place, pairs = listing.entry(entry_id)
        splices += _values_changed(listing, listing.entries[place], pairs, fields)
    return spliced(text, splices)


def change_mapping(text: str, fields: Fields, path: Keys) -> str:
    """The text with other values in the mapping at `path`; one that is not there yet is begun at
    the end of the file. Raises UsageError."""
    listing = _Listing(text, path)
    if listing.list is None or not isinstance(listing.list, MappingNode) or not listing.list.value:
        if len(path) != 1 or listing.list is not None:
            raise by_hand("", N_("what is to be changed is not written as keys"))
        end = "" if not text or text.endswith(("\n", "\r")) else listing.newline
        return f"{text}{end}{path[0]}:{behind_colon(fields, '', listing.newline)}{listing.newline}"
    return spliced(
        text, list(_values_changed(listing, listing.list, _pairs_of(listing.list), fields))
    )


def _values_changed(
    listing: _Listing, entry: Node, pairs: Mapping[str, _Pair], fields: Fields
) -> Iterator[Splice]:
    told_now = dict(told(fields))
    for key in fields:
        if key in pairs and key in told_now:
            yield _replaced(listing, entry, pairs[key], told_now[key])
        elif key in pairs:
            yield _without(listing, entry, pairs[key])
    added = {key: value for key, value in told_now.items() if key not in pairs}
    if added:
        yield _extended(listing, entry, added)


def remove(text: str, entry_id: str, path: Keys) -> str:
    """The text without the entry `entry_id`. Raises UsageError."""
    listing = _Listing(text, path)
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
        key = _pairs_of(listing.above)[path[-1]].key
        splices.append(Splice(key.end_mark.index, key.end_mark.index + 1, ": []"))
    return spliced(text, splices)


def _begun(listing: _Listing, path: Keys, entries: Sequence[Fields]) -> str:
    """A list that is not there yet, with the keys above it that are not."""
    newline, missing = listing.newline, listing.missing
    above = listing.above if len(missing) < len(path) else None
    indent = ""
    if above is not None:
        if not isinstance(above, MappingNode) or _in_brackets(above) or not above.value:
            raise by_hand("", N_("what stands above the list is not written as keys"))
        first = above.value[0][0].start_mark.index
        indent = " " * (first - listing.line_start(first))
    keys = "".join(f"{indent}{'  ' * depth}{key}:{newline}" for depth, key in enumerate(missing))
    dash = indent + "  " * len(missing)
    lines = "".join(f"{dash}- {item(one, dash, newline)}{newline}" for one in entries)
    at = len(listing.text) if above is None else listing.line_end(listing.end(above))
    gap = "" if not at or listing.text[:at].endswith(("\n", "\r")) else newline
    return spliced(listing.text, [Splice(at, at, gap + keys + lines)])


def _instead_of_empty(listing: _Listing, path: Keys, entries: Sequence[Fields]) -> str:
    """A list without entries: `[]`, or nothing at all behind the key."""
    key, value = next(
        (pair.key, pair.value)
        for name, pair in _pairs_of(listing.above).items()
        if name == path[-1]
    )
    newline, text = listing.newline, listing.text
    dash = " " * (key.start_mark.index - listing.line_start(key.start_mark.index)) + "  "
    lines = "".join(f"{dash}- {item(one, dash, newline)}{newline}" for one in entries)
    end = max(value.end_mark.index, text.index(":", key.end_mark.index) + 1)
    at = listing.line_end(end)
    gap = "" if text[:at].endswith(("\n", "\r")) else newline
    colon = Splice(key.end_mark.index, end, ":")
    return spliced(text, [colon, Splice(at, at, gap + lines)])


def _replaced(listing: _Listing, entry: Node, pair: _Pair, value: object) -> Splice:
    node, end, key = pair.value, listing.end(pair.value), pair.key
    indent = " " * (key.start_mark.index - listing.line_start(key.start_mark.index))
    written = f" {flow(value)}"
    if not _in_brackets(entry):
        written = behind_colon(value, indent, listing.newline)
    simple = isinstance(node, ScalarNode) and node.style not in ("|", ">")
    one_line = listing.newline not in written
    if one_line and (simple or _in_brackets(node)) and node.start_mark.index < end:
        return Splice(node.start_mark.index, end, written[1:])
    # An empty value, a block: what follows the key goes, from the colon on.
    end = max(end, listing.text.index(":", key.end_mark.index) + 1)
    return Splice(key.end_mark.index, end, f":{written}")


def _without(listing: _Listing, entry: Node, pair: _Pair) -> Splice:
    pairs = entry.value
    place = next(place for place, (key, _value) in enumerate(pairs) if key is pair.key)
    end = listing.end(pair.value)
    if place == 0:
        return _replaced(listing, entry, pair, None)
    if _in_brackets(entry):
        return Splice(listing.end(pairs[place - 1][1]), end, "")
    return Splice(listing.line_start(pair.key.start_mark.index), listing.line_end(end), "")


def _extended(listing: _Listing, entry: Node, added: Fields) -> Splice:
    """More pairs behind the last one."""
    last_key, last_value = entry.value[-1]
    end = max(listing.end(last_value), last_key.end_mark.index)
    if _in_brackets(entry):
        pairs = (f", {key}: {flow(value)}" for key, value in added.items())
        return Splice(end, end, "".join(pairs))
    first_key = entry.value[0][0].start_mark
    indent = " " * (first_key.index - listing.line_start(first_key.index))
    newline, at = listing.newline, listing.line_end(end)
    gap = "" if listing.text[:at].endswith(("\n", "\r")) else newline
    lines = (
        f"{indent}{key}:{behind_colon(value, indent, newline)}{newline}"
        for key, value in added.items()
    )
    return Splice(at, at, gap + "".join(lines))


def _lines(entry: Fields, indent: str, newline: str) -> str:
    """A new entry behind its dash, a line a key."""
    return f"{newline}{indent}".join(
        f"{key}:{behind_colon(value, indent, newline)}" for key, value in told(entry)
    )


def _in_brackets(node: Node) -> bool:
    return isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style)
