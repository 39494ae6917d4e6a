"""Record of processing, data map, retention and impact assessment, as blocks of a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jalon.design.blueprint import Blueprint
from jalon.design.document import Block, Bullets, Heading, Note, Paragraph, Speak, Table, Terms
from jalon.design.duties.dpia import LEVELS, QUESTIONS, RiskView, answers, risks
from jalon.design.duties.phrases import Phrases
from jalon.design.duties.register import (
    BASIS_WORDS,
    NATURE_WORDS,
    PERSONAL_WORDS,
    RIGHT_WORDS,
    RegisterEntry,
    data_map,
    register,
)
from jalon.design.duties.retention import retention
from jalon.design.duties.screening import screen
from jalon.design.spec.dpia import Opinion
from jalon.vocab.text import N_


def register_blocks(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    """The controller's and the processor's record, each processing with all that article 30
    asks."""
    phrases = Phrases(speak)
    yield Heading(phrases.say(N_("Record of processing")), 2, "duties-register")
    controller = blueprint.privacy.controller
    if controller:
        parts = [controller.name, controller.contact, controller.representative, controller.dpo]
        yield Paragraph(
            phrases.say(N_("Controller: {who}."), who=", ".join(part for part in parts if part))
        )
    found = register(blueprint)
    if not (found.controller or found.processor):
        yield Paragraph(phrases.say(N_("privacy.yaml lists no processing.")))
    if found.controller:
        yield _summary(phrases, N_("Controller's record, article 30(1)"), found.controller)
    if found.processor:
        yield _summary(phrases, N_("Processor's record, article 30(2)"), found.processor)
    for entry in (*found.controller, *found.processor):
        yield Heading(speak.word(entry.processing.name), 3)
        yield Terms(list(_details(phrases, entry)))
    if blueprint.privacy.breach:
        breach = blueprint.privacy.breach
        yield Note(
            phrases.say(N_("Breach")),
            phrases.say(
                N_("{contact} notifies within 72 hours. {procedure}"),
                contact=breach.contact,
                procedure=speak.word(breach.procedure),
            ),
        )


def _summary(phrases: Phrases, caption: str, entries: Sequence[RegisterEntry]) -> Table:
    header = [N_("Processing"), N_("Purpose"), N_("Basis"), N_("People"), N_("Kept")]
    rows = []
    for one in entries:
        basis = one.processing.basis
        people = phrases.joined(one.people)
        counted = f"{people} ({one.people_count})" if one.people_count else people
        rows.append(
            [
                phrases.text(one.processing.name),
                phrases.text(one.processing.purpose),
                phrases.say(BASIS_WORDS[basis]) if basis else "–",
                counted,
                phrases.days(one.processing.retention),
            ]
        )
    return Table(phrases.say(caption), [phrases.say(one) for one in header], rows)


def _details(phrases: Phrases, entry: RegisterEntry) -> Iterator[tuple[str, str]]:
    one = entry.processing
    transfers = [
        f"{phrases.text(to.to)} ({to.country}): {phrases.text(to.safeguard)}"
        for to in one.transfers
    ]
    rights = [f"{phrases.say(RIGHT_WORDS[r.right])}: {phrases.text(r.how)}" for r in one.rights]
    controls = [phrases.text(name) for name in entry.controls]
    security = [*controls, phrases.text(one.security_note)] if one.security_note else controls
    lines = (
        (N_("Data"), phrases.joined(data.name for data in entry.data)),
        (N_("Reported by"), ", ".join(entry.fields) or "–"),
        (N_("Flows"), ", ".join(entry.flows) or "–"),
        (N_("Why this basis"), phrases.text(one.basis_reason)),
        (N_("Why no less"), phrases.text(one.necessity)),
        (N_("Recipients"), phrases.recipients(entry.recipients)),
        (N_("Transfers outside the EEA"), phrases.joined(transfers)),
        (N_("Why so long"), phrases.text(one.retention_reason)),
        (N_("How people are told"), phrases.text(one.information)),
        (N_("Rights"), phrases.joined(rights)),
        (N_("Security"), phrases.joined(security)),
    )
    for label, told in lines:
        if told != "–":
            yield phrases.say(label), told


def map_blocks(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    """Field, category, purpose, basis, time, recipients; then what the store really deletes."""
    phrases = Phrases(speak)
    yield Heading(phrases.say(N_("Map of data")), 2, "duties-map")
    rows = []
    for one in data_map(blueprint):
        basis = one.processing.basis if one.processing else None
        nature = phrases.say(NATURE_WORDS[one.category.nature])
        person = phrases.say(PERSONAL_WORDS[one.category.personal])
        rows.append(
            [
                f"{one.source} – {phrases.text(one.names)}",
                f"{phrases.text(one.category.name)} ({person}, {nature})",
                phrases.text(one.purpose)
                if one.processing
                else phrases.say(N_("no purpose: why is it collected?")),
                phrases.say(BASIS_WORDS[basis]) if basis else "–",
                phrases.days(one.processing.retention) if one.processing else "–",
                phrases.recipients(one.recipients),
            ]
        )
    header = [
        N_("Field"),
        N_("Category"),
        N_("Purpose"),
        N_("Basis"),
        N_("Kept for"),
        N_("Recipients"),
    ]
    if not rows:
        yield Paragraph(phrases.say(N_("privacy.yaml lists no data.")))
        return
    yield Table(
        phrases.say(N_("Every field on its way")), [phrases.say(one) for one in header], rows
    )
    yield from _kept(blueprint, phrases)


def _kept(blueprint: Blueprint, phrases: Phrases) -> Iterator[Block]:
    yield Heading(phrases.say(N_("What the running solution deletes")), 3)
    kept = retention(blueprint)
    if not kept:
        yield Paragraph(phrases.say(N_("Nothing: no processing has a time.")))
        return
    yield Table(
        phrases.say(N_("Readings are erased when they are older")),
        [phrases.say(one) for one in (N_("Device type"), N_("Property"), N_("After"), N_("For"))],
        [
            [one.thing, one.prop, phrases.number_of_days(one.days), ", ".join(one.why)]
            for one in kept.values()
        ],
    )


def dpia_blocks(blueprint: Blueprint, speak: Speak) -> Iterator[Block]:
    """The nine criteria, and the assessment itself when they call for one."""
    phrases = Phrases(speak)
    screening = screen(blueprint)
    yield Heading(phrases.say(N_("Impact assessment (DPIA)")), 2, "duties-dpia")
    yield Paragraph(
        phrases.say(
            N_("{count} of nine criteria hold: an assessment is owed.")
            if screening.needed
            else N_("{count} of nine criteria hold: no assessment is owed."),
            count=len(screening.met),
        )
    )
    rows = []
    for one in screening.criteria:
        told = speak.render(one.because)
        if one.said is not None:
            told = f"{speak.word(one.said.reason)} ({one.said.by or '–'}; {told})"
        met = phrases.say(N_("yes") if one.met else N_("no"))
        rows.append([f"{one.number}. {speak.word(one.name)}", met, told])
    yield Table(
        phrases.say(N_("The nine criteria")),
        [phrases.say(one) for one in (N_("Criterion"), N_("Holds"), N_("Reason"))],
        rows,
    )
    if screening.needed or blueprint.privacy.dpia is not None:
        yield from _assessment(blueprint, speak, phrases)


def _assessment(blueprint: Blueprint, speak: Speak, phrases: Phrases) -> Iterator[Block]:
    yield Heading(phrases.say(N_("Context and principles")), 3)
    for number, lines in answers(blueprint, speak).items():
        yield Heading(phrases.say(QUESTIONS[number]), 4)
        yield Bullets(lines) if len(lines) > 1 else Paragraph(lines[0])
    yield Heading(phrases.say(N_("The three feared events")), 3)
    found = risks(blueprint)
    yield Table(
        phrases.say(N_("Severity and likelihood, each 1 to 4")),
        [
            phrases.say(one)
            for one in (N_("Feared event"), N_("Severity"), N_("Likelihood"), N_("Measures"))
        ],
        [_risk(phrases, one) for one in found],
    )
    for one in found:
        yield Bullets(
            [
                f"{speak.word(one.entry.name)} – {phrases.say(label)}: {phrases.joined(words)}"
                for label, words in (
                    (N_("impacts"), one.impacts),
                    (N_("threats"), one.threats),
                    (N_("sources"), one.sources),
                )
                if words
            ]
        )
    yield from _validation(blueprint, phrases)


def _risk(phrases: Phrases, one: RiskView) -> list[str]:
    proposed = f" {phrases.say(N_('(proposed)'))}" if one.prefilled else ""
    return [
        phrases.text(one.entry.name),
        f"{phrases.say(LEVELS[one.severity])}{proposed}: {phrases.text(one.severity_because)}",
        f"{phrases.say(LEVELS[one.likelihood])}{proposed}: {phrases.text(one.likelihood_because)}",
        phrases.joined(control.name for control in one.measures),
    ]


def _validation(blueprint: Blueprint, phrases: Phrases) -> Iterator[Block]:
    notes = blueprint.privacy.dpia
    yield Heading(phrases.say(N_("Plan and validation")), 3)
    if notes is None:
        yield Paragraph(phrases.say(N_("Nobody has weighed it yet (privacy.yaml, dpia).")))
        return
    if notes.actions:
        yield Table(
            phrases.say(N_("Actions")),
            [phrases.say(one) for one in (N_("Action"), N_("Owner"), N_("Due"))],
            [
                [phrases.text(one.name), one.owner or "–", phrases.day(one.due)]
                for one in notes.actions
            ],
        )
    lines = [
        (N_("Opinion of the protection officer"), _opinion(phrases, notes.dpo)),
        (N_("Opinion of the people"), _opinion(phrases, notes.people)),
        (N_("Validated"), f"{notes.validated_by or '–'}, {phrases.day(notes.validated_on)}"),
        (N_("To be looked at again"), phrases.day(notes.review_on)),
    ]
    yield Terms([(phrases.say(label), told) for label, told in lines])


def _opinion(phrases: Phrases, one: Opinion | None) -> str:
    if one is None:
        return phrases.say(N_("not asked yet"))
    return f"{phrases.text(one.text)} ({one.by}, {phrases.day(one.on)})"
