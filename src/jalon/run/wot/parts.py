"""The parts of a W3C Thing Description: data schemas and forms, and what all parts share.

The rules are those of TD 1.1; with `model` those of a Thing Model, where values may be placeholders
and little has to be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jalon.run.wot.findings import (
    Problems,
    Rule,
    Where,
    count_rule,
    entries,
    error,
    expected,
    flag_rule,
    has_placeholder,
    is_kind,
    items,
    kind_of,
    languages_rule,
    of_kind,
    one_of,
    reference_rule,
    text_rule,
    texts,
    warning,
    words_rule,
)
from jalon.vocab.text import N_

OPERATIONS = {
    "properties": ("readproperty", "writeproperty", "observeproperty", "unobserveproperty"),
    "actions": ("invokeaction", "queryaction", "cancelaction"),
    "events": ("subscribeevent", "unsubscribeevent"),
    "": (
        "readallproperties",
        "writeallproperties",
        "readmultipleproperties",
        "writemultipleproperties",
        "observeallproperties",
        "unobserveallproperties",
        "queryallactions",
        "subscribeallevents",
        "unsubscribeallevents",
    ),
}
"""What a form may do, by where it stands; "" is the top of the document."""
JSON_TYPES = ("boolean", "integer", "number", "string", "object", "array", "null")


@dataclass(frozen=True, slots=True)
class Parts:
    """Checks the parts of one document. `security` and `schemas` are the names it defines."""

    model: bool
    security: frozenset[str]
    schemas: frozenset[str]
    extends: bool = False
    """A Thing Model may use what it inherits."""

    def apply(self, value: Mapping[str, object], rules: Mapping[str, Rule], at: Where) -> Problems:
        """Each rule to the value under its key, if there is one; placeholders pass in a model."""
        for key, rule in rules.items():
            if key in value and not (self.model and has_placeholder(value[key])):
                yield from rule(value[key], (*at, key))

    def schema(self, value: object, at: Where) -> Problems:
        """A data schema and all inside it."""
        if not isinstance(value, Mapping):
            yield expected(at, "object", value)
            return
        number = of_kind("number")
        yield from self.apply(
            value,
            {
                **self.described(),
                "type": one_of(JSON_TYPES),
                "unit": text_rule,
                "format": text_rule,
                "contentEncoding": text_rule,
                "contentMediaType": text_rule,
                "readOnly": flag_rule,
                "writeOnly": flag_rule,
                "minimum": number,
                "maximum": number,
                "exclusiveMinimum": number,
                "exclusiveMaximum": number,
                "multipleOf": _multiple,
                "minItems": count_rule,
                "maxItems": count_rule,
                "minLength": count_rule,
                "maxLength": count_rule,
                "pattern": _pattern,
                "enum": _enumeration,
                "required": _required,
                "oneOf": self._schemas,
                "items": self._items,
                "properties": self.by_name(self.schema),
                "tm:ref": self.reference,
            },
            at,
        )
        yield from _sense(self.model, value, at)

    def described(self) -> Mapping[str, Rule]:
        """The words that may stand in any part."""
        return {
            "@type": self._type,
            "title": text_rule,
            "description": text_rule,
            "titles": languages_rule,
            "descriptions": languages_rule,
        }

    def by_name(self, rule: Rule) -> Rule:
        """The rule for an object whose every value follows `rule`."""

        def named(value: object, at: Where) -> Problems:
            if not isinstance(value, Mapping):
                yield expected(at, "object", value)
            for key, one, where in entries(value, at):
                if self.model and has_placeholder(key):
                    yield error(where, N_("A placeholder cannot be a name."))
                yield from rule(one, where)

        return named

    def reference(self, value: object, at: Where) -> Problems:
        """A `tm:ref`: a Thing Model, `#`, and a JSON Pointer into it."""
        if not self.model:
            yield warning(at, N_("`tm:ref` belongs to Thing Models."))
        if not isinstance(value, str) or "#/" not in value:
            message = N_("A `tm:ref` is a file or URI with a pointer: lamp.tm.json#/properties/on.")
            yield error(at, message)

    def forms(self, place: str) -> Rule:
        """The rule for the forms of `properties`, `actions`, `events` or "", the top."""

        def rule(value: object, at: Where) -> Problems:
            if not isinstance(value, list):
                yield expected(at, "array", value)
                return
            if not value:
                yield error(at, N_("At least one form is needed."))
            for one, where in items(value, at):
                yield from self._form(one, where, place)

        return rule

    def _form(self, value: object, at: Where, place: str) -> Problems:
        if not isinstance(value, Mapping):
            yield expected(at, "object", value)
            return
        if not self.model:
            for key in ("href", "op") if not place else ("href",):
                if key not in value:
                    yield error(at, N_("“{key}” is missing."), key=key)
        yield from self.apply(
            value,
            {
                "href": reference_rule,
                "op": self._operations(place),
                "contentType": text_rule,
                "contentCoding": text_rule,
                "subprotocol": text_rule,
                "security": self.names("security", self.security),
                "scopes": words_rule,
                "response": self._response,
                "additionalResponses": self._responses,
            },
            at,
        )

    def _operations(self, place: str) -> Rule:
        allowed = one_of(OPERATIONS[place])

        def rule(value: object, at: Where) -> Problems:
            if isinstance(value, list):
                if not value:
                    yield error(at, N_("At least one operation is needed."))
                for one, where in items(value, at):
                    if not (self.model and has_placeholder(one)):
                        yield from allowed(one, where)
            else:
                yield from allowed(value, at)

        return rule

    def names(self, what: str, known: Iterable[str]) -> Rule:
        """The rule that one or more names are among those defined."""
        known = frozenset(known)

        def rule(value: object, at: Where) -> Problems:
            yield from words_rule(value, at)
            if isinstance(value, list) and not value:
                yield error(at, N_("At least one name is needed."))
            for one in texts(value):
                open_end = self.model and (has_placeholder(one) or self.extends)
                if one not in known and not open_end:
                    message = N_("“{name}” is not among the {what} definitions.")
                    yield error(at, message, name=one, what=what)

        return rule

    def _response(self, value: object, at: Where) -> Problems:
        if not isinstance(value, Mapping):
            yield expected(at, "object", value)
        elif "contentType" not in value and not self.model:
            yield error(at, N_("“{key}” is missing."), key="contentType")
        else:
            yield from self.apply(value, {"contentType": text_rule}, at)

    def _responses(self, value: object, at: Where) -> Problems:
        if not isinstance(value, list):
            yield expected(at, "array", value)
        for one, where in items(value, at):
            if not isinstance(one, Mapping):
                yield expected(where, "object", one)
                continue
            rules: dict[str, Rule] = {
                "contentType": text_rule,
                "success": flag_rule,
                "schema": self.names("schema", self.schemas),
            }
            yield from self.apply(one, rules, where)
            if not one.keys() & rules.keys():
                yield warning(where, N_("This additional response says nothing."))

    def _type(self, value: object, at: Where) -> Problems:
        yield from words_rule(value, at)
        if "tm:ThingModel" in texts(value) and len(at) > 1:
            yield error(at, N_("Only the whole document is a Thing Model."))

    def _schemas(self, value: object, at: Where) -> Problems:
        if not isinstance(value, list):
            yield expected(at, "array", value)
        for one, where in items(value, at):
            yield from self.schema(one, where)

    def _items(self, value: object, at: Where) -> Problems:
        yield from self._schemas(value, at) if isinstance(value, list) else self.schema(value, at)


def _multiple(value: object, at: Where) -> Problems:
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield expected(at, "number", value)
    elif value <= 0:
        yield error(at, N_("A multiple is greater than 0."))


def _pattern(value: object, at: Where) -> Problems:
    yield from text_rule(value, at)


def _enumeration(value: object, at: Where) -> Problems:
    if not isinstance(value, list):
        yield expected(at, "array", value)
    elif not value:
        yield error(at, N_("An enumeration needs a value at least."))
    elif any(one in value[:index] and _same(one, value[:index]) for index, one in enumerate(value)):
        yield error(at, N_("A value is given twice."))


def _same(one: object, others: list[object]) -> bool:
    """Python takes True for 1; JSON does not."""
    return any(
        one == other and isinstance(one, bool) == isinstance(other, bool) for other in others
    )


def _required(value: object, at: Where) -> Problems:
    if not isinstance(value, list):
        yield expected(at, "array", value)
    yield from words_rule(value, at) if isinstance(value, list) else ()


def _sense(model: bool, value: Mapping[str, object], at: Where) -> Problems:
    """What is allowed and seldom meant."""
    kind = value.get("type")
    if "enum" in value and "const" in value:
        yield warning(at, N_("An enumeration and a constant together say too much."))
    if kind == "array" and "items" not in value and "tm:ref" not in value:
        yield warning(at, N_("This array does not say what its items are."))
    if kind == "object" and "properties" not in value and "tm:ref" not in value:
        yield warning(at, N_("This object does not say what its properties are."))
    if value.get("readOnly") is True and value.get("writeOnly") is True:
        yield warning(at, N_("It is said to be for reading only and for writing only."))
    low, high = value.get("minimum"), value.get("maximum")
    if is_kind(low, "number") and is_kind(high, "number") and low > high:  # type: ignore[operator]
        yield warning(at, N_("The minimum is above the maximum."))
    if kind in JSON_TYPES and isinstance(value.get("enum"), list):
        yield from _words_fit(model, str(kind), value["enum"], (*at, "enum"))


def _words_fit(model: bool, kind: str, words: object, at: Where) -> Problems:
    """Values of an enumeration that are not of the type can never come; if none is, the
    schema contradicts itself."""
    strange = [
        (one, where)
        for one, where in items(words, at)
        if not is_kind(one, kind) and not (model and has_placeholder(one))
    ]
    tell = error if isinstance(words, list) and len(strange) == len(words) else warning
    for one, where in strange:
        message = N_("This is of type {found}, and the values are of type {expected}.")
        yield tell(where, message, found=kind_of(one), expected=kind)
