"""The documents of a solution: written, compared, signed, and how complete they are."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from jalon.adapters.documents.html import print_html, style_hash
from jalon.adapters.folder import edit
from jalon.app.design.revisions import at_revision, revision_of
from jalon.app.fleet_files import editing
from jalon.app.language import Language, language
from jalon.app.solution import Solution, load
from jalon.catalogues.document_templates import document_templates
from jalon.design.blueprint import Blueprint
from jalon.design.document import Document
from jalon.design.spec.documents import DocumentEntry, Status
from jalon.design.specification.build import Edition, document_of
from jalon.design.specification.changes import requirement_changes
from jalon.design.specification.completeness import Completeness, completeness
from jalon.design.specification.prose import passages
from jalon.design.specification.readability import Readability, readability
from jalon.design.specification.redline import compared
from jalon.design.specification.seal import broken, seal
from jalon.design.specification.template import Template
from jalon.design.specification.templates import document_ids, template_of, templates_of
from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text

_FILE = "documents.yaml"
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_PRINTING = threading.Lock()
"""One document at a time: printing takes seconds of a core."""


class Form(StrEnum):
    """What a document can be printed as."""

    HTML = "html"
    DOCX = "docx"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """As HTTP calls it."""
        return {
            Form.HTML: "text/html; charset=utf-8",
            Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Form.PDF: "application/pdf",
        }[self]


@dataclass(frozen=True, slots=True)
class State:
    """A document as it stands. `changed` are the files that changed since it was signed."""

    entry: DocumentEntry
    titles: dict[str, str]
    completeness: Completeness
    readability: Readability
    changed: tuple[str, ...]


def content_policy() -> str:
    """The content security policy under which an HTML document is shown: its own style, its own
    pictures, and nothing else."""
    return (
        f"default-src 'none'; style-src '{style_hash()}'; img-src data:; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    )


def write_document(
    solution: Solution, name: str, code: str, today: date, since: str = ""
) -> Document:
    """The document in the language, with what changed since a git revision marked when one is
    given. Raises UsageError for an unknown document or revision, SolutionError when the solution
    could not be read at that revision."""
    return _compared(solution.blueprint, solution.folder, name, code, today, since)


def print_document(document: Document, form: Form) -> bytes:
    """The file's bytes."""
    spoken = language(document.language)
    match form:
        case Form.HTML:
            return print_html(document, spoken)
        case Form.DOCX:
            from jalon.adapters.documents.docx import print_docx

            return print_docx(document, spoken)
        case Form.PDF:
            from jalon.adapters.documents.pdf import print_pdf

            return print_pdf(document, spoken)


def printed(
    solution: Solution, name: str, code: str, form: Form, today: date, since: str = ""
) -> bytes:
    """The bytes of `write_document`, for whoever asks often: the same files, day and revision are
    printed once, and one document at a time. Raises as `write_document`."""
    revision = revision_of(solution.folder, since).id if since else ""
    with _PRINTING:
        marks = (since, revision)
        return _printed(solution.blueprint, solution.folder, name, code, form, today, marks)


@lru_cache(maxsize=16)
def _printed(
    blueprint: Blueprint,
    folder: Path,
    name: str,
    code: str,
    form: Form,
    today: date,
    since: tuple[str, str],
) -> bytes:
    """`since` is what a revision is called and its id: a branch moves on."""
    return print_document(_compared(blueprint, folder, name, code, today, since[0]), form)


def file_name(solution: Solution, name: str, code: str, form: Form) -> str:
    """What the file is called: solution, document, version, language, in characters that every
    disk and every header takes."""
    version = entry_of(solution.blueprint, name).version
    return _NO_NAME.sub("-", f"{solution.about.id}-{name}-{version}-{code}.{form}")


def names(solution: Solution) -> list[str]:
    """Every document that can be written."""
    return document_ids(solution.blueprint)


def entry_of(blueprint: Blueprint, name: str) -> DocumentEntry:
    """What documents.yaml says of it; the defaults when it says nothing."""
    found = (one for one in blueprint.documents.documents if one.id == name)
    return next(found, DocumentEntry(id=name))


def languages_of(solution: Solution, name: str) -> list[str]:
    """The languages it is handed out in, as far as there are templates."""
    wanted = entry_of(solution.blueprint, name).languages
    return [one for one in wanted if template_of(solution.blueprint, name, one) is not None]


