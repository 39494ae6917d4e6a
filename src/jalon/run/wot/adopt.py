"""A W3C Thing Description or Thing Model of somebody else's as a Thing Model of ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jalon.catalogues.unit_words import ucum_of
from jalon.run.things import PropertyType
from jalon.run.wot.check import TD_1_1
from jalon.run.wot.findings import (
    Problem,
    Where,
    entries,
    has_placeholder,
    is_kind,
    kind_of,
    warning,
)
from jalon.vocab.entries import is_identifier
from jalon.vocab.text import N_

JALON_TERMS = "https://jalon.example/terms#"
_SCALARS = tuple(one.value for one in PropertyType if one is not PropertyType.OBJECT)
_DESCRIBED = ("title", "titles", "description", "descriptions")
_KEPT_AT_TOP = ("schema:manufacturer", "schema:model", "jalon:period", "jalon:codec")
_KEPT_OF_A_PROPERTY = ("jalon:path", "jalon:scale", "jalon:offset", "jalon:signal")
_FORM_WORDS_LEFT = ("security", "scopes", "response", "additionalResponses")
_DEEPEST = 4


@dataclass(slots=True)
class Adopted:
    """`model` is a Thing Model as its file says it; `left_out` is what of the document is not in
    it, or not as it was."""

    model: dict[str, object]
    left_out: list[Problem] = field(default_factory=list)


def identifier(text: str) -> str:
    """An id out of a name: letters without accents, digits, “-” and “_”; "" when nothing is
    left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^A-Za-z0-9_-]+", "-", plain).strip("-_")[:64]


def adopt(document: Mapping[str, object], title: str) -> Adopted:
    """Our Thing Model of a document that is valid, with `title` if it has none. What we have no
    use for is told."""
    return _Adoption(document).run(title)


