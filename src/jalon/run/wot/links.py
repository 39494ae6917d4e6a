"""The links of W3C Thing Descriptions and Thing Models."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jalon.run.wot.findings import (
    Problems,
    Rule,
    Where,
    error,
    expected,
    has_placeholder,
    items,
    reference_rule,
    text_rule,
    words_rule,
)
from jalon.run.wot.parts import Parts
from jalon.vocab.text import N_

_SIZES = re.compile(r"[0-9]+x[0-9]+( [0-9]+x[0-9]+)*|any")


def links(parts: Parts, value: object, at: Where) -> Problems:
    """The links of a document."""
    if not isinstance(value, list):
        yield expected(at, "array", value)
        return
    for one, where in items(value, at):
        yield from _link(parts, one, where)
    relations = [one.get("rel") for one in value if isinstance(one, Mapping)]
    for relation in ("type", "tm:extends"):
        if relations.count(relation) > 1:
            message = N_("At most one link can have the relation “{relation}”.")
            yield error(at, message, relation=relation)


def _link(parts: Parts, value: object, at: Where) -> Problems:
    if not isinstance(value, Mapping):
        yield expected(at, "object", value)
        return
    if "href" not in value and not parts.model:
        yield error(at, N_("“{key}” is missing."), key="href")
    rules: dict[str, Rule] = {
        "href": reference_rule,
        "type": text_rule,
        "rel": text_rule,
        "anchor": reference_rule,
        "hreflang": words_rule,
        "instanceName": text_rule,
    }
    yield from parts.apply(value, rules, at)
    relation = value.get("rel")
    if relation in ("tm:extends", "tm:submodel") and not parts.model:
        message = N_("The relation “{relation}” belongs to Thing Models only.")
        yield error((*at, "rel"), message, relation=relation)
    if "sizes" in value and not (parts.model and has_placeholder(relation)):
        if relation != "icon":
            yield error((*at, "sizes"), N_("Only an icon has sizes."))
        elif not _SIZES.fullmatch(str(value["sizes"])):
            yield error((*at, "sizes"), N_("Sizes are written as 16x16 32x32."))
