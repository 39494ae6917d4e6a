"""Threat models of other tools: ours written in their format, theirs as drafts of our files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError

from jalon.adapters.folder import yaml_reader
from jalon.adapters.folder.document import Draft as Notes
from jalon.app.design.threats import blueprint_of
from jalon.design.blueprint import Blueprint
from jalon.design.threats.exchange.draft import Draft, slug
from jalon.design.threats.exchange.from_otm import from_otm
from jalon.design.threats.exchange.from_threagile import from_threagile
from jalon.design.threats.exchange.otm_model import OtmModel
from jalon.design.threats.exchange.threagile_model import ThreagileModel
from jalon.design.threats.exchange.to_otm import to_otm
from jalon.design.threats.exchange.to_threagile import to_threagile
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

FORMATS = ("threagile", "otm")
_MODELS: Mapping[str, type[BaseModel]] = {"threagile": ThreagileModel, "otm": OtmModel}
_MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import wrote, and sentences on what it could not carry over."""

    written: Sequence[Path]
    left: Sequence[Text]


def give_out(folder: Path, form: str, out: Path | None, today: date) -> tuple[str, list[Text]]:
    """The folder's model in that format, and notes; also written to `out`, which must be new.

    OTM is JSON unless the file's name ends in .yaml. Raises SolutionError and UsageError.
    """
    blueprint = blueprint_of(folder)
    text = _written(blueprint, form, out, today)
    notes = [Text(N_("Texts are given in English: this format has one language."))]
    if out is not None:
        _new(out, text)
    return text, notes


def _written(blueprint: Blueprint, form: str, out: Path | None, today: date) -> str:
    if form == "threagile":
        return _yaml(to_threagile(blueprint, today).model_dump(mode="json", exclude_none=True))
    plain = to_otm(blueprint, today).model_dump(mode="json", by_alias=True, exclude_none=True)
    if out is not None and out.suffix in (".yaml", ".yml"):
        return _yaml(plain)
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def bring_in(file: Path, form: str, into: Path) -> Brought:
    """Drafts of architecture.yaml and security.yaml (and solution.yaml where there is none) from a
    model of another tool. Files that are there stay as they are: the draft gets another name.

    Raises UsageError when the file cannot be read as that format, or a draft is there already.
    """
    draft = _draft(file, form)
    into.mkdir(parents=True, exist_ok=True)
    files = dict(_files(draft, form, into))
    taken = [path for path in files if path.exists()]
    if taken:
        raise UsageError(Text(N_("{path} exists; name a new file."), {"path": taken[0]}))
    for path, text in files.items():
        _new(path, text)
    left = list(draft.left)
    beside = [path.name for path in files if f".from-{form}" in path.name]
    if beside:
        words = N_("Nothing was overwritten; compare these drafts with your files: {names}.")
        left.append(Text(words, {"names": ", ".join(beside)}))
    if draft.systems and (into / "solution.yaml") not in files:
        words = N_("Write these under existing_systems of solution.yaml: {ids}.")
        left.append(Text(words, {"ids": ", ".join(one.id for one in draft.systems)}))
    return Brought(list(files), left)


def _draft(file: Path, form: str) -> Draft:
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise UsageError(Text(N_("{file} is too large to be a model."), {"file": file}))
        plain = _read(file, file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        text = Text(N_("{file} cannot be read: {problem}."), {"file": file, "problem": error})
        raise UsageError(text) from error
    try:
        model = _MODELS[form].model_validate(plain)
        # What their format allows and ours does not, such as a rate, shows here too.
        return from_otm(model) if isinstance(model, OtmModel) else _threagile(model)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        text = Text(
            N_("{file} is no {format} model: {place}: {problem}"),
            {
                "file": file,
                "format": form,
                "place": ".".join(map(str, first["loc"])) or "–",
                "problem": first["msg"],
            },
        )
        raise UsageError(text) from error


def _read(file: Path, text: str) -> object:
    """The plain values. Like our own files, so that aliases cannot multiply what is little."""
    notes = Notes("")
    document = yaml_reader.read(text, notes)
    if document is None or notes.findings:
        found = notes.findings[0]
        raise UsageError(
            Text(
                N_("{file} is neither YAML nor JSON: {problem}"),
                {
                    "file": file,
                    "problem": Text(
                        N_("Line {line}: {problem}"),
                        {"line": found.place.line, "problem": found.text},
                    ),
                },
            )
        )
    return document.value


def _threagile(model: BaseModel) -> Draft:
    assert isinstance(model, ThreagileModel)
    return from_threagile(model)


def _files(draft: Draft, form: str, into: Path) -> Iterator[tuple[Path, str]]:
    for part, model in (("architecture", draft.architecture), ("security", draft.security)):
        plain = _plain(model)
        if plain:
            path = into / f"{part}.yaml"
            if path.exists():
                path = into / f"{part}.from-{form}.yaml"
            yield path, _head(part, form) + _yaml(plain)
    if not (into / "solution.yaml").exists():
        about = {
            "id": slug(draft.name),
            "name": draft.name,
            "client": {"name": "?"},
            "problem": {"statement": "?"},
        }
        systems = [_plain(one) for one in draft.systems]
        whole = {**about, **({"existing_systems": systems} if systems else {})}
        yield into / "solution.yaml", _head("solution", form) + _yaml(whole)


def _head(part: str, form: str) -> str:
    return (
        f"# yaml-language-server: $schema=.jalon/schemas/{part}.schema.json\n"
        "#\n"
        f"# Draft made from a {form} model: what that format does not say is missing.\n\n"
    )


def _plain(model: BaseModel) -> dict[str, object]:
    """As people write it: without what says nothing, and a text once when it serves for both
    languages."""
    whole = model.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    simple = _simple(whole)
    assert isinstance(simple, dict)
    return simple


def _simple(value: object) -> object:
    if isinstance(value, dict):
        if set(value) == {"fr", "en"} and value["fr"] == value["en"]:
            return value["en"]
        return {key: _simple(one) for key, one in value.items() if one not in ([], {})}
    if isinstance(value, list):
        return [_simple(one) for one in value]
    return value


def _yaml(value: object) -> str:
    return yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=100)


def _new(path: Path, text: str) -> None:
    """Never over what is there, not even by a race."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(Text(N_("{path} exists; name a new file."), {"path": path})) from error
    except OSError as error:
        text_ = Text(N_("{path} cannot be written: {problem}."), {"path": path, "problem": error})
        raise UsageError(text_) from error
