"""The documents: versions, signatures, glossary and texts of one's own: `documents.yaml`."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from jalon.vocab.entries import Identifier, Strict, Wording


class Status(StrEnum):
    """How far a document is."""

    DRAFT = "draft"
    REVIEW = "review"
    SIGNED = "signed"


class DocumentRevision(Strict):
    """A version that was handed out."""

    id: Identifier = Field(description="Id of the entry, such as r1.")
    version: str = Field(description="The version, such as 1.0.")
    on: date = Field(description="The day.")
    by: Wording | None = Field(default=None, description="The role that wrote it.")
    changes: Wording = Field(description="What changed, for those who read the one before.")
    rev: str | None = Field(
        default=None, description="The git tag or commit of its files, for marks of changes."
    )


class Signatory(Strict):
    """Somebody who has to sign."""

    id: Identifier = Field(description="Id by which `jalon design document sign` names them.")
    role: Wording = Field(description="As whom they sign.")
    organisation: str | None = Field(default=None, description="For whom they sign.")
    name: str | None = Field(default=None, description="Who signs, when it may be printed.")
    signed_on: date | None = Field(default=None, description="The day they signed.")


class DocumentEntry(Strict):
    """One document, written from the template of the same id."""

    id: Identifier = Field(
        description="The id of its template: specification, design-file, or one of templates/."
    )
    version: str = Field(default="0.1", description="The version it has now.")
    status: Status = Field(default=Status.DRAFT, description="How far it is.")
    classification: Wording | None = Field(
        default=None, description="Who may read it, printed on every page."
    )
    author: Wording | None = Field(default=None, description="The role that answers for it.")
    languages: list[str] = Field(
        default_factory=lambda: ["fr", "en"], description="The languages it is handed out in."
    )
    revisions: list[DocumentRevision] = Field(
        default_factory=list, description="Its versions, oldest first."
    )
    signatories: list[Signatory] = Field(default_factory=list, description="Who has to sign.")
    sealed: dict[str, str] = Field(
        default_factory=dict,
        description="Fingerprints of the files as they were signed; written by `sign`.",
    )


class GlossaryEntry(Strict):
    """A word or an acronym that a reader may not know."""

    id: Identifier = Field(description="Id of the entry.")
    term: str = Field(description="The word or the acronym, as the texts write it.")
    meaning: Wording = Field(description="What it means, in a sentence.")


class Section(Strict):
    """A text that stands in no other file, such as the scope or the calendar."""

    id: Identifier = Field(description="Id by which templates name it: `{{ section: scope }}`.")
    text: Wording = Field(description="Paragraphs, lists and tables in simple Markdown.")


class DocumentsFile(Strict):
    """The whole of `documents.yaml`."""

    documents: list[DocumentEntry] = Field(default_factory=list, description="The documents.")
    sections: list[Section] = Field(default_factory=list, description="Texts of one's own.")
    glossary: list[GlossaryEntry] = Field(
        default_factory=list, description="Words and acronyms explained."
    )
