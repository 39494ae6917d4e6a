"""Writes `src/jalon/client/` from the OpenAPI description of the application.

    python tools/make_client.py [--check]

A module for each tag has its calls and the shapes only they use; `shared` has the others.
"""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "src" / "jalon" / "client"
WRITTEN_BY_HAND = frozenset({"transport.py"})
HEAD = '"""{doc}\n\nWritten by tools/make_client.py: change the application, not this file.\n"""\n'
_SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_TAKEN = frozenset({"Call", "Event", "Transport"})
_LEFT_OUT = ("/metrics",)

Json = Mapping[str, Any]


@dataclass
class Operation:
    """A call: what it is, and where its shapes come from."""

    method: str
    path: str
    tag: str
    name: str
    described: Json
    shapes: set[str] = field(default_factory=set)


def main() -> None:
    """Write the files; with `--check` say whether they are up to date."""
    described = application()
    files = client(described)
    if "--check" in sys.argv:
        sys.exit(0 if files == on_disk() else "The client is not up to date: make client")
    for name in set(on_disk()) - set(files):
        (TARGET / name).unlink()
    for name, text in files.items():
        (TARGET / name).write_text(text, encoding="utf-8")
    print(f"{len(files)} modules in {TARGET.relative_to(ROOT)}")


def application() -> Json:
    """The description of the example school's application."""
    sys.path.insert(0, str(ROOT / "tests" / "fakes"))
    from school import open_school  # type: ignore[import-not-found,unused-ignore]

    from jalon.web.server import create

    with tempfile.TemporaryDirectory() as folder:
        school = open_school(Path(folder) / "school", length_ms=3_600_000)
        try:
            found: Json = create(school.running).openapi()
        finally:
            school.running.store.close()
    return found


def on_disk() -> dict[str, str]:
    """The generated files as they are."""
    return {
        path.name: path.read_text("utf-8")
        for path in TARGET.glob("*.py")
        if path.name not in WRITTEN_BY_HAND
    }


def client(described: Json) -> dict[str, str]:
    """Every file by name, formatted."""
    schemas = described["components"]["schemas"]
    names = class_names(schemas)
    operations = list(found_operations(described))
    users: dict[str, set[str]] = {}
    for one in operations:
        one.shapes = needed(one.described, schemas)
        for shape in one.shapes:
            users.setdefault(shape, set()).add(one.tag)
    shared = {shape for shape, tags in users.items() if len(tags) > 1}
    tags = sorted({one.tag for one in operations})
    files = {"__init__.py": front(tags), "shared.py": shapes_module(shared, schemas, names)}
    for tag in tags:
        mine = [one for one in operations if one.tag == tag]
        files[f"{tag}.py"] = tag_module(tag, mine, shared, schemas, names)
    return {name: formatted(text) for name, text in files.items()}


def found_operations(described: Json) -> Iterator[Operation]:
    """Those for programs, in the order of their addresses."""
    for path, methods in sorted(described["paths"].items()):
        for method, one in sorted(methods.items()):
            if {"device": []} in one["security"] or path in _LEFT_OUT:
                continue
            if {"session": []} in one["security"]:
                continue
            tag = re.sub("[^a-z0-9]+", "_", (one.get("tags") or ["operation"])[0].lower())
            name = one["operationId"].removeprefix(f"{tag}_")
            yield Operation(method.upper(), path, tag, name, one)


def class_names(schemas: Json) -> dict[str, str]:
    """A class name for each schema: of two with one name, each takes that of its package."""
    last = [one.rsplit("__", 1)[-1] for one in schemas]
    found = {}
    for one in schemas:
        *package, name = one.split("__")
        if name in _TAKEN and not package:
            name += "Shape"
        elif (last.count(name) > 1 or name in _TAKEN) and len(package) > 2:
            name = package[2].title().replace("_", "") + name
        found[one] = re.sub(r"\W", "", name.title() if not name[0].isupper() else name)
    return found


def needed(part: object, schemas: Json) -> set[str]:
    """Every schema that is reached from a part of the description."""
    found: set[str] = set()
    waiting = list(references(part))
    while waiting:
        name = waiting.pop()
        if name not in found and name != "Problem":
            found.add(name)
            waiting.extend(references(schemas[name]))
    return found


