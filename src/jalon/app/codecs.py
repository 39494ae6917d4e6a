"""The codecs of a solution: which one reads the frames of each type of device, ready to work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path, PurePosixPath
from typing import Protocol

from jalon.adapters.sandbox import Sandbox, ScriptError
from jalon.adapters.sandbox import ScriptCodec as ScriptRunner
from jalon.run.codecs.binary import Binary
from jalon.run.codecs.cayenne import CayenneLpp, is_name
from jalon.run.codecs.cbor import Cbor
from jalon.run.codecs.codec import Codec, Encoder
from jalon.run.codecs.layout import all_names
from jalon.run.codecs.plugin import GROUP, Plugin, PluginError
from jalon.run.codecs.spec import (
    BinaryCodec,
    CborCodec,
    CodecSpec,
    LppCodec,
    PluginCodec,
    ScriptCodec,
)
from jalon.run.things import ThingModel
from jalon.vocab.errors import UsageError
from jalon.vocab.finding import Mark, Remark, Severity
from jalon.vocab.references import nearest
from jalon.vocab.text import N_, Text

MAX_SCRIPT = 1 << 20
"""Bytes of a JavaScript codec; the largest published ones have a tenth of it."""


class Both(Codec, Encoder, Protocol):
    """Reads and writes; what cannot write refuses when it is asked."""


class Folder(Protocol):
    """The part of a solution that codecs are opened from."""

    @property
    def folder(self) -> Path:
        """Where the files are."""

    @property
    def things(self) -> Mapping[str, ThingModel]:
        """The types of device."""


class CodecError(UsageError):
    """A codec that the files name cannot be had. `key` of `jalon:codec` is to blame."""

    def __init__(self, rule: str, key: str, text: Text, hint: Text | None = None) -> None:
        super().__init__(text)
        self.rule = rule
        self.key = key
        self.hint = hint


class Codecs(Mapping[str, Codec]):
    """The codec of each thing that has one; the others speak JSON. To be closed when nobody
    decodes with them any more."""

    def __init__(self, opened: Mapping[str, Both], own: Sandbox | None = None) -> None:
        self._opened = opened
        self._own = own

    def __getitem__(self, thing: str) -> Codec:
        return self._opened[thing]

    def __iter__(self) -> Iterator[str]:
        return iter(self._opened)

    def __len__(self) -> int:
        return len(self._opened)

    def encoder(self, thing: str) -> Encoder | None:
        """What writes frames for a thing; None when it speaks JSON."""
        return self._opened.get(thing)

    def close(self) -> None:
        """End the sandbox that was opened for these codecs; a lent one goes on."""
        if self._own is not None:
            self._own.close()

    def __enter__(self) -> Codecs:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def open_codecs(solution: Folder, sandbox: Sandbox | None = None) -> Codecs:
    """The codecs of the solution's Thing Models, for one thread. Those in JavaScript run in
    `sandbox`, else in one of their own.

    Raises CodecError for one that cannot be had, when the files changed since they were checked.
    """
    folder, used = solution.folder / "things", sandbox or Sandbox()
    opened = {
        name: _opened(name, thing.codec, folder, used)
        for name, thing in solution.things.items()
        if thing.codec is not None
    }
    return Codecs(opened, None if sandbox else used)


def check_codecs(folder: Path, things: Mapping[str, ThingModel]) -> Iterator[Remark]:
    """What is wrong with the codecs of the Thing Models of a solution's folder."""
    with Sandbox() as sandbox:
        for name, thing in things.items():
            if thing.codec is None:
                continue
            try:
                codec = _opened(name, thing.codec, folder / "things", sandbox)
                if isinstance(codec, ScriptRunner):
                    _check_script(codec, thing.codec)
            except CodecError as error:
                at = Mark(f"things/{name}", ("jalon:codec", error.key))
                yield Remark(error.rule, Severity.ERROR, at, error.text, error.hint)
            yield from _unread(name, thing, thing.codec)


def _opened(name: str, spec: CodecSpec, things: Path, sandbox: Sandbox) -> Both:
    match spec:
        case ScriptCodec():
            return sandbox.script(name, _source(things, spec.file), normalize=spec.normalize)
        case PluginCodec():
            return _plugin(spec.name)
        case LppCodec():
            return CayenneLpp()
        case CborCodec():
            return Cbor()
        case BinaryCodec():
            return Binary(spec)


def _check_script(codec: ScriptRunner, spec: CodecSpec) -> None:
    assert isinstance(spec, ScriptCodec)
    try:
        codec.check()
    except ScriptError as error:
        hint = None
        if error.line:
            text = N_("See line {line}, column {column} of things/{file}.")
            params = {"line": error.line, "column": error.column, "file": spec.file}
            hint = Text(text, params)
        raise CodecError("codec.script", "file", error.text, hint) from error


def _source(things: Path, file: str) -> str:
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts:
        text = Text(N_("The file stands beside the Thing Model: no “/” in front, no “..” inside."))
        raise CodecError("codec.file-elsewhere", "file", text)
    try:
        raw = (things / path).read_bytes()
    except OSError:
        there = [one.name for one in things.glob("*.js")]
        text = Text(N_("There is no file things/{file}."), {"file": file})
        raise CodecError("codec.missing-file", "file", text, nearest(file, there)) from None
    if len(raw) > MAX_SCRIPT:
        text = Text(
            N_("{file} has {size} bytes; a codec has {most} at most."),
            {"file": file, "size": len(raw), "most": MAX_SCRIPT},
        )
        raise CodecError("codec.script", "file", text)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = Text(N_("{file} is not a text in UTF-8."), {"file": file})
        raise CodecError("codec.script", "file", text) from None


def _plugin(name: str) -> Plugin:
    offered = {one.name: one for one in entry_points(group=GROUP)}
    if name not in offered:
        text = Text(
            N_("No installed package offers the codec “{name}” (entry points {group})."),
            {"name": name, "group": GROUP},
        )
        raise CodecError("codec.unknown-plugin", "name", text, nearest(name, offered))
    try:
        return Plugin(name, _loaded(offered[name]))
    except PluginError as error:
        text = Text(
            N_("The codec “{name}” cannot be used: {problem}"),
            {"name": name, "problem": str(error)},
        )
        raise CodecError("codec.plugin", "name", text) from error


def _loaded(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except Exception as error:  # importing somebody else's package may raise anything
        raise PluginError(f"{type(error).__name__}: {error}") from error


def _unread(name: str, thing: ThingModel, spec: CodecSpec) -> Iterator[Remark]:
    """Properties that no frame can ever fill, where the names of the values are known."""
    given = all_names(spec.fields) if isinstance(spec, BinaryCodec) else None
    for key, declared in thing.properties.items():
        value = (declared.path or key).partition(".")[0]
        at = Mark(f"things/{name}", ("properties", key), on_key=True)
        if declared.write_only:
            continue
        if given is not None and value not in given:
            text = Text(N_("No field of the layout gives “{name}”."), {"name": value})
            yield Remark("codec.unread", Severity.WARNING, at, text, nearest(value, given))
        elif isinstance(spec, LppCodec) and not is_name(value):
            text = Text(
                N_("Cayenne LPP has no “{name}”: values are named as temperature_1."),
                {"name": value},
            )
            yield Remark("codec.unread", Severity.WARNING, at, text)
