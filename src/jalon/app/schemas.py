"""JSON Schemas of the solution's files for editors, and their reference for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from jalon.app.link_kinds import links_file
from jalon.design.spec.accessibility import AccessibilityFile
from jalon.design.spec.architecture import ArchitectureFile
from jalon.design.spec.choices import ChoicesFile
from jalon.design.spec.documents import DocumentsFile
from jalon.design.spec.ebios import EbiosFile
from jalon.design.spec.privacy import PrivacyFile
from jalon.design.spec.prototype import PrototypeFile
from jalon.design.spec.regulation import RegulationFile
from jalon.design.spec.reviews import ReviewsFile
from jalon.design.spec.security import SecurityFile
from jalon.design.spec.sizing import SizingFile
from jalon.design.spec.solution import SolutionFile
from jalon.design.spec.tests import CasesFile, ResultsFile
from jalon.design.spec.watch import WatchFile
from jalon.run.alarms.spec import AlarmsFile
from jalon.run.calendars import CalendarsFile
from jalon.run.commands.spec import CommandsFile
from jalon.run.fleet import DevicesFile, SitesFile
from jalon.run.integrations.spec import IntegrationsFile
from jalon.run.notices.spec import NotificationsFile
from jalon.run.rules.spec import RuleFile
from jalon.run.things import ThingModel
from jalon.run.twins.spec import GroupsFile
from jalon.run.updates.spec import UpdatesFile
from jalon.vocab.errors import UsageError
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

Schema = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file of the folder. `pattern` is where such files stand."""

    name: str
    pattern: str
    model: type[BaseModel]


KINDS = (
    FileKind("solution", "solution.yaml", SolutionFile),
    FileKind("architecture", "architecture.yaml", ArchitectureFile),
    FileKind("security", "security.yaml", SecurityFile),
    FileKind("ebios", "ebios.yaml", EbiosFile),
    FileKind("privacy", "privacy.yaml", PrivacyFile),
    FileKind("regulation", "regulation.yaml", RegulationFile),
    FileKind("accessibility", "accessibility.yaml", AccessibilityFile),
    FileKind("watch", "watch.yaml", WatchFile),
    FileKind("sizing", "sizing.yaml", SizingFile),
    FileKind("choices", "choices.yaml", ChoicesFile),
    FileKind("prototype", "prototype.yaml", PrototypeFile),
    FileKind("documents", "documents.yaml", DocumentsFile),
    FileKind("reviews", "reviews.yaml", ReviewsFile),
    FileKind("tests", "tests/*.yaml", CasesFile),
    FileKind("results", "tests/results/by-hand.yaml", ResultsFile),
    FileKind("links", "links.yaml", links_file()),
    FileKind("thing", "things/*.tm.yaml", ThingModel),
    FileKind("sites", "fleet/sites.yaml", SitesFile),
    FileKind("devices", "fleet/devices.yaml", DevicesFile),
    FileKind("groups", "fleet/groups.yaml", GroupsFile),
    FileKind("calendars", "calendars.yaml", CalendarsFile),
    FileKind("rules", "rules/*.yaml", RuleFile),
    FileKind("alarms", "alarms.yaml", AlarmsFile),
    FileKind("notifications", "notifications.yaml", NotificationsFile),
    FileKind("commands", "commands.yaml", CommandsFile),
    FileKind("updates", "updates.yaml", UpdatesFile),
    FileKind("integrations", "integrations.yaml", IntegrationsFile),
)


def kind(name: str) -> FileKind:
    """The kind of that name. Raises UsageError."""
    for one in KINDS:
        if one.name == name:
            return one
    raise UsageError(
        Text(
            N_("There is no schema “{name}”. {hint}"),
            {"name": name, "hint": nearest(name, [one.name for one in KINDS])},
        )
    )


def schema(of: FileKind) -> dict[str, object]:
    """Its JSON Schema (draft 2020-12)."""
    made = of.model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def reference() -> str:
    """Every key of every file as Markdown tables, from the models themselves."""
    lines: list[str] = []
    told: set[str] = set()
    for one in KINDS:
        made = schema(one)
        lines += [f"## `{one.pattern}`", "", _paragraph(made), ""]
        lines += _table(made)
        parts = made.get("$defs", {})
        assert isinstance(parts, Mapping)
        for name, part in parts.items():
            if name not in told:
                told.add(name)
                lines += _part(name, part)
    return "\n".join(lines).rstrip() + "\n"


def _part(name: str, part: Schema) -> Iterator[str]:
    yield from (f"### {name}", "", _paragraph(part), "")
    words = part.get("enum")
    if isinstance(words, list):
        yield from ("One of: " + ", ".join(f"`{word}`" for word in words) + ".", "")
    yield from _table(part)


def _paragraph(part: Schema) -> str:
    return " ".join(str(part.get("description", "")).split())


def _table(part: Schema) -> Iterator[str]:
    if "anyOf" in part:  # a text, or an object
        options = part["anyOf"]
        assert isinstance(options, list)
        part = next(option for option in options if "properties" in option)
    properties = part.get("properties")
    if not isinstance(properties, Mapping):
        return
    required = part.get("required", ())
    assert isinstance(required, list | tuple)
    # The simulator's signals tell their keys in one sentence: no empty column for them.
    told = any("description" in value for value in properties.values())
    yield "| Key | Value |" + " Meaning |" * told
    yield "| --- | --- |" + " --- |" * told
    for key, value in properties.items():
        star = " (required)" if key in required else ""
        row = f"| `{key}`{star} | {_shape(value)}{_default(value)} |"
        yield row + f" {_paragraph(value)} |" * told
    yield ""


def _default(value: Schema) -> str:
    default = value.get("default")
    simple = isinstance(default, str | int | float) and not isinstance(default, bool)
    return f", `{default}` when not given" if simple else ""


def _shape(value: Schema) -> str:
    """What a value looks like, in a few words."""
    if "$ref" in value:
        name = str(value["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for union in ("anyOf", "oneOf"):
        options = value.get(union)
        if isinstance(options, list):
            shapes = [_shape(option) for option in options if option.get("type") != "null"]
            return " or ".join(dict.fromkeys(shapes))
    if "const" in value:
        return f"`{value['const']}`"
    words = value.get("enum")
    if isinstance(words, list):
        return " or ".join(f"`{word}`" for word in words)
    match value.get("type"):
        case "array":
            items = value.get("items", {})
            return f"list of {_shape(items)}" if isinstance(items, Mapping) and items else "list"
        case "object":
            inside = value.get("additionalProperties") or value.get("patternProperties")
            if isinstance(inside, Mapping) and "$ref" not in inside and "type" not in inside:
                inside = next(iter(inside.values()))
            return f"names → {_shape(inside)}" if isinstance(inside, Mapping) else "object"
        case None:
            return "anything"
        case kind_of_value:
            return _WORDS.get(str(kind_of_value), str(kind_of_value)) + _bounds(value)


_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}
_BOUNDS = (
    ("minimum", "≥"),
    ("exclusiveMinimum", ">"),
    ("maximum", "≤"),
    ("exclusiveMaximum", "<"),
)


def _bounds(value: Schema) -> str:
    return "".join(f" {sign} {value[key]}" for key, sign in _BOUNDS if key in value)
