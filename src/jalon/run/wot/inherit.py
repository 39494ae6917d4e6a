"""Thing Models that are made of others: `tm:extends` and `tm:ref`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jalon.run.wot.findings import Problem, Where, entries, error, items
from jalon.vocab.text import N_

Find = Callable[[str], Mapping[str, object] | None]
"""The document of a file or URI (without its pointer); None when it is not at hand."""
_DEEPEST = 8
_OWN = ("id", "@type", "version", "links", "tm:optional")
"""What a model does not have from the one it extends."""


def inherited(
    document: Mapping[str, object], find: Find
) -> tuple[dict[str, object], list[Problem]]:
    """The document with everything it takes from others, and what is not at hand."""
    return _Inheritance(find).whole(document, 0)


class _Inheritance:
    def __init__(self, find: Find) -> None:
        self._find = find

    def whole(
        self, document: Mapping[str, object], depth: int
    ) -> tuple[dict[str, object], list[Problem]]:
        missing: list[Problem] = []
        result = {key: self._filled(one, (key,), depth, missing) for key, one in document.items()}
        links: list[object] = []
        for link, at in items(document.get("links"), ("links",)):
            if not isinstance(link, Mapping) or link.get("rel") != "tm:extends":
                links.append(link)
                continue
            base = self._find(str(link.get("href", ""))) if depth < _DEEPEST else None
            if base is None:
                message = N_("The Thing Model it extends is not at hand: {reference}.")
                missing.append(error(at, message, reference=link.get("href", "")))
                continue
            above, more = self.whole(base, depth + 1)
            missing += more
            shared = {key: one for key, one in above.items() if key not in _OWN}
            result = {**_merged(shared, result)}
        if "links" in document:
            result["links"] = links
            if not links:
                del result["links"]
        return result, missing

    def _filled(self, value: object, at: Where, depth: int, missing: list[Problem]) -> object:
        """A value with each `tm:ref` in it replaced by what it stands for."""
        if isinstance(value, list):
            return [self._filled(one, where, depth, missing) for one, where in items(value, at)]
        if not isinstance(value, Mapping):
            return value
        made = {
            key: self._filled(one, where, depth, missing)
            for key, one, where in entries(value, at)
            if key != "tm:ref"
        }
        reference = value.get("tm:ref")
        if not isinstance(reference, str):
            return made
        source, _, path = reference.partition("#")
        document = self._find(source) if depth < _DEEPEST else None
        found = None if document is None else _at(document, path)
        if not isinstance(found, Mapping):
            message = N_("What it refers to is not at hand: {reference}.")
            missing.append(error(at, message, reference=reference))
            return made
        whole = self._filled(found, at, depth + 1, missing)
        return _merged(whole, made) if isinstance(whole, Mapping) else made


def _merged(base: Mapping[str, object], patch: Mapping[str, object]) -> dict[str, object]:
    """A JSON Merge Patch (RFC 7396): what the patch says wins, and null takes away."""
    result = dict(base)
    for key, one in patch.items():
        below = result.get(key)
        if one is None:
            result.pop(key, None)
        elif isinstance(one, Mapping):
            result[key] = _merged(below if isinstance(below, Mapping) else {}, one)
        else:
            result[key] = one
    return result


def _at(document: object, path: str) -> object:
    """What a JSON Pointer leads to; None when there is nothing."""
    for step in path.strip("/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, Mapping) or key not in document:
            return None
        document = document[key]
    return document