def state(solution: Solution, name: str, code: str, today: date) -> State:
    """How complete and how readable it is. Raises UsageError for an unknown document."""
    blueprint = solution.blueprint
    template = _template(blueprint, name, code)
    entry = entry_of(blueprint, name)
    changed: Sequence[str] = ()
    if entry.status is Status.SIGNED and entry.sealed:
        changed = tuple(broken(entry.sealed, seal(blueprint, templates_of(blueprint, name))))
    return State(
        entry,
        {one.language: one.title for one in templates_of(blueprint, name)},
        completeness(Edition(blueprint, template, language(code), today)),
        readability(passages(blueprint), code),
        tuple(changed),
    )


def sign(folder: Path, name: str, signatory: str, on: date) -> bool:
    """Note that a signatory signed the document as it is now; whether it is signed by all.

    The first signature seals the content; when it changed since, or the version was signed by all,
    a signature is refused. Raises UsageError.
    """
    with editing(folder) as draft:
        solution = load(folder)
        entry = _listed(solution, name)
        seals = seal(solution.blueprint, templates_of(solution.blueprint, name))
        _may_sign(entry, signatory, seals)
        signatories = [
            _plain(one, on if one["id"] == signatory else None)
            for one in entry.model_dump(mode="json", exclude_none=True)["signatories"]
        ]
        whole = all("signed_on" in one for one in signatories)
        fields: dict[str, object] = {"signatories": signatories, "sealed": seals}
        if whole:
            fields["status"] = Status.SIGNED.value
        draft.put(_FILE, edit.entry_changed(draft.read(_FILE), ("documents",), name, fields))
        draft.commit()
    return whole


def eject(folder: Path) -> list[str]:
    """Copy the templates that the solution does not have yet into its folder; their names."""
    copied = []
    for name, text in document_templates().items():
        path = folder / "templates" / f"{name}.md"
        if not path.exists():
            edit.write(path, text.encode())
            copied.append(f"templates/{name}.md")
    return copied


def _compared(
    blueprint: Blueprint, folder: Path, name: str, code: str, today: date, since: str
) -> Document:
    spoken = language(code)
    document = _written(blueprint, name, spoken, today)
    if not since:
        return document
    with at_revision(folder, since) as earlier:
        before = load(earlier).blueprint
    old = _written(before, name, spoken, today)
    marked = compared(old, document)
    table = requirement_changes(before.about, blueprint.about, spoken, since)
    text = Text(N_("With the changes since {revision} marked."), {"revision": since})
    notice = " ".join(one for one in (document.notice, spoken.render(text)) if one)
    return replace(marked, notice=notice, content=(*table, *marked.content))


def _written(blueprint: Blueprint, name: str, spoken: Language, today: date) -> Document:
    template = _template(blueprint, name, spoken.code)
    return document_of(Edition(blueprint, template, spoken, today))


def _template(blueprint: Blueprint, name: str, code: str) -> Template:
    template = template_of(blueprint, name, code)
    if template is None:
        text = Text(
            N_("There is no document “{id}” in the language “{language}”; known are {known}."),
            {"id": name, "language": code, "known": ", ".join(document_ids(blueprint))},
        )
        raise UsageError(text)
    return template


def _listed(solution: Solution, name: str) -> DocumentEntry:
    for one in solution.blueprint.documents.documents:
        if one.id == name:
            return one
    text = Text(N_("documents.yaml knows no document “{id}”."), {"id": name})
    raise UsageError(text)


def _may_sign(entry: DocumentEntry, signatory: str, seals: dict[str, str]) -> None:
    """Raises UsageError when there is nothing to sign."""
    known = {one.id: one for one in entry.signatories}
    if signatory not in known:
        text = Text(
            N_("“{id}” is no signatory; those of the document are {known}."),
            {"id": signatory, "known": ", ".join(known) or "–"},
        )
        raise UsageError(text)
    if known[signatory].signed_on is not None:
        text = Text(N_("“{id}” has signed this version already."), {"id": signatory})
        raise UsageError(text)
    others = any(one.signed_on is not None for one in entry.signatories)
    if others and entry.sealed and list(broken(entry.sealed, seals)):
        text = Text(
            N_(
                "Others signed another content: {files} changed since. Raise the version and take"
                " the signatures away first."
            ),
            {"files": ", ".join(broken(entry.sealed, seals))},
        )
        raise UsageError(text)


def _plain(signatory: dict[str, object], on: date | None) -> dict[str, object]:
    """A signatory as it is written in the file: a text for all stays one."""
    shown = dict(signatory)
    role = shown.get("role")
    if isinstance(role, dict) and role.get("fr") == role.get("en"):
        shown["role"] = role["fr"]
    if on is not None:
        shown["signed_on"] = on.isoformat()
    return shown