def references(part: object) -> Iterator[str]:
    """Schemas a part names."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].rsplit("/", 1)[-1]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def typed(schema: Json, names: Mapping[str, str]) -> str:
    """A Python type for a schema."""
    if "$ref" in schema:
        return names[schema["$ref"].rsplit("/", 1)[-1]]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(typed(one, names) for one in schema["anyOf"]))
    if "enum" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    match schema.get("type"):
        case "array":
            return f"list[{typed(schema.get('items', {}), names)}]"
        case "object":
            inside = schema.get("additionalProperties", True)
            return f"dict[str, {'object' if inside is True else typed(inside, names)}]"
        case str(kind):
            return _SIMPLE[kind]
        case _:
            return "object"


def shape(name: str, schemas: Json, names: Mapping[str, str]) -> str:
    """The class of a schema, or what it stands for."""
    schema = schemas[name]
    if "properties" not in schema:
        return f"{names[name]} = {typed(schema, names)}\n{doc(schema, '')}"
    required = set(schema.get("required", ()))
    keys = {
        key: typed(one, names) if key in required else f"NotRequired[{typed(one, names)}]"
        for key, one in schema["properties"].items()
    }
    if any(not key.isidentifier() or keyword.iskeyword(key) for key in keys):
        inside = ", ".join(f"{key!r}: {kind!r}" for key, kind in keys.items())
        return f"{names[name]} = TypedDict({names[name]!r}, {{{inside}}})\n{doc(schema, '')}"
    lines = "\n".join(f"    {key}: {kind}" for key, kind in keys.items())
    return f"class {names[name]}(TypedDict):\n{doc(schema, '    ')}\n{lines}\n"


def doc(schema: Json, indent: str) -> str:
    """Its description as a docstring."""
    text = schema.get("description") or schema.get("title") or "As it is answered."
    return f'{indent}"""{wrapped(text, indent)}"""\n'


def wrapped(text: str, indent: str) -> str:
    """Lines of at most 100 characters."""
    lines: list[str] = []
    for word in " ".join(text.replace("\\", "\\\\").split()).split(" "):
        if lines and len(lines[-1]) + len(word) < 90:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return f"\n{indent}".join(lines)


def shapes_module(shapes: set[str], schemas: Json, names: Mapping[str, str]) -> str:
    """What several areas answer with."""
    text = "\n\n".join(shape(one, schemas, names) for one in ordered(shapes, schemas))
    return HEAD.format(doc="What several areas of the API answer with.") + IMPORTS + "\n\n" + text


def ordered(shapes: set[str], schemas: Json) -> list[str]:
    """What is used by others comes first: some are values that need what they are made of."""
    found: list[str] = []

    def put(name: str, above: tuple[str, ...] = ()) -> None:
        if name in found or name in above:
            return
        for one in sorted(set(references(schemas[name])) & shapes):
            put(one, (*above, name))
        found.append(name)

    for one in sorted(shapes):
        put(one)
    return found


IMPORTS = """
from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NotRequired, TypedDict, Unpack, cast

"""


def tag_module(
    tag: str,
    operations: list[Operation],
    shared: set[str],
    schemas: Json,
    names: Mapping[str, str],
) -> str:
    """The calls of an area and the shapes only they use."""
    used = set().union(*(one.shapes for one in operations))
    imported = sorted(names[one] for one in used & shared)
    parts = [HEAD.format(doc=f"Calls: {tag.replace('_', ' ')}."), IMPORTS]
    if imported:
        parts.append(f"from jalon.client.shared import {', '.join(imported)}\n")
    parts.append("from jalon.client.transport import Call, Event, Transport, filled\n\n")
    parts += [f"{shape(one, schemas, names)}\n\n" for one in ordered(used - shared, schemas)]
    parts += [query_shape(one, names) for one in operations]
    parts.append(f"class {title(tag)}:\n")
    parts.append(f'    """Calls: {tag.replace("_", " ")}."""\n\n')
    parts.append("    def __init__(self, transport: Transport) -> None:\n")
    parts.append("        self._transport = transport\n\n")
    parts += [method(one, names, schemas) for one in operations]
    return "".join(parts)


def title(tag: str) -> str:
    """The class of an area."""
    return tag.title().replace("_", "")


def arguments(one: Operation, place: str) -> list[Json]:
    """Parameters of an operation that stand there."""
    return [given for given in one.described.get("parameters", ()) if given["in"] == place]


def is_key(given: Json) -> bool:
    """Whether a header makes a call safe to repeat."""
    return bool(given["name"].lower() == "idempotency-key")


def word(name: str) -> str:
    """A parameter's name in Python."""
    plain = re.sub(r"\W", "_", name).lower()
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def query_name(one: Operation) -> str:
    """The class of an operation's query."""
    return f"{title(one.tag)}{title(one.name)}Query"


def query_shape(one: Operation, names: Mapping[str, str]) -> str:
    """What may be asked for, as keyword arguments."""
    given = arguments(one, "query")
    if not given:
        return ""
    lines = [f"class {query_name(one)}(TypedDict):", f'    """Of `{one.name}`."""\n']
    for each in given:
        kind = typed(each["schema"], names)
        kind = kind if each.get("required") else f"NotRequired[{kind}]"
        lines.append(f"    {word(each['name'])}: {kind}")
        said = each.get("description") or each["schema"].get("description")
        if said:
            lines.append(f'    """{wrapped(said, "    ")}"""')
    return "\n".join(lines) + "\n\n\n"