class _Adoption:
    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document
        self._adopted = Adopted({})

    def run(self, title: str) -> Adopted:
        document, model = self._document, self._adopted.model
        model["@context"] = self._context()
        model["@type"] = "tm:ThingModel"
        model |= self._described(document, ())
        model.setdefault("title", title)
        version = document.get("version")
        if isinstance(version, Mapping) and isinstance(version.get("model"), str):
            model["version"] = {"model": version["model"]}
        for key in _KEPT_AT_TOP:
            given = document.get(key)
            if key.startswith("schema:") and isinstance(given, Mapping):
                given = given.get("schema:name", given.get("name"))
            if isinstance(given, str) or (given is not None and key.startswith("jalon:")):
                model[key] = given
            elif key in document:
                self._leave((key,), N_("“{key}” is not used here."), key=key)
        for key in _TOLD_AT_TOP:
            if key in document:
                self._leave((key,), _TOLD_AT_TOP[key])
        properties: dict[str, object] = {}
        for name, declared, at in entries(document.get("properties"), ("properties",)):
            if isinstance(declared, Mapping):
                for found, made in self._property(name, declared, at, ()):
                    self._add(properties, found, made, at)
        if properties:
            model["properties"] = properties
        for place, make in (("actions", self._action), ("events", self._event)):
            made_all: dict[str, object] = {}
            for name, declared, at in entries(document.get(place), (place,)):
                if isinstance(declared, Mapping):
                    self._add(made_all, name, make(declared, at), at)
            if made_all:
                model[place] = made_all
        return self._adopted

    def _leave(self, at: Where, message: str, **params: object) -> None:
        self._adopted.left_out.append(warning(at, message, **params))

    def _add(self, into: dict[str, object], name: str, made: object, at: Where) -> None:
        """Under its own name, if it can be one of ours."""
        plain = name if is_identifier(name) else identifier(name)
        if not plain or plain in into:
            self._leave(at, N_("The name “{name}” cannot be used here."), name=name)
            return
        if plain != name:
            self._leave(at, N_("“{name}” is called “{id}” here."), name=name, id=plain)
        into[plain] = made

    def _context(self) -> list[object]:
        """The one of TD 1.1, and the prefixes that the document uses."""
        given = self._document.get("@context")
        prefixes: dict[str, object] = {}
        for one in given if isinstance(given, list) else []:
            if isinstance(one, Mapping):
                prefixes |= {key: uri for key, uri in one.items() if not key.startswith("@")}
        prefixes.setdefault("jalon", JALON_TERMS)
        return [TD_1_1, prefixes]

    def _described(self, value: Mapping[str, object], at: Where) -> dict[str, object]:
        """Titles and descriptions; those with a placeholder say nothing yet."""
        found: dict[str, object] = {}
        for key in _DESCRIBED:
            given = value.get(key)
            if key in ("titles", "descriptions") and isinstance(given, Mapping):
                found[key] = {
                    tag.partition("-")[0].lower(): text
                    for tag, text in given.items()
                    if not has_placeholder(text)
                }
            elif isinstance(given, str) and not has_placeholder(given):
                found[key] = given
            elif given is not None:
                self._leave((*at, key), _PLACEHOLDER)
        return found

    def _property(
        self, name: str, declared: Mapping[str, object], at: Where, path: tuple[str, ...]
    ) -> Iterator[tuple[str, dict[str, object]]]:
        """The property, or those that its object is made of."""
        kind = _type(declared)
        inside = declared.get("properties")
        path = (*path, name)
        if kind == "object" and not _is_location(declared):
            if not isinstance(inside, Mapping) or not inside or len(path) > _DEEPEST:
                self._leave(at, N_("An object that does not say what is in it cannot be kept."))
                return
            for key, one, where in entries(inside, (*at, "properties")):
                if isinstance(one, Mapping):
                    shared = {k: declared[k] for k in _SHARED if k in declared and k not in one}
                    yield from self._property(key, {**shared, **one}, where, path)
            return
        if kind == "":
            self._leave(at, N_("It does not say of which type its values are."))
            return
        if kind not in (*_SCALARS, "object"):
            self._leave(at, N_("A property of type {type} cannot be kept."), type=kind)
            return
        made = self._schema(declared, at)
        for key in ("readOnly", "writeOnly", "observable"):
            if declared.get(key) is True:
                made[key] = True
        made |= {key: declared[key] for key in ("@type", *_KEPT_OF_A_PROPERTY) if key in declared}
        if len(path) > 1:
            made["jalon:path"] = ".".join(path)
        if forms := self._forms(declared, at):
            made["forms"] = forms
        if "uriVariables" in declared:
            self._leave((*at, "uriVariables"), N_("Variables of an address are not used here."))
        yield "_".join(path), made

    def _schema(self, declared: Mapping[str, object], at: Where) -> dict[str, object]:
        """A data schema with what we know of it."""
        kind = _type(declared)
        made: dict[str, object] = {"type": kind, **self._described(declared, at)}
        unit = declared.get("unit")
        if isinstance(unit, str) and kind in ("number", "integer"):
            code = None if has_placeholder(unit) else ucum_of(unit)
            if code is not None:
                made["unit"] = code
            else:
                self._leave((*at, "unit"), N_("The unit “{unit}” is not known."), unit=unit)
        elif unit is not None:
            self._leave((*at, "unit"), N_("Only numbers have a unit."))
        for ours, theirs in (
            ("minimum", ("minimum", "exclusiveMinimum")),
            ("maximum", ("maximum", "exclusiveMaximum")),
        ):
            for key in theirs:
                bound = declared.get(key)
                if is_kind(bound, "number") and kind in ("number", "integer"):
                    made[ours] = bound
                elif bound is not None:
                    self._leave((*at, key), _PLACEHOLDER)
        words = declared.get("enum", [declared["const"]] if "const" in declared else None)
        if isinstance(words, list) and not any(map(has_placeholder, words)):
            made["enum"] = words
        if "default" in declared and not has_placeholder(declared["default"]):
            made["default"] = declared["default"]
        for key in _CONSTRAINTS:
            if key in declared:
                self._leave((*at, key), N_("“{key}” is not used here."), key=key)
        return made

    def _forms(self, declared: Mapping[str, object], at: Where) -> list[object]:
        """Forms as they are, without what belongs to the credentials of one Thing."""
        forms = declared.get("forms")
        kept: list[object] = []
        for index, form in enumerate(forms if isinstance(forms, list) else []):
            if any(map(has_placeholder, form.values())):
                self._leave((*at, "forms", index), _PLACEHOLDER)
                continue
            ours = {key: one for key, one in form.items() if key not in _FORM_WORDS_LEFT}
            if isinstance(form.get("href"), str):
                ours["href"] = _relative(form["href"])
            kept.append(ours)
        return kept

    def _action(self, declared: Mapping[str, object], at: Where) -> dict[str, object]:
        made = self._described(declared, at)
        for end in ("input", "output"):
            if (schema := self._end(declared, end, at)) is not None:
                made[end] = schema
        made |= {key: True for key in ("safe", "idempotent") if declared.get(key) is True}
        if forms := self._forms(declared, at):
            made["forms"] = forms
        return made

    def _event(self, declared: Mapping[str, object], at: Where) -> dict[str, object]:
        made = self._described(declared, at)
        if (schema := self._end(declared, "data", at)) is not None:
            made["data"] = schema
        for key in ("forms", "subscription", "cancellation", "dataResponse"):
            if key in declared:
                self._leave((*at, key), N_("“{key}” is not used here."), key=key)
        return made

    def _end(self, declared: Mapping[str, object], key: str, at: Where) -> dict[str, object] | None:
        """What an action takes or gives, or an event tells."""
        schema = declared.get(key)
        if not isinstance(schema, Mapping):
            return None
        kind = _type(schema)
        if kind == "":
            self._leave((*at, key), N_("It does not say of which type its values are."))
            return None
        if kind not in (*_SCALARS, "object"):
            self._leave((*at, key), N_("Data of type {type} cannot be kept."), type=kind)
            return None
        return self._schema(schema, (*at, key))


