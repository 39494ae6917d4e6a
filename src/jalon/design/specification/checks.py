"""What `jalon check` says of documents, templates and the texts they are written from.

A solution without documents.yaml and without templates writes none yet, and nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from jalon.design.blueprint import Blueprint
from jalon.design.spec.documents import DocumentEntry, Status
from jalon.design.specification.acronyms import unexplained
from jalon.design.specification.prose import passages
from jalon.design.specification.readability import LONGEST, long_sentences
from jalon.design.specification.seal import broken, seal
from jalon.design.specification.templates import template_of, templates, templates_of
from jalon.vocab.finding import Mark, Path, Remark, Severity
from jalon.vocab.references import nearest, repeated
from jalon.vocab.text import N_, Text

_PART = "documents"


def check(blueprint: Blueprint, today: date) -> Iterator[Remark]:
    """Remarks about the files; only what leads nowhere is an error."""
    yield from _templates(blueprint)
    written = blueprint.documents
    if not written.documents:
        return
    ids: dict[str, list[str]] = {
        "documents": [one.id for one in written.documents],
        "sections": [one.id for one in written.sections],
        "glossary": [one.id for one in written.glossary],
    }
    for key, known in ids.items():
        yield from repeated("specification.duplicate-id", _PART, (key,), known)
    for index, entry in enumerate(written.documents):
        yield from _entry(blueprint, entry, ("documents", index), today)
    yield from _sections(blueprint)
    yield from _dead_references(blueprint)
    yield from _prose(blueprint)


def _templates(blueprint: Blueprint) -> Iterator[Remark]:
    for name in blueprint.templates:
        for fault in templates(blueprint)[name].faults:
            at = Mark(f"templates/{name}", (fault.line,), offset=fault.column - 1)
            yield Remark("specification.template", Severity.WARNING, at, fault.text, fault.hint)


def _entry(blueprint: Blueprint, entry: DocumentEntry, path: Path, today: date) -> Iterator[Remark]:
    known = {one.id for one in templates(blueprint).values()}
    if entry.id not in known:
        text = Text(N_("There is no template “{id}”."), {"id": entry.id})
        at = Mark(_PART, (*path, "id"))
        hint = nearest(entry.id, sorted(known))
        yield Remark("specification.unknown-template", Severity.ERROR, at, text, hint)
        return
    for number, language in enumerate(entry.languages):
        if template_of(blueprint, entry.id, language) is None:
            text = Text(
                N_("The template “{id}” is not written in the language “{language}”."),
                {"id": entry.id, "language": language},
            )
            at = Mark(_PART, (*path, "languages", number))
            yield Remark("specification.unknown-language", Severity.ERROR, at, text)
    signatories = repeated(
        "specification.duplicate-id",
        _PART,
        (*path, "signatories"),
        [one.id for one in entry.signatories],
    )
    yield from signatories
    yield from _signing(blueprint, entry, path)
    yield from _dates(entry, path, today)


def _signing(blueprint: Blueprint, entry: DocumentEntry, path: Path) -> Iterator[Remark]:
    if entry.status is not Status.SIGNED:
        return
    waiting = [one.id for one in entry.signatories if one.signed_on is None]
    if waiting or not entry.signatories:
        text = Text(N_("“{id}” is called signed, and not everybody has signed."), {"id": entry.id})
        at = Mark(_PART, (*path, "status"))
        hint = Text(
            N_("“jalon design document sign DIR {id}” notes a signature."), {"id": entry.id}
        )
        yield Remark("specification.unsigned", Severity.WARNING, at, text, hint)
        return
    changed = list(broken(entry.sealed, seal(blueprint, templates_of(blueprint, entry.id))))
    if entry.sealed and changed:
        text = Text(
            N_("“{id}” {version} was signed, and its sources changed since: {files}."),
            {"id": entry.id, "version": entry.version, "files": ", ".join(changed)},
        )
        hint = Text(
            N_("Take back the change, or raise the version, set the status to draft and sign anew.")
        )
        at = Mark(_PART, (*path, "sealed"))
        yield Remark("specification.changed-since-signed", Severity.WARNING, at, text, hint)


def _dates(entry: DocumentEntry, path: Path, today: date) -> Iterator[Remark]:
    revisions = entry.revisions
    if revisions and all(one.version != entry.version for one in revisions):
        text = Text(
            N_("The version is {version}, and the list of versions does not know it."),
            {"version": entry.version},
        )
        at = Mark(_PART, (*path, "version"))
        yield Remark("specification.unlisted-version", Severity.WARNING, at, text)
    for number, (one, after) in enumerate(pairwise(revisions), 1):
        if after.on < one.on:
            text = Text(N_("This version is older than the one before it in the list."))
            at = Mark(_PART, (*path, "revisions", number, "on"))
            yield Remark("specification.order", Severity.WARNING, at, text)
    for number, signatory in enumerate(entry.signatories):
        if signatory.signed_on is not None and signatory.signed_on > today:
            text = Text(N_("This day has not come yet."))
            at = Mark(_PART, (*path, "signatories", number, "signed_on"))
            yield Remark("specification.future", Severity.WARNING, at, text)


def _sections(blueprint: Blueprint) -> Iterator[Remark]:
    """Texts that no template asks for are printed nowhere."""
    wanted = {
        slot.argument
        for template in templates(blueprint).values()
        for slot in template.slots
        if slot.name == "section"
    }
    for index, one in enumerate(blueprint.documents.sections):
        if one.id not in wanted:
            text = Text(
                N_("No template asks for the text “{id}”: it is printed nowhere."), {"id": one.id}
            )
            at = Mark(_PART, ("sections", index, "id"))
            hint = nearest(one.id, sorted(wanted))
            yield Remark("specification.unused-section", Severity.WARNING, at, text, hint)


def _dead_references(blueprint: Blueprint) -> Iterator[Remark]:
    """Texts that cite `R-SOMETHING` where requirements are called so and none is that one."""
    about, architecture = blueprint.about, blueprint.architecture
    ids = [
        *(one.id for one in about.requirements),
        *(one.id for one in architecture.flows),
        *(one.id for one in architecture.components),
    ]
    prefixes = {found.group() for one in ids if (found := re.match(r"[A-Z]{1,4}-", one))}
    if not prefixes:
        return
    known = set(ids)
    cited = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(prefixes)))})[A-Z0-9-]*\w")
    for passage in passages(blueprint):
        for found in cited.findall(passage.text):
            if found not in known:
                text = Text(N_("The text cites {id}, and there is none."), {"id": found})
                hint = nearest(found, ids)
                yield Remark(
                    "specification.dead-reference", Severity.WARNING, passage.at, text, hint
                )


def _prose(blueprint: Blueprint) -> Iterator[Remark]:
    for term, passage in unexplained(blueprint):
        text = Text(N_("“{term}” is explained nowhere."), {"term": term})
        hint = Text(N_("Add it to the glossary in documents.yaml."))
        yield Remark("specification.acronym", Severity.INFO, passage.at, text, hint)
    for long in long_sentences(passages(blueprint)):
        text = Text(
            N_("A sentence of {count} words: “{start}…”"),
            {"count": long.words, "start": " ".join(long.sentence.split()[:6])},
        )
        hint = Text(N_("Cut it: beyond {most} words readers lose it."), {"most": LONGEST})
        yield Remark("specification.long-sentence", Severity.INFO, long.passage.at, text, hint)