def method(one: Operation, names: Mapping[str, str], schemas: Json) -> str:
    """The method of an operation."""
    taken = ["self", *(f"{word(each['name'])}: str" for each in arguments(one, "path"))]
    headers = arguments(one, "header")
    body = one.described.get("requestBody")
    inside = [f"{one.method!r}"]
    places = ", ".join(f"{word(p['name'])}={word(p['name'])}" for p in arguments(one, "path"))
    inside.append(f"filled({one.path!r}, {places})" if places else repr(one.path))
    if body:
        ((media, content), *_) = body["content"].items()
        optional = "" if body.get("required") else " = None"
        taken.append(f"body: {typed(content.get('schema', {}), names)}{optional}")
        inside.append("body=body")
        if media != "application/json":
            inside.append(f"media={media!r}")
    taken += [f"{word(each['name'])}: str | None = None" for each in headers]
    if headers:
        pairs = ", ".join(f"{each['name']!r}: {word(each['name'])}" for each in headers)
        inside.append(f"headers={{{pairs}}}")
    if any(map(is_key, headers)):
        inside.append("once=True")
    if arguments(one, "query"):
        taken.append(f"**query: Unpack[{query_name(one)}]")
        inside.append("query=query")
    returns, ending = answered(one, names)
    said = one.described.get("summary", "")
    more = one.described.get("description", "")
    text = f'        """{wrapped(f"{said}.", "        ")}'
    scopes = [each for way in one.described["security"] for each in way.get("token", ())]
    scope = ", ".join(scopes)
    told = " ".join(filter(None, (more, f"Scope: {scope}." if scope else "")))
    text += f'\n\n        {wrapped(told, "        ")}\n        """\n' if told else '"""\n'
    lines = f"    def {word(one.name)}({', '.join(taken)}) -> {returns}:\n{text}"
    lines += f"        call = Call({', '.join(inside)})\n        {ending}\n\n"
    return lines + pages(one, names, schemas)


def answered(one: Operation, names: Mapping[str, str]) -> tuple[str, str]:
    """What the method returns, and how."""
    media: dict[str, Json] = {}
    for status, answer in one.described["responses"].items():
        if status.startswith("2"):
            media |= answer.get("content", {})
    if "text/event-stream" in media:
        return "Iterator[Event]", "return self._transport.events(call)"
    schema = media.get("application/json", {}).get("schema")
    if schema:
        kind = typed(schema, names)
        if kind == "object":
            return "object", "return self._transport.answer(call)"
        return kind, f'return cast("{kind}", self._transport.answer(call))'
    if one.method == "GET" and not schema and "application/json" not in media:
        return "Iterator[bytes]", "return self._transport.chunks(call)"
    return "None", "self._transport.answer(call)"


def pages(one: Operation, names: Mapping[str, str], schemas: Json) -> str:
    """For what is answered a page at a time: a method that goes through all of them."""
    queries = {each["name"] for each in arguments(one, "query")}
    content = one.described["responses"].get("200", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    if not {"limit", "offset"} <= queries or not reference:
        return ""
    found = schemas[reference.rsplit("/", 1)[-1]].get("properties", {})
    lists = [key for key, value in found.items() if value.get("type") == "array"]
    if "total" not in found or len(lists) != 1:
        return ""
    (key,) = lists
    kind = typed(found[key]["items"], names)
    return (
        f"    def every_{word(one.name)}(self, **query: Unpack[{query_name(one)}])"
        f" -> Iterator[{kind}]:\n"
        f'        """`{word(one.name)}`, page after page."""\n'
        '        offset = query.get("offset", 0)\n'
        "        while True:\n"
        '            query["offset"] = offset\n'
        f"            page = self.{word(one.name)}(**query)\n"
        f"            yield from page[{key!r}]\n"
        f"            offset += len(page[{key!r}])\n"
        f"            if not page[{key!r}] or offset >= page['total']:\n"
        "                return\n\n"
    )


def front(tags: list[str]) -> str:
    """`Jalon`, with an attribute for each area."""
    lines = [HEAD.format(doc="A client of Jalon's API that needs nothing but Python.")]
    lines.append("\nfrom __future__ import annotations\n\n")
    lines += [f"from jalon.client.{tag} import {title(tag)}\n" for tag in tags]
    lines.append("from jalon.client.transport import ApiError, Event, Transport\n\n")
    lines.append('__all__ = ["ApiError", "Event", "Jalon"]\n\n\n')
    lines.append("class Jalon:\n")
    lines.append('    """A running solution. `url` is where its pages are, `token` an API token;')
    lines.append('\n    `ca` the file of Jalon\'s own authority when it has one.\n    """\n\n')
    lines.append("    def __init__(self, url: str, token: str, ca: str | None = None,")
    lines.append(" timeout_s: float = 30.0) -> None:\n")
    lines.append("        transport = Transport(url, token, ca, timeout_s)\n")
    lines += [f"        self.{tag} = {title(tag)}(transport)\n" for tag in tags]
    return "".join(lines)


def formatted(text: str) -> str:
    """As `ruff format` and its order of imports have it."""
    ruff = str(Path(sys.executable).parent / "ruff")
    name = ["--stdin-filename", str(TARGET / "made.py"), "-"]
    fixing = ["check", "--quiet", "--fix", "--exit-zero", "--select", "I,F401"]
    for command in (fixing, ["format", "--quiet"]):
        done = subprocess.run(
            [ruff, *command, *name], input=text, capture_output=True, text=True, check=True
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    main()
