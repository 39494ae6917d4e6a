"""Fingerprints of what a document is written from: what was signed, and what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from jalon.design.blueprint import Blueprint
from jalon.design.specification.prose import file_of
from jalon.design.specification.template import CHAPTERS, Template

_SHOWN = 16


def seal(blueprint: Blueprint, templates: Iterable[Template]) -> dict[str, str]:
    """A fingerprint for each file that the document is written from, by the file's name without
    its ending; `templates` are those of its languages. Dates, signatures and measured values are
    no part of it."""
    parts = {"solution"}
    found = {}
    for template in templates:
        found[f"templates/{template.name}"] = _digest(repr((template.title, template.parts)))
        for slot in template.slots:
            parts |= set(CHAPTERS.get(slot.argument, ())) if slot.name == "chapter" else set()
    found |= {part: _digest(_content(blueprint, part)) for part in parts}
    written = blueprint.documents
    texts = [one.model_dump_json() for one in (*written.sections, *written.glossary)]
    found["documents"] = _digest("\n".join(texts))
    return dict(sorted(found.items()))


def whole(seals: Mapping[str, str]) -> str:
    """One fingerprint for all of them."""
    return _digest("\n".join(f"{part} {digest}" for part, digest in sorted(seals.items())))


def broken(sealed: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """The files whose fingerprint is another than when it was sealed."""
    for part in sorted({*sealed, *now}):
        if sealed.get(part) != now.get(part):
            yield part


def _content(blueprint: Blueprint, part: str) -> str:
    if part == "tests":
        cases = sorted(blueprint.cases.items())
        return "\n".join(f"{name} {file.model_dump_json()}" for name, file in cases)
    return file_of(blueprint, part).model_dump_json()


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_SHOWN]
