"""Types of devices from and to the Web of Things: documents read into `things/`, and written for
the devices there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import ValidationError

from jalon.adapters.folder import json_reader, yaml_reader
from jalon.adapters.folder.document import Document, Draft
from jalon.adapters.folder.plain_text import decode
from jalon.app.local import Endpoint, read_run
from jalon.app.solution import Solution
from jalon.run.fleet import Device
from jalon.run.fleet_checks import check_things
from jalon.run.things import ThingModel
from jalon.run.wot.adopt import adopt, identifier
from jalon.run.wot.asyncapi import asyncapi
from jalon.run.wot.check import problems
from jalon.run.wot.describe import Places, describe
from jalon.run.wot.findings import Problem
from jalon.run.wot.inherit import inherited
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Finding, Place, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

_ENDINGS = (".json", ".jsonld", ".yaml", ".yml")
_KIND_ENDINGS = (".tm", ".td")
_HTTP_PORT, _MQTT_PORT, _WEBSOCKET_PORT = 8080, 1883, 8083


@dataclass(slots=True)
class Imported:
    """What became of one document: the file made of it, None when it was refused for an error
    among `findings`. `left_out` is what of it is not in the file, each with its JSON Pointer."""

    source: Path
    target: Path | None = None
    findings: list[Finding] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to import: the `id` of the type (for one document), whether a file there may be
    replaced, and whether to look only."""

    id: str | None = None
    replace: bool = False
    dry: bool = False


def import_documents(folder: Path, source: Path, wishes: Wishes) -> Iterator[Imported]:
    """Make types of the Thing Descriptions and Thing Models in a file, or in all files of a
    folder. Raises UsageError when there is nothing to read, or no solution."""
    if not (folder / "solution.yaml").is_file():
        raise UsageError(Text(N_("There is no solution in {folder}."), {"folder": folder}))
    if source.is_dir():
        files = [one for one in sorted(source.iterdir()) if one.suffix in _ENDINGS]
    else:
        files = [source]
    if not files or not files[0].is_file():
        raise UsageError(Text(N_("There is nothing to import in {source}."), {"source": source}))
    if wishes.id is not None and len(files) > 1:
        raise UsageError(Text(N_("An id can be given to one document only.")))
    for file in files:
        yield _import_one(folder, file, wishes)


def description(solution: Solution, device_id: str, places: Places) -> dict[str, object]:
    """The Thing Description of a device. Raises UsageError when there is no such device."""
    device = solution.device(device_id)
    if device is None:
        known = [one.id for one in solution.fleet.devices]
        raise UsageError(
            Text(
                N_("There is no device “{id}”. {hint}"),
                {"id": device_id, "hint": nearest(device_id, known)},
            )
        )
    return describe(solution.about.id, device, solution.things[device.thing], places)


def descriptions(
    solution: Solution, device_id: str | None, places: Places
) -> dict[str, dict[str, object]]:
    """Thing Descriptions by device: of one, or of all that are in service."""
    chosen = [device_id] if device_id else [one.id for one in _in_service(solution)]
    return {name: description(solution, name, places) for name in chosen}


def async_document(solution: Solution, places: Places) -> dict[str, object]:
    """The AsyncAPI 3.0 document of the MQTT side."""
    title = solution.about.name.in_language("en")
    devices = _in_service(solution)
    return asyncapi(solution.about.id, title, devices, solution.things, places)


def places_of(
    folder: Path, http: str | None = None, mqtt: str | None = None, host: str | None = None
) -> Places:
    """Where the solution is reached: as given, else as it runs now, else by the usual ports.
    `host` is the name by which this machine is known when it listens on all of its addresses."""
    run = read_run(folder)
    web = run.http if run else Endpoint("127.0.0.1", _HTTP_PORT)
    broker = run.mqtt if run else Endpoint("127.0.0.1", _MQTT_PORT)
    socket = run.websocket if run else Endpoint("127.0.0.1", _WEBSOCKET_PORT)
    certificates = run.certificates if run else None
    return Places(
        (http or _url(web, "http", host)).rstrip("/"),
        (mqtt or _url(broker, "mqtt", host)).rstrip("/"),
        None if mqtt or socket is None else f"{_url(socket, 'ws', host)}/mqtt",
        None if mqtt or certificates is None else _url(certificates, "mqtt", host),
    )


def _url(endpoint: Endpoint, scheme: str, host: str | None) -> str:
    name = host if host and endpoint.near != endpoint.host else endpoint.near
    bracketed = f"[{name}]" if ":" in name else name
    return f"{scheme}{'s' if endpoint.tls else ''}://{bracketed}:{endpoint.port}"


def _in_service(solution: Solution) -> Sequence[Device]:
    return [one for one in solution.fleet.devices if one.retired is None]


