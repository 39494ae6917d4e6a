"""A document from its template: places filled, chapters written, headings in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Document, Heading, Speak, Table
from jalon.design.spec.documents import DocumentEntry, Status
from jalon.design.specification.acronyms import explained, used
from jalon.design.specification.block_texts import texts_of, typeset, with_texts
from jalon.design.specification.chapters import CHAPTER_OF
from jalon.design.specification.commitments import commitments_table
from jalon.design.specification.figures import day
from jalon.design.specification.markdown import blocks
from jalon.design.specification.seal import seal, whole
from jalon.design.specification.summary import summary
from jalon.design.specification.tables import glossary, requirements, revisions, signatures
from jalon.design.specification.template import Slot, Template, filled
from jalon.design.specification.templates import templates_of
from jalon.vocab.text import N_, Text

STATUS_WORDS = {
    Status.DRAFT: N_("Draft"),
    Status.REVIEW: N_("For review"),
    Status.SIGNED: N_("Signed"),
}
_DEEPEST = 6


@dataclass(frozen=True)
class Edition:
    """One document, in one language, on one day."""

    blueprint: Blueprint
    template: Template
    speak: Speak
    today: date

    @cached_property
    def entry(self) -> DocumentEntry:
        """What documents.yaml says of it."""
        found = (one for one in self.blueprint.documents.documents if one.id == self.template.id)
        return next(found, DocumentEntry(id=self.template.id))

    @cached_property
    def words(self) -> dict[str, str]:
        """What stands for the places inside texts."""
        about, entry, speak = self.blueprint.about, self.entry, self.speak
        return {
            "solution": speak.word(about.name),
            "client": about.client.name,
            "contact": about.client.contact or "–",
            "version": entry.version,
            "date": day(self.today, speak.code),
            "status": speak.render(Text(STATUS_WORDS[entry.status])),
            "classification": speak.word(entry.classification) or "–",
            "author": speak.word(entry.author) or "–",
        }

    @cached_property
    def expanded(self) -> list[tuple[Slot | None, list[Block]]]:
        """The parts of the template, places with the blocks that fill them: none when there is
        nothing to say."""
        level = 0
        found: list[tuple[Slot | None, list[Block]]] = []
        for part in self.template.parts:
            if isinstance(part, Slot):
                written = list(self.fill(part))
                if part.name == "chapter" and level:
                    written = _without_title(written)
                found.append((part, [_below(one, level) for one in written]))
                continue
            if isinstance(part, Heading):
                level = part.level
            found.append((None, [_worded(part, self.words)]))
        texts = [text for _slot, some in found for one in some for text in texts_of(one)]
        for index, (slot, _blocks) in enumerate(found):
            if slot is not None and slot.name == "glossary":
                found[index] = slot, list(self._glossary(texts))
        return found

    def fill(self, slot: Slot) -> Iterable[Block]:
        """The blocks of a place; of the glossary only once all texts are known."""
        match slot.name:
            case "chapter":
                return CHAPTER_OF[slot.argument](self.blueprint, self.speak, self.today)
            case "section":
                return self._section(slot.argument)
            case "summary":
                return summary(self.blueprint, self.speak)
            case "requirements":
                return requirements(self.blueprint, self.speak, slot.options)
            case "commitments":
                table = commitments_table(self.blueprint, self.speak)
                return [table] if table else []
            case "revisions":
                return revisions(self.entry, self.speak)
            case "signatures":
                return signatures(self.entry, self.speak)
        return []

    def _section(self, wanted: str) -> list[Block]:
        for one in self.blueprint.documents.sections:
            if one.id == wanted:
                return [_worded(block, self.words) for block in blocks(self.speak.word(one.text))]
        return []

    def _glossary(self, texts: Iterable[str]) -> Iterator[Block]:
        known = explained(self.blueprint)
        meanings = {term: known[term].in_language(self.speak.code) for term in used(texts, known)}
        return glossary(meanings, self.speak)


def document_of(edition: Edition) -> Document:
    """The whole document."""
    template, speak = edition.template, edition.speak
    words, entry = edition.words, edition.entry
    content = [
        with_texts(one, lambda text: typeset(text, speak.code))
        for _slot, some in edition.expanded
        for one in some
    ]
    classification = speak.word(entry.classification)
    foot = [template.title, words["solution"], f"{_say(speak, N_('Version'))} {entry.version}"]
    if classification:
        foot.append(classification)
    notice = ""
    if entry.status is not Status.SIGNED:
        notice = _say(speak, N_("This version is not signed: it binds nobody yet."))
    return Document(
        title=typeset(template.title, speak.code),
        subtitle=typeset(words["solution"], speak.code),
        language=speak.code,
        facts=_facts(edition, classification),
        content=tuple(_anchored(_in_order(_without_empty(_captioned(content))))),
        running=typeset(" – ".join(foot), speak.code),
        author=_author(edition),
        on=edition.today,
        notice=notice,
    )


def _author(edition: Edition) -> str:
    """Who answers for the document, else for whom it is."""
    return edition.speak.word(edition.entry.author) or edition.blueprint.about.client.name


def _facts(edition: Edition, classification: str) -> list[tuple[str, str]]:
    words, speak = edition.words, edition.speak
    facts = [
        (N_("Client"), words["client"]),
        (N_("Version"), words["version"]),
        (N_("Date"), words["date"]),
        (N_("Status"), words["status"]),
    ]
    if edition.entry.author is not None:
        facts.append((N_("Written by"), words["author"]))
    if classification:
        facts.append((N_("Circulation"), classification))
    mark = whole(seal(edition.blueprint, templates_of(edition.blueprint, edition.template.id)))
    facts.append((N_("Fingerprint of its sources"), mark))
    return [(_say(speak, name), typeset(value, speak.code)) for name, value in facts]


def _say(speak: Speak, message: str) -> str:
    return speak.render(Text(message))


def _worded(block: Block, words: Mapping[str, str]) -> Block:
    """The block with the places inside its texts filled."""
    return with_texts(block, lambda text: filled(text, words))


def _without_title(blocks: Sequence[Block]) -> list[Block]:
    """A chapter that begins with its own title, under which all the rest stands, leaves it to the
    template."""
    tops = [one for one in blocks if isinstance(one, Heading) and one.level == 1]
    if len(tops) != 1 or blocks[0] is not tops[0]:
        return list(blocks)
    return [
        replace(one, level=max(1, one.level - 1)) if isinstance(one, Heading) else one
        for one in blocks[1:]
    ]


def _below(block: Block, level: int) -> Block:
    if isinstance(block, Heading):
        return replace(block, level=min(_DEEPEST, block.level + level))
    return block


def _captioned(content: Sequence[Block]) -> Iterator[Block]:
    """A table without a caption is called as the heading above it."""
    above = ""
    for one in content:
        if isinstance(one, Heading):
            above = one.text
        yield replace(one, caption=above) if isinstance(one, Table) and not one.caption else one


def _without_empty(content: Iterable[Block]) -> list[Block]:
    """Headings that nothing stands under are left out."""
    kept: list[Block] = []
    level = 0
    for one in reversed(list(content)):
        if isinstance(one, Heading):
            if level < one.level:
                continue
            # What follows belongs to it down to its own level; above that, nothing does yet.
            level = one.level - 1
        else:
            level = _DEEPEST
        kept.append(one)
    return kept[::-1]


def _in_order(content: Iterable[Block]) -> Iterator[Block]:
    """No heading is more than one level below the one before."""
    deepest = 0
    for one in content:
        if isinstance(one, Heading):
            deepest = min(one.level, deepest + 1)
            yield replace(one, level=deepest)
        else:
            yield one


def _anchored(content: Iterable[Block]) -> Iterator[Block]:
    """Every heading has an anchor of its own."""
    taken: set[str] = set()
    for one in content:
        if isinstance(one, Heading):
            wish = one.anchor if one.anchor and one.anchor not in taken else ""
            anchor = wish or f"s{len(taken) + 1}"
            while anchor in taken:
                anchor += "x"
            taken.add(anchor)
            yield replace(one, anchor=anchor)
        else:
            yield one
