"""Whether a document is a W3C Thing Description 1.1 or Thing Model, and what is wrong if not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from jalon.run.wot.findings import (
    Problem,
    Problems,
    Rule,
    Where,
    entries,
    error,
    expected,
    flag_rule,
    has_placeholder,
    languages_rule,
    reference_rule,
    text_rule,
    texts,
    time_rule,
    uri_rule,
    warning,
    words_rule,
)
from jalon.run.wot.links import links
from jalon.run.wot.parts import Parts
from jalon.run.wot.schemes import scheme
from jalon.vocab.finding import Severity
from jalon.vocab.text import N_

TD_1_1 = "https://www.w3.org/2022/wot/td/v1.1"
TD_1_0 = "https://www.w3.org/2019/wot/td/v1"
_AFFORDANCES = ("properties", "actions", "events")
_OPTIONAL = re.compile(r"/(properties|actions|events)/[^/]+")


def is_model(document: object) -> bool:
    """Whether it says to be a Thing Model."""
    return isinstance(document, Mapping) and "tm:ThingModel" in texts(document.get("@type"))


def problems(document: object, model: bool | None = None) -> list[Problem]:
    """Everything wrong or strange with a document, as a Thing Model if it says to be one or
    `model` is true; valid when no Problem is an error."""
    if not isinstance(document, Mapping):
        return [expected((), "object", document)]
    as_model = is_model(document) if model is None else model
    return list(_Document(document, as_model).check())


def is_valid(document: object) -> bool:
    """Whether there is no error in it."""
    return all(one.severity is not Severity.ERROR for one in problems(document))


class _Document:
    def __init__(self, document: Mapping[str, object], model: bool) -> None:
        self._document = document
        self._model = model
        extends = any(
            isinstance(link, Mapping) and link.get("rel") == "tm:extends"
            for link in _list(document.get("links"))
        )
        self._parts = Parts(
            model,
            frozenset(_names(document.get("securityDefinitions"))),
            frozenset(_names(document.get("schemaDefinitions"))),
            extends,
        )

    def check(self) -> Problems:
        """Every problem, from the top down."""
        document, parts = self._document, self._parts
        needed = ("@context", "@type") if self._model else _NEEDED
        for key in needed:
            if key not in document:
                yield error((), N_("“{key}” is missing."), key=key)
        rules: dict[str, Rule] = {
            **parts.described(),
            "@context": _context,
            "@type": self._type,
            "id": uri_rule,
            "base": reference_rule,
            "support": reference_rule,
            "created": time_rule,
            "modified": time_rule,
            "version": self._version,
            "profile": words_rule,
            "security": parts.names("security", parts.security),
            "securityDefinitions": self._definitions(partial(scheme, parts)),
            "schemaDefinitions": self._definitions(parts.schema),
            "uriVariables": parts.by_name(parts.schema),
            "forms": parts.forms(""),
            "links": partial(links, parts),
            "tm:optional": self._optional,
            "tm:required": self._optional,
            **{place: parts.by_name(self._affordance(place)) for place in _AFFORDANCES},
        }
        yield from parts.apply(document, rules, ())
        yield from self._languages()
        if self._model:
            for key, _, at in entries(document, ()):
                if has_placeholder(key):
                    yield error(at, N_("A placeholder cannot be a name."))

    def _type(self, value: object, at: Where) -> Problems:
        yield from words_rule(value, at)
        said = "tm:ThingModel" in texts(value)
        if self._model and not said:
            yield error(at, N_("A Thing Model has tm:ThingModel as its @type."))
        if said and not self._model:
            yield error(at, N_("A Thing Description cannot be a Thing Model as well."))

    def _definitions(self, rule: Rule) -> Rule:
        named = self._parts.by_name(rule)

        def check(value: object, at: Where) -> Problems:
            yield from named(value, at)
            if isinstance(value, Mapping) and not value:
                yield error(at, N_("At least one definition is needed."))

        return check

    def _affordance(self, place: str) -> Rule:
        parts = self._parts
        own: Mapping[str, Mapping[str, Rule]] = {
            "properties": {"observable": flag_rule},
            "actions": {
                "input": parts.schema,
                "output": parts.schema,
                "safe": flag_rule,
                "idempotent": flag_rule,
                "synchronous": flag_rule,
            },
            "events": {
                "subscription": parts.schema,
                "data": parts.schema,
                "dataResponse": parts.schema,
                "cancellation": parts.schema,
            },
        }

        def check(value: object, at: Where) -> Problems:
            if not isinstance(value, Mapping):
                yield expected(at, "object", value)
                return
            if "forms" not in value and not self._model:
                yield error(at, N_("“{key}” is missing."), key="forms")
            if place == "properties":
                yield from parts.schema(value, at)
            else:
                rules = {**parts.described(), "tm:ref": parts.reference}
                yield from parts.apply(value, rules, at)
            rules = {
                **own[place],
                "forms": parts.forms(place),
                "uriVariables": parts.by_name(parts.schema),
            }
            yield from parts.apply(value, rules, at)
            yield from self._variables(value, at)

        return check

    def _variables(self, value: Mapping[str, object], at: Where) -> Problems:
        """A key of the API in the address must not be taken for a variable of the address."""
        named = {*_names(value.get("uriVariables")), *_names(self._document.get("uriVariables"))}
        for name, defined, _ in entries(self._document.get("securityDefinitions"), ()):
            if isinstance(defined, Mapping) and defined.get("in") == "uri":
                key = defined.get("name")
                if key in named:
                    message = N_("The variable “{variable}” is the key of “{scheme}” already.")
                    yield error((*at, "uriVariables"), message, variable=key, scheme=name)

    def _version(self, value: object, at: Where) -> Problems:
        if not isinstance(value, Mapping):
            yield expected(at, "object", value)
            return
        if self._model and "instance" in value:
            yield error((*at, "instance"), N_("A Thing Model is no instance."))
        if not self._model and "instance" not in value:
            yield error(at, N_("“{key}” is missing."), key="instance")
        yield from self._parts.apply(value, {"instance": text_rule, "model": text_rule}, at)

    def _optional(self, value: object, at: Where) -> Problems:
        if not self._model:
            yield error(at, N_("This belongs to Thing Models only."))
        if not isinstance(value, list):
            yield expected(at, "array", value)
        for index, one in enumerate(_list(value)):
            if at == ("tm:required",) and isinstance(one, str):  # of a draft, with its own pointers
                one = one.removeprefix("#")
            if not isinstance(one, str) or not _OPTIONAL.fullmatch(one):
                message = N_("Name a property, an action or an event: /properties/status.")
                yield error((*at, index), message)
                continue
            _, place, name = one.split("/")
            if name not in _names(self._document.get(place)) and not self._parts.extends:
                yield error((*at, index), N_("“{name}” is not there."), name=one)

    def _languages(self) -> Problems:
        """All multi-language texts of a document should be there in the same languages."""
        seen: dict[frozenset[str], Where] = {}
        for at, value in _multilingual(self._document, ()):
            if not any(languages_rule(value, at)):
                seen.setdefault(frozenset(_names(value)), at)
        if len(seen) > 1:
            at = list(seen.values())[1]
            yield warning(at, N_("The languages here are others than elsewhere in the document."))


_NEEDED = ("@context", "title", "security", "securityDefinitions")


def _multilingual(value: object, at: Where) -> list[tuple[Where, object]]:
    found: list[tuple[Where, object]] = []
    for key, one, where in entries(value, at):
        if key in ("titles", "descriptions") and at[-1:] not in (("properties",), ("actions",)):
            found.append((where, one))
        else:
            found += _multilingual(one, where)
    return found


def _context(value: object, at: Where) -> Problems:
    given = value if isinstance(value, list) else [value]
    known = [one for one in given if one in (TD_1_0, TD_1_1)]
    if not given or given[0] not in (TD_1_0, TD_1_1):
        yield error(at, N_("The first context must be {context}."), context=TD_1_1)
    elif known == [TD_1_1, TD_1_0]:
        yield error(at, N_("The context of TD 1.0 comes before that of 1.1."))
    elif TD_1_1 not in known:
        yield warning(at, N_("This is written for TD 1.0; it is read as 1.1."))
    for index, one in enumerate(given):
        if not isinstance(one, str | Mapping):
            yield expected((*at, index), "object", one)
        for _, prefix, where in entries(one, (*at, index)):
            yield from text_rule(prefix, where) if not isinstance(prefix, Mapping) else ()


def _names(value: object) -> list[str]:
    return [str(key) for key in value] if isinstance(value, Mapping) else []


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