def _import_one(folder: Path, source: Path, wishes: Wishes) -> Imported:
    done = Imported(source)
    document = _read(source, done)
    if document is None or not isinstance(document.value, Mapping):
        if not done.findings:
            text = Text(N_("A Thing Description is an object."))
            done.findings.append(_finding(document, source, (), Severity.ERROR, text))
        return done
    value: Mapping[str, object] = document.value
    found = problems(value)
    missing: list[Problem] = []
    if not _errors(found):
        value, missing = inherited(value, lambda name: _beside(source, name))
        found += missing if not _says_something(value) else []
    done.findings += [
        _finding(document, source, one.where, one.severity, one.text) for one in found
    ]
    if _errors(found):
        return done
    name = wishes.id or _id_of(source, value)
    adopted = adopt(value, name)
    done.left_out = [*missing, *adopted.left_out]
    faults = list(_faults(name, adopted.model))
    faults += [] if wishes.replace else _already_there(folder, name)
    done.findings += [_finding(document, source, (), Severity.ERROR, one) for one in faults]
    if not faults:
        done.target = folder / "things" / f"{name}.tm.yaml"
        if not wishes.dry:
            _write(done.target, source.name, adopted.model)
    return done


def _read(source: Path, done: Imported) -> Document | None:
    """The document with its places; faults of its writing go to `done`."""
    draft = Draft(str(source))
    try:
        content = source.read_bytes()
    except OSError as problem:
        raise UsageError(
            Text(
                N_("{file} cannot be read: {reason}"),
                {"file": source, "reason": str(problem.strerror)},
            )
        ) from problem
    text = decode(content, draft)
    if text is None:
        done.findings += draft.findings
        return None
    reader = json_reader if source.suffix in (".json", ".jsonld") else yaml_reader
    document = reader.read(text, draft)
    done.findings += draft.findings
    return None if draft.findings else document


def _beside(source: Path, name: str) -> Mapping[str, object] | None:
    """A document in the same folder that another one refers to; never one elsewhere."""
    path = source.parent / name.removeprefix("./")
    if "/" in name.removeprefix("./") or not name or not path.is_file():
        return None
    document = _read(path, Imported(path))
    value = document.value if document is not None else None
    return value if isinstance(value, Mapping) and not _errors(problems(value)) else None


def _id_of(source: Path, value: Mapping[str, object]) -> str:
    stem = source.stem
    for ending in _KIND_ENDINGS:
        stem = stem.removesuffix(ending)
    return identifier(stem) or identifier(str(value.get("title", ""))) or "thing"


def _faults(name: str, model: Mapping[str, object]) -> Iterator[Text]:
    """Why what was made of a document is no type of ours."""
    if name != identifier(name):
        yield Text(N_("“{id}” cannot be an id."), {"id": name})
    try:
        thing = ThingModel.model_validate(model)
    except ValidationError as wrong:
        for one in wrong.errors():
            yield Text(
                N_("{path}: {reason}"),
                {"path": "/".join(map(str, one["loc"])), "reason": one["msg"]},
            )
        return
    for remark in check_things({name: thing}):
        if remark.severity is Severity.ERROR:
            yield Text(
                N_("{path}: {reason}"),
                {"path": "/".join(map(str, remark.at.path)), "reason": remark.text},
            )


def _already_there(folder: Path, name: str) -> list[Text]:
    for ending in (".tm.yaml", ".tm.json"):
        if (folder / "things" / f"{name}{ending}").exists():
            message = N_("There is a type “{id}” already; give another id, or replace it.")
            return [Text(message, {"id": name})]
    return []


def _write(target: Path, source: str, model: Mapping[str, object]) -> None:
    body = yaml.safe_dump(dict(model), sort_keys=False, allow_unicode=True, width=100)
    try:
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"# Made of {source} by “jalon things import”.\n{body}", "utf-8")
    except OSError as problem:
        raise UsageError(
            Text(
                N_("{file} cannot be written: {reason}"),
                {"file": target, "reason": str(problem.strerror)},
            )
        ) from problem


def _says_something(model: Mapping[str, object]) -> bool:
    """Whether anything is left of a model of which parts are not at hand."""
    return any(model.get(key) for key in ("properties", "actions", "events"))


def _errors(found: Sequence[Problem]) -> bool:
    return any(one.severity is Severity.ERROR for one in found)


def _finding(
    document: Document | None,
    source: Path,
    where: tuple[str | int, ...],
    severity: Severity,
    text: Text,
) -> Finding:
    """A problem with its line and column; its JSON Pointer is the rule's place in the output."""
    pointer = Problem(severity, where, text).pointer
    place = document.place(where) if document is not None else Place(str(source))
    return Finding(f"td:{pointer}", severity, place, text)
