"""Values as YAML: on one line where they fit, else as people indent them."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from jalon.adapters.folder.yaml_reader import plain

_WIDTH = 100
_SIMPLE = re.compile(r"[^\W_](?:[\w ./()°’'+-]*[\w.)°])?")
_FOLDABLE = re.compile(r"\S+(?: \S+)+")


def scalar(value: str) -> str:
    """A text as YAML that means the same anywhere: plain when it is simple, else in quotes."""
    if _SIMPLE.fullmatch(value) and isinstance(plain(value), str):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    # YAML folds these line breaks where JSON does not.
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda one: f"\\u{ord(one.group()):04x}", quoted)


def flow(value: object) -> str:
    """A value on one line. Entries of mappings that say nothing (None, "", empty) are left out."""
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(one)}" for key, one in told(value)) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(flow, value)) + "]"
    return json.dumps(value)


def told(entry: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The pairs that say something; `false` and 0 do."""
    for key, value in entry.items():
        if value is not None and value not in ("", [], {}, ()):
            yield key, value


def behind_colon(value: object, indent: str, newline: str) -> str:
    """What follows `key:` of a mapping whose keys stand at `indent`."""
    line = flow(value)
    if len(indent) + len(line) < _WIDTH - 20 or not value:
        return f" {line}"
    if isinstance(value, str):
        return _folded(value, indent + "  ", newline) or f" {line}"
    if isinstance(value, Mapping):
        return newline + block(value, indent + "  ", newline)
    if isinstance(value, Sequence):
        dashes = (f"{indent}  - {item(one, indent + '  ', newline)}" for one in value)
        return newline + newline.join(dashes)
    return f" {line}"


def block(entry: Mapping[str, object], indent: str, newline: str) -> str:
    """A mapping of several lines, the first one indented as well."""
    return newline.join(
        f"{indent}{key}:{behind_colon(value, indent, newline)}" for key, value in told(entry)
    )


def item(value: object, indent: str, newline: str) -> str:
    """What follows the `- ` of an entry whose dash stands at `indent`."""
    line = flow(value)
    if isinstance(value, Mapping) and len(indent) + len(line) >= _WIDTH - 20:
        return block(value, indent + "  ", newline).removeprefix(indent + "  ")
    return line


def _folded(text: str, indent: str, newline: str) -> str:
    """A long sentence over several lines; "" for one that would not come back the same."""
    if not _FOLDABLE.fullmatch(text) or not text.isprintable():
        return ""
    width = max(40, _WIDTH - len(indent))
    lines = textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
    return f" >-{newline}" + newline.join(f"{indent}{line}" for line in lines)
