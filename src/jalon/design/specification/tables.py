"""The tables a template can ask for: requirements, versions, signatures, and the glossary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Paragraph, Speak, Table, Terms
from jalon.design.spec.documents import DocumentEntry
from jalon.design.spec.solution import Priority, Requirement
from jalon.design.specification.figures import bound, day, subject_words
from jalon.vocab.text import N_, Text

PRIORITIES = {
    Priority.MUST: N_("indispensable"),
    Priority.SHOULD: N_("important"),
    Priority.COULD: N_("desirable"),
    Priority.WONT: N_("not this time"),
}


def requirements(blueprint: Blueprint, speak: Speak, only: Mapping[str, str]) -> Iterator[Block]:
    """Those of a kind or a priority, or all."""
    about = blueprint.about
    chosen = [
        one
        for one in about.requirements
        if only.get("kind", one.kind) == one.kind
        and only.get("priority", one.priority) == one.priority
    ]
    if not chosen:
        return
    header = (N_("Requirement"), N_("Statement"), N_("Priority"), N_("Accepted when"))
    rows = [
        [
            one.id,
            speak.word(one.statement),
            speak.render(Text(PRIORITIES[one.priority])),
            accepted_when(one, blueprint, speak),
        ]
        for one in chosen
    ]
    caption = speak.render(Text(N_("Requirements")))
    yield Table(caption, [speak.render(Text(one)) for one in header], rows)


def accepted_when(one: Requirement, blueprint: Blueprint, speak: Speak) -> str:
    """The measure in words and the author's own, or a dash."""
    told = []
    if one.measure is not None:
        subject = subject_words(one.measure.subject, blueprint.about, speak)
        told.append(f"{subject} {bound(one.measure, speak)}")
    if one.acceptance is not None:
        told.append(speak.word(one.acceptance))
    return "; ".join(told) or "–"


def revisions(entry: DocumentEntry, speak: Speak) -> Iterator[Block]:
    """The versions that were handed out, oldest first."""
    if not entry.revisions:
        return
    header = (N_("Version"), N_("Date"), N_("By"), N_("What changed"))
    rows = [
        [one.version, day(one.on, speak.code), speak.word(one.by) or "–", speak.word(one.changes)]
        for one in entry.revisions
    ]
    caption = speak.render(Text(N_("Versions of this document")))
    yield Table(caption, [speak.render(Text(one)) for one in header], rows)


def signatures(entry: DocumentEntry, speak: Speak) -> Iterator[Block]:
    """Who has to sign, with room to do so."""
    if not entry.signatories:
        return
    header = (N_("As"), N_("For"), N_("Name"), N_("Date"), N_("Signature"))
    unsigned = speak.render(Text(N_("not signed yet")))
    signed = speak.render(Text(N_("signed")))
    rows = [
        [
            speak.word(one.role),
            one.organisation or "–",
            one.name or "–",
            day(one.signed_on, speak.code) if one.signed_on else "–",
            signed if one.signed_on else unsigned,
        ]
        for one in entry.signatories
    ]
    caption = speak.render(Text(N_("Signatures")))
    yield Table(caption, [speak.render(Text(one)) for one in header], rows)


def glossary(meanings: Mapping[str, str], speak: Speak) -> Iterator[Block]:
    """Terms in alphabetical order."""
    if not meanings:
        return
    text = N_("Words and acronyms that this document uses.")
    yield Paragraph(speak.render(Text(text)))
    yield Terms(sorted(meanings.items(), key=lambda one: one[0].casefold()))