_SHARED = ("readOnly", "writeOnly", "observable", "forms")
"""What the parts of an object have from it."""
_PLACEHOLDER = N_("A placeholder has no value yet.")
_CONSTRAINTS = (
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "oneOf",
    "contentEncoding",
    "contentMediaType",
)
_TOLD_AT_TOP = {
    "securityDefinitions": N_("How one Thing is protected is not part of its type."),
    "base": N_("The address of one Thing is not part of its type; the forms keep their own."),
    "forms": N_("Forms for all properties at once are not used here."),
    "links": N_("Links are not kept."),
    "uriVariables": N_("Variables of an address are not used here."),
    "schemaDefinitions": N_("Shared schemas are not used here."),
    "tm:optional": N_("Properties that may be missing are kept like the others."),
}


def _type(schema: Mapping[str, object]) -> str:
    """The JSON type it says, or the one that follows from what it says; "" when none does."""
    given = schema.get("type")
    if isinstance(given, str):
        return given
    words = schema.get("enum")
    sample = words[0] if isinstance(words, list) and words else schema.get("const")
    if sample is not None:
        return kind_of(sample)
    if schema.keys() & {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "unit"}:
        return "number"
    if "properties" in schema:
        return "object"
    return ""


def _is_location(schema: Mapping[str, object]) -> bool:
    """Whether an object is a place on Earth, as ours are."""
    inside = schema.get("properties")
    if not isinstance(inside, Mapping):
        return False
    return {"latitude", "longitude"} <= inside.keys() <= {"latitude", "longitude", "altitude"}


def _relative(href: str) -> str:
    """An address without its host where our links want it so: that is in `links.yaml`."""
    found = _ABSOLUTE.fullmatch(href)
    return (found["register"] or found["node"]) if found else href


_ABSOLUTE = re.compile(
    r"modbus\+tcp://[^/]+/[0-9]+/(?P<register>[0-9]+(\?.*)?)"
    r"|opc\.tcp://[^?]+\?(id=)?(?P<node>(ns=|nsu=|i=|s=|g=|b=).+)"
)
